"""The life of a plan: what each change does to a case (C1 to C3, L5 to L7), and what it would do."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime

from tests.model.model_case import Case
from tests.model.model_charges import (
    NOTHING,
    bill,
    credit_for_unused_days,
    overage_lines,
    plan_line,
    purchase_line,
)
from tests.model.model_cycles import Cycle, anchor_day_of, end_of_cycle
from tests.model.model_prices import TIERS, features_of
from tests.model.model_results import Preview


def activate(case: Case, tier: str, payment_method: str, at: datetime) -> None:
    """L5, C1: a first cycle, or after a deactivation another first one; charged in full, and full."""
    kind = "ACTIVATION" if case.status == "NOT_ACTIVATED" else "REACTIVATION"
    case.status, case.tier, case.payment_method = "ACTIVE", tier, payment_method
    _begin(case, at)
    case.fill(f"{kind}_FILL", at)
    bill(case, kind, at, [plan_line(case.cycles[-1])])


def upgrade(case: Case, tier: str, at: datetime, *, by_card: bool = False) -> None:
    """C2, L5, T5: the open cycle ends now and a new one begins now, with a new anchor; both are billed.

    by_card: and so is all that comes, where monthly invoices came before (C7).
    """
    old = case.cycles[-1]
    _cut(case, at)
    case.tier, case.scheduled_tier = tier, None
    case.payment_method = "CARD" if by_card else case.payment_method
    _begin(case, at)
    if case.cap is None:
        for task in case.running:
            if case.provisional_of(task):
                task.charged_when_all_held = task.charged
                case.hold_all(task, at)
    case.fill("UPGRADE_FILL", at)
    lines = [*overage_lines(case, case.cycles[-2]), plan_line(case.cycles[-1])]
    bill(case, "UPGRADE", at, lines, credit_for_unused_days(old, at))


def take_downgrade(case: Case, tier: str, at: datetime) -> None:
    """L6, L7: still in the cycle that ends."""
    was_unlimited = case.cap is None
    case.tier, case.scheduled_tier = tier, None
    if was_unlimited:
        case.leave_unlimited(at)
    else:
        case.clamp(at)


def end_cycle(case: Case, at: datetime) -> None:
    """C1, C3, C6: the downgrade that waited, then the next cycle, which changes no balance (L5)."""
    last = case.cycles[-1]
    if case.scheduled_tier:
        take_downgrade(case, case.scheduled_tier, at)
    case.cycles.append(Cycle(last.number + 1, at, end_of_cycle(at, case.anchor_day), case.tier))
    bill(case, "RENEWAL", at, [*overage_lines(case, last), plan_line(case.cycles[-1])])


def deactivate(case: Case, at: datetime) -> None:
    """C3, L6: running tasks are cancelled and refunded, then everything is cleared, all in the cycle that ends."""
    for task in case.running:
        case.end(task, "CANCELLED", at)
    case.status, case.scheduled_tier = "DEACTIVATED", None
    case.clear(at)
    _cut(case, at)
    bill(case, "DEACTIVATION", at, overage_lines(case, case.cycles[-1]))


def buy(case: Case, tokens: int, at: datetime) -> None:
    """L3."""
    case.buy(tokens, at)
    bill(case, "PURCHASE", at, [purchase_line(tokens, case.cycles[-1], case.entries[-1].sequence, at)])


def preview(case: Case, tier: str, at: datetime) -> Preview:
    """Do it to a copy and look. A downgrade is looked at as if its time had come; its date is the cycle's end."""
    after, effective_at = deepcopy(case), at
    active = case.status == "ACTIVE"
    if not active:
        activate(after, tier, case.payment_method, at)
    elif TIERS.index(tier) > TIERS.index(case.tier):
        upgrade(after, tier, at)
    elif tier != case.tier:
        take_downgrade(after, tier, at)
        effective_at = case.cycles[-1].ends_at
    had, has = features_of(case.tier) if active else (), features_of(tier)
    limited = case.balance is not None and after.balance is not None
    charges = after.charges[len(case.charges) :]
    return Preview(
        allowed=not active or tier != case.tier,
        effective_at=effective_at,
        charge_now=sum((charge.now for charge in charges), NOTHING),
        credit=sum((charge.earned for charge in charges), NOTHING),
        balance_before=case.balance,
        balance_after=after.balance,
        tokens_lost=max(0, case.sum_of_balance - after.sum_of_balance) if limited else 0,
        unlocks=tuple(feature for feature in has if feature not in had),
        loses=tuple(feature for feature in had if feature not in has),
    )


def preview_deactivation(case: Case, at: datetime) -> Preview:
    """What running tasks hold comes back first, so that it is lost as well."""
    after = deepcopy(case)
    deactivate(after, at)
    return Preview(
        allowed=True,
        effective_at=at,
        charge_now=after.charges[-1].now,
        credit=NOTHING,
        balance_before=case.balance,
        balance_after=0,
        tokens_lost=0 if case.balance is None else case.balance + case.held,
        unlocks=(),
        loses=features_of(case.tier),
    )


def _begin(case: Case, at: datetime) -> None:
    """C1: a cycle from now on, anchored on today's local day."""
    case.anchor_day = anchor_day_of(at)
    case.cycles.append(Cycle(len(case.cycles) + 1, at, end_of_cycle(at, case.anchor_day), case.tier))


def _cut(case: Case, at: datetime) -> None:
    """An upgrade or a deactivation ends the open cycle early."""
    case.cycles[-1] = replace(case.cycles[-1], ends_at=at)

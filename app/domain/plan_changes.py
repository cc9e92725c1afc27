"""Changes of plan: what each does to the tokens and the bill of a case (C1-C3, C6, L5-L7), and who may make it (C9)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from app.domain import plans
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.cycles import Cycle, eastern_date
from app.domain.money import Currency, Money
from app.domain.plans import Feature, Plan, PlanTier, announced
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import CaseNotActive, PlanChangeRefused, PlanRefusal
from app.domain.subscriptions import ChangeOrigin, Subscription

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


class ChangeKind(StrEnum):
    ACTIVATION = "ACTIVATION"
    REACTIVATION = "REACTIVATION"
    UPGRADE = "UPGRADE"
    DOWNGRADE = "DOWNGRADE"
    DEACTIVATION = "DEACTIVATION"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a change does. Balances in tokens, None: unlimited; those of a downgrade as if it took effect now.

    plan: the one that the case is on from then on; of a deactivation the one that ends. charge: CAD due at once.
    credit: what the change itself adds for a later invoice. credit_left: all that is carried from then on.
    tokens_lost: what the balance loses for good; 0 where an unlimited one ends.
    """

    kind: ChangeKind
    plan: Plan
    effective_at: datetime
    charge: Decimal
    credit: Decimal
    credit_left: Decimal
    balance_before: int | None
    balance_after: int | None
    tokens_lost: int
    unlocks: tuple[Feature, ...]
    loses: tuple[Feature, ...]

    @property
    def allowed(self) -> bool:
        return self.kind is not ChangeKind.NONE

    @property
    def charge_now(self) -> Money:
        return Money(self.charge, Currency.CAD)

    @property
    def credit_on_next_invoice(self) -> Money:
        return Money(self.credit, Currency.CAD)


def plan_change(
    case: Case, subscription: Subscription | None, tier: PlanTier, now: datetime, payment: PaymentMethod | None = None
) -> PlanChange:
    """What putting the case on the tier would do now. payment: of a first or renewed subscription; as before if None.

    The change itself is made of the same values, so that a preview says what then happens.
    """
    if subscription is None or not case.terms.active:
        kind = ChangeKind.ACTIVATION if subscription is None else ChangeKind.REACTIVATION
        before = PaymentMethod.CARD if subscription is None else subscription.payment_method
        return _beginning(case, kind, plans.plan(tier), subscription, payment or before, now)
    if tier.rank > subscription.plan.tier.rank:
        return _upgrade(case, subscription, plans.plan(tier), now)
    if tier.rank < subscription.plan.tier.rank:
        return _downgrade(case, subscription, plans.plan(tier))
    balance = case.reservoir.balance
    return PlanChange(
        ChangeKind.NONE, subscription.plan, now, NOTHING, NOTHING, subscription.credit, balance, balance, 0, (), ()
    )


def _beginning(
    case: Case, kind: ChangeKind, plan: Plan, subscription: Subscription | None, payment: PaymentMethod, now: datetime
) -> PlanChange:
    """Activation and reactivation: a new cycle, charged in full, fills (C3, L5). A credit from before waits (C6)."""
    charge = _at_once(payment, plan.monthly_price.amount)
    credit_left = NOTHING if subscription is None else subscription.credit
    return PlanChange(
        kind, plan, now, charge, NOTHING, credit_left, 0, case.reservoir.balance_after_fill(plan.cap), 0,
        announced(plan.features), (),
    )  # fmt: skip


def _upgrade(case: Case, subscription: Subscription, plan: Plan, now: datetime) -> PlanChange:
    """At once: the open cycle ends, a new one is charged in full, the reservoir fills to the new cap (C2, L5)."""
    credit = proration_credit(subscription.plan, subscription.cycle, now)
    charge, left = end_of_cycle_charge(subscription, plan)
    if subscription.payment_method is PaymentMethod.CARD:
        left += credit  # never on the invoice of its own upgrade (C6)
    tank = case.reservoir
    after = tank.balance_after_fill(plan.cap)
    return PlanChange(
        ChangeKind.UPGRADE, plan, now, charge, credit, left, tank.balance, after, 0,
        *_exchanged(subscription.plan, plan),
    )  # fmt: skip


def _downgrade(case: Case, subscription: Subscription, plan: Plan) -> PlanChange:
    """For the end of the open cycle (C3); what it takes, as if it took effect now (L6, L7)."""
    tank = case.reservoir
    after = tank.balance_after_downgrade(plan.cap)
    return PlanChange(
        ChangeKind.DOWNGRADE, plan, subscription.cycle.ends_at, NOTHING, NOTHING, subscription.credit, tank.balance,
        after, 0 if tank.balance is None or after is None else tank.balance - after,
        *_exchanged(subscription.plan, plan),
    )  # fmt: skip


def deactivation(case: Case, subscription: Subscription, now: datetime) -> PlanChange:
    """At once, without a credit for the days left; all tokens are lost, those that running tasks hold, too (C3, L6)."""
    charge, left = end_of_cycle_charge(subscription, None)
    balance = case.reservoir.balance
    lost = 0 if balance is None else balance + case.reservoir.held
    return PlanChange(
        ChangeKind.DEACTIVATION, subscription.plan, now, charge, NOTHING, left, balance, 0, lost, (),
        announced(subscription.plan.features),
    )  # fmt: skip


def end_of_cycle_charge(subscription: Subscription, following: Plan | None) -> tuple[Decimal, Decimal]:
    """What the end of the open cycle charges at once, and the credit that is left (C6).

    The invoice has the cycle's settled overage and the plan of the cycle that follows, if any, less the credit from
    before; its total is never below 0. Monthly invoices charge nothing at once.
    """
    if subscription.payment_method is PaymentMethod.MONTHLY_INVOICE:
        return NOTHING, subscription.credit
    price = NOTHING if following is None else following.monthly_price.amount
    lines = price + subscription.overage * OVERAGE_PRICE
    return max(NOTHING, lines - subscription.credit), max(NOTHING, subscription.credit - lines)


def proration_credit(plan: Plan, cycle: Cycle, now: datetime) -> Decimal:
    """The unused local dates of a cycle, from today to its planned end, over its planned length (C2)."""
    end = eastern_date(cycle.ends_at)
    unused, length = (end - eastern_date(now)).days, (end - eastern_date(cycle.starts_at)).days
    if length <= 0:
        return NOTHING
    return (plan.monthly_price.amount * unused / length).quantize(CENT, ROUND_HALF_EVEN)


def judge_change(
    case: Case, subscription: Subscription | None, tier: PlanTier, *, upwards: bool
) -> CaseNotActive | PlanChangeRefused | None:
    """Whether an active case may go up, or down, to the tier (C2, C3). None: it may."""
    if not case.terms.active or subscription is None:
        return CaseNotActive()
    current = subscription.plan.tier
    if upwards and tier.rank <= current.rank:
        return PlanChangeRefused(PlanRefusal.NOT_AN_UPGRADE)
    if not upwards and tier.rank >= current.rank:
        return PlanChangeRefused(PlanRefusal.NOT_A_DOWNGRADE)
    return None


def may_change(viewer: Viewer, origin: ChangeOrigin, *, prompts_upgrade: bool) -> bool:
    """Who may upgrade (C9): from a prompt everybody while the switch is on, nobody while it is off; else admins."""
    return prompts_upgrade if origin is ChangeOrigin.PROMPT else viewer.administers


def may_preview(viewer: Viewer, case: Case, tier: PlanTier) -> bool:
    """Prices are for admins (A2), but for the upgrade that a prompt offers to everybody (C9)."""
    plan = case.terms.plan
    upgrade = plan is not None and tier.rank > plan.tier.rank
    return viewer.administers or (upgrade and case.terms.auto_upgrade_allowed)


def _at_once(payment: PaymentMethod, amount: Decimal) -> Decimal:
    return amount if payment is PaymentMethod.CARD else NOTHING


def _exchanged(old: Plan, new: Plan) -> tuple[tuple[Feature, ...], tuple[Feature, ...]]:
    """What the new plan unlocks and what it lacks, of what is announced at all (P3)."""
    return (
        tuple(feature for feature in announced(new.features) if feature not in old.features),
        tuple(feature for feature in announced(old.features) if feature not in new.features),
    )

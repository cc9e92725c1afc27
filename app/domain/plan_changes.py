"""Changes of plan: what each does to the tokens and the bill of a case (C1-C3, C6, L5-L7), and who may make it (C9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from app.domain import plans
from app.domain.bills import Bill, Credit, Line, card_bill, monthly_bill, overage_line, plan_line
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.cycles import Cycle, eastern_date
from app.domain.money import Currency, Money, cad, cents
from app.domain.plans import CURRENT_CATALOGUE, Feature, Plan, PlanTier, announced
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

    plan: the one that the case is on from then on; of a deactivation the one that ends. bill: what it invoices, at once
    by card. credit: CAD that the change itself adds. tokens_lost: what the balance loses for good; 0 where an unlimited
    one ends. tax_rate: that of the organization, which an invoice of the month is taxed by at its issue.
    contracted: whether it may be invoiced as the case is (C7).
    """

    kind: ChangeKind
    plan: Plan
    effective_at: datetime
    bill: Bill
    by_card: bool
    credit: Decimal
    balance_before: int | None
    balance_after: int | None
    tokens_lost: int
    unlocks: tuple[Feature, ...]
    loses: tuple[Feature, ...]
    tax_rate: Decimal
    contracted: bool = True

    @property
    def allowed(self) -> bool:
        return self.kind is not ChangeKind.NONE and self.contracted

    @property
    def charge(self) -> Decimal:
        """CAD due at once: the total of the invoice, by card (C6)."""
        return cad(self.bill.total).amount if self.by_card else NOTHING

    @property
    def credit_left(self) -> Decimal:
        """CAD of all credits that are carried from then on."""
        return cad(self.bill.credit_left).amount

    @property
    def charge_now(self) -> Money:
        return Money(self.charge, Currency.CAD)

    @property
    def credit_on_next_invoice(self) -> Money:
        return Money(self.credit, Currency.CAD)


def plan_change(
    case: Case, subscription: Subscription | None, tier: PlanTier, now: datetime, payment: PaymentMethod | None = None
) -> PlanChange:
    """What putting the case on the tier would do now. payment: how it is paid from an activation, a reactivation or an
    upgrade on; None: as before, the first time by card.

    The change itself is made of the same values, so that a preview says what then happens.
    """
    if subscription is None or not case.terms.active:
        kind = ChangeKind.ACTIVATION if subscription is None else ChangeKind.REACTIVATION
        before = PaymentMethod.CARD if subscription is None else subscription.payment_method
        return _beginning(case, kind, plans.plan(tier), subscription, payment or before, now)
    if tier.rank > subscription.plan.tier.rank:
        return _upgrade(case, subscription, plans.plan(tier), payment or subscription.payment_method, now)
    if tier.rank < subscription.plan.tier.rank:
        return _downgrade(case, subscription, plans.plan(tier))
    balance = case.reservoir.balance
    bill = Bill((), _pool(subscription))
    return PlanChange(
        ChangeKind.NONE, subscription.plan, now, bill, True, NOTHING, balance, balance, 0, (), (),
        case.organization.tax_rate,
    )  # fmt: skip


def _beginning(
    case: Case, kind: ChangeKind, plan: Plan, subscription: Subscription | None, payment: PaymentMethod, now: datetime
) -> PlanChange:
    """Activation and reactivation: a new cycle, charged in full, fills (C3, L5). A credit from before waits (C6)."""
    cycle = opened_cycle(subscription, plan, now)
    waiting = () if subscription is None else subscription.credits
    bill = _bill(case, payment, [plan_line(cycle)], None, (), now)
    bill = replace(bill, credit_left=sum(credit.left for credit in waiting))
    return PlanChange(
        kind, plan, now, bill, payment is PaymentMethod.CARD, NOTHING, 0, case.reservoir.balance_after_fill(plan.cap),
        0, announced(plan.features), (), case.organization.tax_rate,
    )  # fmt: skip


def _upgrade(case: Case, subscription: Subscription, plan: Plan, payment: PaymentMethod, now: datetime) -> PlanChange:
    """At once: the open cycle ends, a new one is charged in full, the reservoir fills to the new cap (C2, L5)."""
    old = subscription.cycle
    credit = proration_credit(subscription.plan, old, now)
    own = Credit(None, old.number, old.tier, now, old.ends_at, cents(credit))
    lines = [
        overage_line(replace(old, ends_at=now), subscription.overage),
        plan_line(opened_cycle(subscription, plan, now)),
    ]
    bill = _bill(case, payment, lines, own, subscription.credits, now)
    tank = case.reservoir
    after = tank.balance_after_fill(plan.cap)
    by_card = payment is PaymentMethod.CARD
    return PlanChange(
        ChangeKind.UPGRADE, plan, now, bill, by_card, credit, tank.balance, after, 0,
        *_exchanged(subscription.plan, plan), case.organization.tax_rate,
        contracted=by_card or case.organization.monthly_invoicing,
    )  # fmt: skip


def opened_cycle(subscription: Subscription | None, plan: Plan, now: datetime) -> Cycle:
    """The cycle that an activation, a reactivation or an upgrade begins now (C1)."""
    number = 1 if subscription is None else subscription.cycle.number + 1
    return Cycle.beginning(number, plan, CURRENT_CATALOGUE, now)


def _downgrade(case: Case, subscription: Subscription, plan: Plan) -> PlanChange:
    """For the end of the open cycle (C3); what it takes, as if it took effect now (L6, L7)."""
    tank = case.reservoir
    after = tank.balance_after_downgrade(plan.cap)
    return PlanChange(
        ChangeKind.DOWNGRADE, plan, subscription.cycle.ends_at, Bill((), _pool(subscription)), True, NOTHING,
        tank.balance, after, 0 if tank.balance is None or after is None else tank.balance - after,
        *_exchanged(subscription.plan, plan), case.organization.tax_rate,
    )  # fmt: skip


def deactivation(case: Case, subscription: Subscription, now: datetime) -> PlanChange:
    """At once, without a credit for the days left; all tokens are lost, those that running tasks hold, too (C3, L6)."""
    ended = overage_line(replace(subscription.cycle, ends_at=now), subscription.overage)
    bill = _bill(case, subscription.payment_method, [ended], None, subscription.credits, now)
    balance = case.reservoir.balance
    lost = 0 if balance is None else balance + case.reservoir.held
    return PlanChange(
        ChangeKind.DEACTIVATION, subscription.plan, now, bill, subscription.payment_method is PaymentMethod.CARD,
        NOTHING, balance, 0, lost, (), announced(subscription.plan.features), case.organization.tax_rate,
    )  # fmt: skip


def renewal_bill(case: Case, subscription: Subscription, following: Cycle, now: datetime) -> Bill:
    """What the planned end of the open cycle bills: its overage, and the cycle that follows (C6). now: of the issue."""
    lines = [overage_line(subscription.cycle, subscription.overage), plan_line(following)]
    return _bill(case, subscription.payment_method, lines, None, subscription.credits, now)


def _bill(
    case: Case,
    payment: PaymentMethod,
    lines: Sequence[Line | None],
    own: Credit | None,
    carried: Sequence[Credit],
    at: datetime,
) -> Bill:
    """own: the credit of this very change: by card never on its own invoice, monthly with its plan line (C6)."""
    if payment is PaymentMethod.MONTHLY_INVOICE:
        return monthly_bill(lines, own, carried, at)
    bill = card_bill(lines, carried, case.organization.tax_rate, at)
    return bill if own is None else replace(bill, credit_left=bill.credit_left + own.left)


def _pool(subscription: Subscription) -> int:
    return sum(credit.left for credit in subscription.credits)


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


def _exchanged(old: Plan, new: Plan) -> tuple[tuple[Feature, ...], tuple[Feature, ...]]:
    """What the new plan unlocks and what it lacks, of what is announced at all (P3)."""
    return (
        tuple(feature for feature in announced(new.features) if feature not in old.features),
        tuple(feature for feature in announced(old.features) if feature not in new.features),
    )

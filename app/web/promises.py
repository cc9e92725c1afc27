"""What a preview promised, as its form carries it back: a change is made only if it still does that (C2, C3, C6)."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.domain.bills import LineKind, most_tax, tax_on
from app.domain.cycles import eastern_date
from app.domain.money import cad, cents
from app.domain.plan_changes import ChangeKind, PlanChange
from app.domain.rates import OVERAGE_PRICE
from app.domain.subscriptions import Subscription
from app.domain.tasks import RunningTasks
from app.web.plan_views import NO_TAX

_SENT = re.compile(r"([A-Z]+)(/[^/]*/[^/]*/[^/]*/[^/]*/[^/]*)/(\d{1,12}\.\d\d)/(\d{1,12}\.\d\d)/(\d{1,16})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Promise:
    """kind and terms must be the same again. charge and most: CAD, what was billed and what it may have become.

    Overage that running tasks settle between the preview and its confirmation is owed in any case: the charge may grow
    by what was set aside for it at the preview, which says so, tax included where it is charged at once. It may be
    less, as where a contract takes the place of the card. lost: tokens, which may become fewer.
    """

    kind: ChangeKind
    terms: str
    charge: Decimal
    most: Decimal
    lost: int

    def __str__(self) -> str:
        return f"{self.kind}{self.terms}/{self.charge}/{self.most}/{self.lost}"

    def is_kept(self, change: PlanChange, subscription: Subscription | None) -> bool:
        """Whether a change that is about to be made is the one that was promised."""
        return self.holds(promise_of(change, subscription, NOTHING_RUNS))

    def holds(self, now: "Promise") -> bool:
        """Whether the change, as it would be now, is still the one that was promised."""
        return (self.kind, self.terms) == (now.kind, now.terms) and now.charge <= self.most and now.lost <= self.lost


NOTHING_RUNS = RunningTasks(0, 0, 0)
"""What runs matters to what a promise leaves open, not to whether it is kept."""


def promise_sent(text: str) -> Promise | None:
    """The promise that a form carried; None where it carries none."""
    found = _SENT.fullmatch(text)
    if found is None or found[1] not in set(ChangeKind):
        return None
    return Promise(ChangeKind(found[1]), found[2], Decimal(found[3]), Decimal(found[4]), int(found[5]))


def promise_of(change: PlanChange, subscription: Subscription | None, running: RunningTasks) -> Promise:
    """What a preview of the change promises: its plan and that before, its date, its money, and what is lost.

    The rate of the tax is among the terms, for what the month's invoice gets is taxed with that invoice alone (C6).
    """
    before, scheduled = "", ""
    if subscription is not None:
        before = f"{subscription.plan.tier}-{subscription.cycle.number}-{subscription.credit}"
        scheduled = "" if subscription.scheduled is None else subscription.scheduled.tier.value
    added = most_added(change, running, change.tax_rate if change.by_card else NO_TAX)
    return Promise(
        change.kind,
        f"/{change.plan.tier}/{before}/{scheduled}/{eastern_date(change.effective_at)}-{change.credit}"
        f"/{rate_promised(change.tax_rate)}",
        cad(change.bill.total).amount,
        cad(change.bill.total + added).amount,
        change.tokens_lost if change.kind is ChangeKind.DEACTIVATION else 0,
    )


def rate_promised(rate: Decimal) -> str:
    """A rate of tax, alike however many zeros it is kept with."""
    return f"{rate.normalize():f}"


def most_overage(change: PlanChange, running: RunningTasks) -> int:
    """Tokens of overage that running tasks may still add to what the change bills."""
    return running.provisional if change.kind in (ChangeKind.UPGRADE, ChangeKind.DEACTIVATION) else 0


def most_added(change: PlanChange, running: RunningTasks, tax_rate: Decimal) -> int:
    """Cents by which that overage and its tax may raise the bill; less where a credit is left to be used.

    By invoice it is taxed together with what else that holds.
    """
    added = cents(most_overage(change, running) * OVERAGE_PRICE)
    if not change.by_card:
        return added + most_tax(added, tax_rate)
    before = sum(line.amount for line in change.bill.lines if line.kind is not LineKind.TAX)
    after = before + added
    return after + tax_on(after, tax_rate) - before - tax_on(before, tax_rate)

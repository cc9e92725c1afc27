"""A change of plan before it is confirmed: when, what it charges and credits and how that comes about, what becomes of
the tokens, what it unlocks and takes (C2, C3, C6, L5-L7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description
from app.adapters.languages import capitalized
from app.adapters.plan_texts import features, limits
from app.domain.bills import LineKind
from app.domain.cases import PaymentMethod
from app.domain.cycles import anchor_day, cycle_end, eastern_date
from app.domain.money import cad
from app.domain.plan_changes import ChangeKind, PlanChange
from app.domain.plans import Plan
from app.domain.subscriptions import Subscription
from app.services.plan_overview import PlanOverview
from app.web.plan_views import times
from app.web.promises import Promise, most_overage, promise_of
from app.web.readers import Reader

NEW = (ChangeKind.ACTIVATION, ChangeKind.REACTIVATION)
"""What begins a subscription, and is asked how it is to be paid."""


@dataclass(frozen=True, slots=True)
class Line:
    """Of a sum: what, how it comes about, and how much."""

    label: str
    meta: str | None
    amount: str


class ChangeView:
    """A change for one reader, who may see money."""

    def __init__(self, change: PlanChange, overview: PlanOverview, reader: Reader) -> None:
        self.change = change
        self.case = overview.case
        self.subscription = overview.subscription
        self.running = overview.running
        self.reader = reader
        self.words = reader.words
        self.new = change.kind in NEW
        self.upgrade = change.kind is ChangeKind.UPGRADE
        self.downgrade = change.kind is ChangeKind.DOWNGRADE
        self.deactivation = change.kind is ChangeKind.DEACTIVATION
        self.effective_on = self.words.full_day(eastern_date(change.effective_at))

    @property
    def promise(self) -> Promise:
        return promise_of(self.change, self.subscription, self.running)

    @property
    def plan(self) -> Plan:
        """The one that the change leads to; of a deactivation, the one that ends."""
        return self.change.plan

    @property
    def before(self) -> Plan | None:
        """The plan that the case is on."""
        return self.case.terms.plan

    @property
    def by_card(self) -> bool:
        """Whether what the change makes due is charged at once."""
        if self.upgrade:
            return self.change.by_card
        return self.subscription is None or self.subscription.payment_method is PaymentMethod.CARD

    @property
    def headline(self) -> str:
        words = self.words
        if self.deactivation:
            return words.say("Deactivate this case, now")
        if self.change.kind is ChangeKind.ACTIVATION:
            return words.say("Activate on %(plan)s, now", plan=self.plan.name)
        if self.change.kind is ChangeKind.REACTIVATION:
            return words.say("Reactivate on %(plan)s, now", plan=self.plan.name)
        assert self.before is not None, "a case without a plan is activated"
        if self.upgrade:
            return words.say("%(before)s to %(plan)s, now", before=self.before.name, plan=self.plan.name)
        return words.say(
            "%(before)s to %(plan)s, on %(day)s", before=self.before.name, plan=self.plan.name, day=self.effective_on
        )

    @property
    def when(self) -> str:
        """What the headline does not say about its time."""
        words, now = self.words, self.reader.now
        if self.downgrade:
            return words.say("At the end of the cycle. Until then nothing changes and it can be cancelled.")
        if self.deactivation:
            return words.say("%(day)s. The cycle ends at once.", day=self.effective_on)
        renewal = words.full_day(eastern_date(cycle_end(now, anchor_day(now))))
        return words.say(
            "%(day)s. A new cycle begins and renews on %(renewal)s.", day=self.effective_on, renewal=renewal
        )

    @property
    def lines(self) -> list[Line]:
        """What the charge is made of; nothing where it is a single thing."""
        found = list(self._lines())
        return found if len(found) > 1 else []

    @property
    def charge_meta(self) -> str | None:
        """How the charge comes about, where no lines say it."""
        words, found = self.words, list(self._lines())
        if self.downgrade:
            return None
        if not self.by_card:
            return words.say("All amounts go on the monthly invoice of your organization.")
        if len(found) == 1:
            return (
                words.say("%(line)s, %(how)s", line=found[0].label, how=found[0].meta)
                if found[0].meta
                else found[0].label
            )
        return None if found else words.say("No overage in this cycle")

    def _lines(self) -> Iterator[Line]:
        """Those of the bill. Credits, and tax, of what is invoiced by the month are told elsewhere."""
        words = self.words
        billed = {line.kind: line for line in self.change.bill.lines}
        if LineKind.PLAN in billed:
            price = cad(billed[LineKind.PLAN].amount).amount
            yield Line(words.say("%(plan)s, the whole cycle", plan=self.plan.name), None, amount(price, words))
        if line := billed.get(LineKind.OVERAGE):
            sum_ = amount(cad(line.amount).amount, words)
            yield Line(words.say("Overage of this cycle"), times(line.quantity, words), sum_)
        used = sum(line.amount for line in self.change.bill.lines if line.kind is LineKind.PRORATION_CREDIT)
        if used and self.by_card:
            yield Line(words.say("Credit from before"), None, amount(cad(used).amount, words))
        if line := billed.get(LineKind.TAX):
            yield Line(description(line, words), None, amount(cad(line.amount).amount, words))

    @property
    def price(self) -> str:
        """Of the plan's cycle."""
        return amount(self.plan.monthly_price.amount, self.words)

    @property
    def charge(self) -> str:
        return amount(self.change.charge, self.words)

    @property
    def without_invoice(self) -> str:
        """What is charged at once where a monthly invoice is chosen."""
        return amount(Decimal(0), self.words)

    @property
    def credit(self) -> str:
        return amount(self.change.credit, self.words)

    @property
    def credit_meta(self) -> str:
        """How the credit comes about (C2), or why there is none."""
        words = self.words
        if self.upgrade and self.subscription is not None and self.before is not None:
            unused, length = unused_days(self.subscription, self.reader)
            return words.say(
                "%(plan)s, %(price)s × %(unused)s of %(days)s days",
                plan=self.before.name, price=amount(self.before.monthly_price.amount, words), unused=unused,
                days=length,
            )  # fmt: skip
        if self.downgrade:
            return words.say("None: the cycle runs to its end")
        if self.deactivation and not self.change.credit_left:
            return words.say("None: unused days are not credited")
        return words.say("A credit from before waits: %(amount)s", amount=amount(self.change.credit_left, words))

    @property
    def shows_credit(self) -> bool:
        """A first subscription knows no credit."""
        return not self.new or bool(self.change.credit_left)

    @property
    def may_grow(self) -> str | None:
        """How much running tasks may add to the charge until it is confirmed."""
        tokens = most_overage(self.change, self.running)
        if not tokens:
            return None
        return self.words.say(
            "Running tasks may add overage until you confirm: at most %(sum)s.", sum=times(tokens, self.words)
        )

    @property
    def lost_bought(self) -> int:
        """Bought tokens among those that are lost."""
        return self.case.reservoir.purchased if self.deactivation else 0

    @property
    def unlocks(self) -> str:
        return capitalized(features(self.change.unlocks, self.words))

    @property
    def loses(self) -> str:
        return capitalized(features(self.change.loses, self.words))

    @property
    def replaced(self) -> str | None:
        """The name of the plan whose scheduled beginning the change drops or replaces (C3)."""
        if self.new or self.subscription is None or self.subscription.scheduled is None:
            return None
        return self.subscription.scheduled.plan.name

    @property
    def compared(self) -> list[tuple[str, str | None, str]]:
        """The limits of the plan before, if any, and of the one that follows."""
        after = limits(self.plan, self.words)
        if self.before is None:
            return [(label, None, value) for label, value in after]
        return [
            (label, old, value) for (label, value), (_, old) in zip(after, limits(self.before, self.words), strict=True)
        ]


def unused_days(subscription: Subscription, reader: Reader) -> tuple[int, int]:
    """Local dates from today to the planned end of the open cycle, and its planned length (C2)."""
    end = eastern_date(subscription.cycle.ends_at)
    return (end - eastern_date(reader.now)).days, (end - eastern_date(subscription.cycle.starts_at)).days

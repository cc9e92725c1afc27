"""What a change of plan comes to, and how: charged at once by card, else on the invoice of the month (C2, C6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description
from app.adapters.languages import Words
from app.domain.bills import Line as BillLine, LineKind, tax_line
from app.domain.cycles import eastern_date
from app.domain.money import cad
from app.domain.plan_changes import NOTHING, ChangeKind, PlanChange
from app.domain.subscriptions import Subscription
from app.services.plan_overview import PlanOverview
from app.web.plan_views import times
from app.web.promises import most_added, most_overage
from app.web.readers import Reader

NEW = (ChangeKind.ACTIVATION, ChangeKind.REACTIVATION)
"""What begins a subscription, and is asked how it is to be paid."""


@dataclass(frozen=True, slots=True)
class Line:
    """Of a sum: what, how it comes about, and how much."""

    label: str
    meta: str | None
    amount: str


class ChangeSums:
    """Of a change, for one reader, who may see money.

    What is left to the monthly invoice is shown with the tax that comes with its issue, so that both ways of paying
    name one amount.
    """

    def __init__(self, change: PlanChange, overview: PlanOverview, reader: Reader) -> None:
        self.change = change
        self.subscription = overview.subscription
        self.before = overview.case.terms.plan
        self.running = overview.running
        self.reader = reader
        self.words = reader.words
        self.by_card = change.by_card
        self.tax_rate = change.tax_rate
        self._billed = change.bill.lines
        if not change.by_card and (tax := tax_line(self.tax_rate, change.bill.total, reader.now)):
            self._billed = (*change.bill.lines, tax)

    @property
    def lines(self) -> list[Line]:
        """What the total is made of; nothing where it is a single thing that is charged at once."""
        found = list(self._lines())
        return found if len(found) > 1 or not self.by_card else []

    @property
    def total(self) -> str:
        """Tax included, whenever it is to be paid."""
        return self._told(sum(line.amount for line in self._billed))

    @property
    def is_due(self) -> bool:
        """Whether there is anything to be paid at all."""
        return any(line.amount for line in self._billed)

    @property
    def is_invoiced(self) -> bool:
        """Whether the lines go on the invoice of the month."""
        return self.is_due and not self.by_card

    @property
    def charge(self) -> str:
        """What is charged at once."""
        return amount(self.change.charge, self.words)

    @property
    def charge_meta(self) -> str | None:
        """How the charge comes about, where no lines say it."""
        words, found = self.words, list(self._lines())
        if self.change.kind is ChangeKind.DOWNGRADE or len(found) > 1 or self.is_invoiced:
            return None
        if not found:
            return words.say("No overage in this cycle")
        (line,) = found
        return words.say("%(line)s, %(how)s", line=line.label, how=line.meta) if line.meta else line.label

    def _lines(self) -> Iterator[Line]:
        words = self.words
        billed = {line.kind: line for line in self._billed}
        if line := billed.get(LineKind.PLAN):
            cycle = words.say("%(plan)s, the whole cycle", plan=self.change.plan.name)
            yield Line(cycle, None, self._told(line.amount))
        if line := billed.get(LineKind.OVERAGE):
            yield Line(words.say("Overage of this cycle"), times(line.quantity, words), self._told(line.amount))
        yield from self._credits()
        if line := billed.get(LineKind.TAX):
            whole = words.say("With the issue of the invoice, on all that it holds of this case: a cent more or less")
            yield Line(description(line, words), None if self.by_card else whole, self._told(line.amount))

    def _credits(self) -> Iterator[Line]:
        """Those that are used up: the change's own, as on a monthly invoice, and those from before."""
        given = [line for line in self._billed if line.kind is LineKind.PRORATION_CREDIT]
        own, carried = (sum(line.amount for line in given if is_own(line) is wanted) for wanted in (True, False))
        if own:
            yield Line(self.words.say("Credit for unused days"), self.credit_meta, self._told(own))
        if carried:
            yield Line(self.words.say("Credit from before"), None, self._told(carried))

    @property
    def credits(self) -> list[Line]:
        """What the next invoices get: the change's own credit, or why there is none, and what is left from before.

        A first subscription knows no credit; that of an upgrade by monthly invoice stands among the lines.
        """
        words, change = self.words, self.change
        own = change.credit if self.by_card else NOTHING
        found = []
        if change.kind not in NEW and (self.by_card or change.kind is not ChangeKind.UPGRADE):
            found.append(Line(words.say("Credit for a later invoice"), self.credit_meta, amount(own, words)))
        if left := change.credit_left - own:
            found.append(Line(words.say("Credit from before, not used yet"), None, amount(left, words)))
        return found

    @property
    def credit_meta(self) -> str:
        """How the change's own credit comes about (C2), or why there is none."""
        words, kind = self.words, self.change.kind
        if kind is ChangeKind.DOWNGRADE:
            return words.say("None: the cycle runs to its end")
        if kind is ChangeKind.DEACTIVATION:
            return words.say("None: unused days are not credited")
        assert self.subscription is not None, "only an upgrade gives a credit"
        assert self.before is not None, "only an upgrade gives a credit"
        unused, length = unused_days(self.subscription, self.reader)
        return words.say(
            "%(plan)s, %(price)s × %(unused)s of %(days)s days",
            plan=self.before.name, price=amount(self.before.monthly_price.amount, words), unused=unused, days=length,
        )  # fmt: skip

    @property
    def may_grow(self) -> str | None:
        """How much running tasks may add until the change is confirmed."""
        tokens = most_overage(self.change, self.running)
        if not tokens:
            return None
        added = most_added(self.change, self.running, self.tax_rate)
        most = times(tokens, self.words, self.tax_rate, price=added)
        return self.words.say("Running tasks may add overage until you confirm: at most %(sum)s.", sum=most)

    def _told(self, sum_: int) -> str:
        return told_cents(sum_, self.words)


def told_cents(cents: int, words: Words) -> str:
    return amount(cad(cents).amount, words)


def is_own(credit: BillLine) -> bool:
    """Whether the change that is billed gave it."""
    return credit.credit_of is None


def unused_days(subscription: Subscription, reader: Reader) -> tuple[int, int]:
    """Local dates from today to the planned end of the open cycle, and its planned length (C2)."""
    end = eastern_date(subscription.cycle.ends_at)
    return (end - eastern_date(reader.now)).days, (end - eastern_date(subscription.cycle.starts_at)).days

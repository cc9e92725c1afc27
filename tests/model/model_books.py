"""The invoices of organizations (C6): issued at once by card, or once a month for all of their cases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tests.model.model_charges import Charge, Line, tax_on, total
from tests.model.model_cycles import end_of_month, month_of


@dataclass
class Invoice:
    """month: whose lines wait on it, None: of one case by card. tried: a card was asked for what stood open."""

    organization: str
    month: datetime | None
    lines: list[tuple[str, Line]] = field(default_factory=list)
    number: int | None = None
    issued_at: datetime | None = None
    paid: int = 0
    tried: bool = False

    @property
    def total(self) -> int:
        """Cents."""
        return total([line for _, line in self.lines])

    @property
    def status(self) -> str:
        if self.number is None:
            return "PENDING"
        return "PAID" if self.paid == self.total else "OPEN"


class Books:
    """Every invoice there is, in the order in which they were begun."""

    def __init__(self) -> None:
        self.invoices: list[Invoice] = []

    def of(self, organization: str) -> list[Invoice]:
        return [invoice for invoice in self.invoices if invoice.organization == organization]

    def post(self, organization: str, case: str, charge: Charge, received: int) -> None:
        """C6: nothing to bill is no invoice. received: cents, beforehand; what is too much is given back (C8)."""
        if charge.by_card and charge.lines:
            invoice = Invoice(organization, None, [(case, line) for line in charge.lines])
            self.invoices.append(invoice)
            self._number(invoice, charge.at)
            invoice.paid = min(received, invoice.total)
        elif not charge.by_card:
            for line in charge.lines:
                self._waiting(organization, month_of(line.at)).lines.append((case, line))

    def next_issue(self) -> datetime | None:
        """When the next month is over that lines wait for; perhaps long ago."""
        return min((end_of_month(month) for _, month in self._pending()), default=None)

    def issue(self, now: datetime, rates: dict[str, Decimal]) -> None:
        """C6: what waited for months that are over, with tax by case."""
        for invoice, month in sorted(self._pending(), key=lambda waiting: waiting[1]):
            if end_of_month(month) <= now:
                for case in dict.fromkeys(case for case, _ in invoice.lines):
                    taxed = total([line for of, line in invoice.lines if of == case])
                    invoice.lines += [(case, tax) for tax in tax_on(taxed, rates[invoice.organization], now)]
                self._number(invoice, now)

    def to_collect(self) -> Iterator[Invoice]:
        """C8: by card, open, and no card has been asked yet."""
        return (i for i in self.invoices if i.month is None and i.status == "OPEN" and not i.tried)

    def _pending(self) -> list[tuple[Invoice, datetime]]:
        return [(i, i.month) for i in self.invoices if i.month is not None and i.number is None]

    def _waiting(self, organization: str, month: datetime) -> Invoice:
        for invoice, waits_for in self._pending():
            if (invoice.organization, waits_for) == (organization, month):
                return invoice
        self.invoices.append(Invoice(organization, month))
        return self.invoices[-1]

    def _number(self, invoice: Invoice, at: datetime) -> None:
        """1, 2, 3... in the order of issue."""
        issued = [other for other in self.of(invoice.organization) if other.number is not None]
        invoice.number, invoice.issued_at = len(issued) + 1, at

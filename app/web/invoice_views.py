"""Invoices as pages show them: named, dated, with their lines grouped by case (C6). Their dates are Eastern."""

from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from app.adapters.invoice_texts import description, payment_name, total_name, total_note
from app.adapters.languages import Words
from app.adapters.term_texts import money
from app.domain.bills import LineKind
from app.domain.cycles import eastern_date
from app.domain.explanations import Figure
from app.domain.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.web.addresses import address
from app.web.explain_addresses import explain_address
from app.web.operators_views import status_names
from app.web.readers import Reader


def invoice_name(invoice: Invoice, words: Words) -> str:
    """By its number; while it has none, by its month."""
    if invoice.number is not None:
        return words.say("Invoice %(number)s", number=str(invoice.number))
    assert invoice.month is not None, "an invoice by card is issued at once"
    return words.say("Pending for %(month)s", month=words.month(invoice.month))


def invoices_address(reader: Reader, *, whole: bool, suffix: str = "", after: UUID | None = None) -> str:
    """Where the list is. whole: of the organization, with the lines of all of its cases."""
    return address(f"{reader.base}/invoices{suffix}", {"whole": "1" if whole else None, "after": after})


def invoice_address(reader: Reader, uuid: UUID, *, whole: bool, suffix: str = "") -> str:
    return address(f"{reader.base}/invoices/{uuid}{suffix}", {"whole": "1" if whole else None})


class Fact(NamedTuple):
    """href: where the value leads."""

    label: str
    value: str
    href: str | None = None


def status_text(invoice: Invoice, words: Words) -> str:
    """With the day on which it was settled, if it was."""
    name = status_names(words)[invoice.status]
    if invoice.settled_at is None:
        return name
    day = words.full_day(eastern_date(invoice.settled_at))
    if invoice.status is InvoiceStatus.VOID:
        return words.say("Void since %(day)s", day=day)
    return words.say("Paid on %(day)s", day=day)


class InvoiceView:
    """An invoice for one reader. whole: as its organization sees it, else through the reader's case."""

    def __init__(self, invoice: Invoice, reader: Reader, *, whole: bool) -> None:
        self.invoice, self.reader, self.whole = invoice, reader, whole
        self.number = None if invoice.number is None else str(invoice.number)
        self.name = invoice_name(invoice, reader.words)
        self.total = money(invoice.total, reader.words)
        self.of_one_case = invoice.month is None
        self.pending = invoice.status is InvoiceStatus.PENDING
        self.declined = invoice.declined

    @property
    def href(self) -> str:
        return invoice_address(self.reader, self.invoice.uuid, whole=self.whole)

    @property
    def issued(self) -> str | None:
        """The date of its issue; None: it is pending."""
        issued_at = self.invoice.issued_at
        return None if issued_at is None else self.reader.words.full_day(eastern_date(issued_at))

    @property
    def status(self) -> str:
        return status_names(self.reader.words)[self.invoice.status]

    @property
    def waits(self) -> str | None:
        """What waits, and when it is issued; None: it has been."""
        invoice, words = self.invoice, self.reader.words
        if invoice.status is not InvoiceStatus.PENDING or invoice.month is None:
            return None
        day = words.full_day(invoice.month.following().day(1))
        return words.count(
            "%(number)s line waits, to be issued on %(day)s", "%(number)s lines wait, to be issued on %(day)s",
            len(invoice.lines), day=day,
        )  # fmt: skip

    @property
    def partial(self) -> bool:
        """Whether the invoice may hold lines of other cases, too, which are not shown here."""
        return not self.whole and not self.of_one_case

    @property
    def owed(self) -> int:
        """Cents still to be paid of an open invoice; 0 where only a part of it is shown."""
        open_ = self.invoice.status is InvoiceStatus.OPEN and not self.partial
        return self.invoice.total - self.invoice.paid if open_ else 0

    @property
    def owed_text(self) -> str:
        return money(self.owed, self.reader.words)

    @property
    def facts(self) -> list["Fact"]:
        """What stands above the lines."""
        invoice, words = self.invoice, self.reader.words
        facts = [
            Fact(words.say("Organization"), invoice.billed_to),
            Fact(words.say("Status"), status_text(invoice, words)),
        ]
        if self.issued is not None:
            facts.append(Fact(words.say("Issued"), self.issued))
        if invoice.month is not None:
            facts.append(Fact(words.say("Plan-dates in"), words.month(invoice.month)))
        if self.partial:
            facts.append(Fact(words.say("Shown"), words.say("the lines of this case")))
        return facts

    @property
    def total_name(self) -> str:
        return total_name(self.reader.words, pending=self.pending, tax_rate=self.invoice.organization.tax_rate)

    @property
    def total_note(self) -> str | None:
        """What stands beside the sum of a pending invoice in a list; None: it is a total."""
        return total_note(self.invoice.organization.tax_rate, self.reader.words) if self.pending else None

    @property
    def sums(self) -> list[tuple[str, str]]:
        """What follows the total: each payment, and what is still owed."""
        words, invoice = self.reader.words, self.invoice
        if not invoice.received:
            return []
        payments = [(payment_name(each, words), money(-each.amount, words)) for each in invoice.received]
        return [*payments, (words.say("To be paid"), money(invoice.total - invoice.paid, words))]

    @property
    def how(self) -> str:
        """Where the total is explained."""
        whole = "1" if self.whole else None
        return explain_address(self.reader.links, Figure.INVOICE_TOTAL, invoice=self.invoice.uuid, whole=whole)

    @property
    def cases(self) -> list["CaseLines"]:
        found = []
        for (uuid, name), lines in groupby(self.invoice.lines, key=lambda each: (each.case_uuid, each.case_name)):
            ordered = sorted(lines, key=lambda each: each.line.kind is LineKind.TAX)  # its tax stands last
            total = sum(each.line.amount for each in ordered)
            views = [LineView(each, self.reader) for each in ordered]
            found.append(CaseLines(uuid, name, views, money(total, self.reader.words)))
        return found


@dataclass(frozen=True, slots=True)
class CaseLines:
    """The lines of one case, in the order of their plan-dates, and what they come to."""

    uuid: UUID
    name: str
    lines: list["LineView"]
    total: str


class LineView:
    """A line for one reader; href opens its formula and the ledger entries behind it."""

    def __init__(self, shown: InvoiceLine, reader: Reader) -> None:
        words, line = reader.words, shown.line
        self.line_id = shown.line_id
        self.text = description(line, words, given_at=shown.given_at)
        self.date = words.full_day(eastern_date(line.effective_at))
        self.short_date = words.short_day(eastern_date(line.effective_at))
        self.quantity = words.number(line.quantity)
        self.unit_price = money(line.unit_price, words)
        self.several = line.quantity != 1
        self.amount = money(line.amount, words)
        of = None if shown.case_uuid == reader.case_uuid else shown.case_uuid
        self.href = explain_address(reader.links, Figure.INVOICE_LINE, line=shown.line_id, of=of)

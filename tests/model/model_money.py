"""Every invoice and every credit there is, as plain values (C6). A real system answers with the same dataclasses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.model.model_books import Books, Invoice
from tests.model.model_case import Case
from tests.model.model_charges import Line
from tests.model.model_cycles import EASTERN


@dataclass(frozen=True)
class InvoiceSeen:
    """An invoice in cents; number, issue and total None: it waits for the end of its month ("2026-03").

    lines: with their case, in one order for all systems, for the rules know none.
    """

    number: int | None
    status: str
    issued_at: datetime | None
    month: str | None
    total: int | None
    paid: int
    lines: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class MoneySeen:
    """credit_left: CAD that a case carries. invoices: by organization; those with a number first, in its order."""

    credit_left: dict[str, Decimal]
    invoices: dict[str, tuple[InvoiceSeen, ...]]


def money_of(cases: Iterable[Case], books: Books) -> MoneySeen:
    """Look at all invoices, and at what all cases carry."""
    cases = list(cases)
    organizations = {case.organization for case in cases}
    return MoneySeen(
        credit_left={case.name: case.credit_left for case in cases},
        invoices={name: in_order(seen_invoice(of) for of in books.of(name)) for name in organizations},
    )


def seen_invoice(invoice: Invoice) -> InvoiceSeen:
    """Look at one invoice."""
    return InvoiceSeen(
        number=invoice.number,
        status=invoice.status,
        issued_at=invoice.issued_at,
        month=None if invoice.month is None else invoice.month.astimezone(EASTERN).strftime("%Y-%m"),
        total=None if invoice.number is None else invoice.total,
        paid=invoice.paid,
        lines=lines_in_order(invoice.lines),
    )


def lines_in_order(lines: Iterable[tuple[str, Line]]) -> tuple[tuple[str, Line], ...]:
    """By case, plan-date and what they are; two parts of one credit may differ in nothing but their amount."""

    def place(of: tuple[str, Line]) -> tuple[object, ...]:
        case, line = of
        return case, line.at, line.kind, line.cycle or 0, line.entry or 0, line.amount

    return tuple(sorted(lines, key=place))


def in_order(invoices: Iterable[InvoiceSeen]) -> tuple[InvoiceSeen, ...]:
    """By number, then by the month that they wait for."""
    return tuple(sorted(invoices, key=lambda seen: (seen.number is None, seen.number or 0, seen.month or "")))

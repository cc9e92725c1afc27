"""Invoices: issued once, with a number, and never changed (C6). Amounts are whole cents of CAD."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.bills import Line
from app.domain.cases import Organization
from app.domain.cycles import Month


class InvoiceStatus(StrEnum):
    """PENDING: lines wait for the end of their month. OPEN: issued, not paid."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    PAID = "PAID"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line with the case that it is about. given_at: when a credit arose; None: the line is none."""

    line_id: int
    case_uuid: UUID
    case_name: str
    line: Line
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """number: of the organization, from 1 without gaps; None while pending. month: of the plan-dates that a monthly
    invoice holds; None: of one case, by card. lines: those that the viewer may see, grouped by case.

    total: of these lines. paid: what has been received of the whole invoice.
    """

    invoice_id: int
    uuid: UUID
    organization: Organization
    number: int | None
    status: InvoiceStatus
    issued_at: datetime | None
    month: Month | None
    paid: int
    lines: tuple[InvoiceLine, ...]

    @property
    def total(self) -> int:
        return sum(line.line.amount for line in self.lines)

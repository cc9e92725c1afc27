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


class PaidBy(StrEnum):
    """ELSEWHERE: an operator has marked that it was received outside of this service."""

    CARD = "CARD"
    ELSEWHERE = "ELSEWHERE"


@dataclass(frozen=True, slots=True)
class Received:
    """So many cents were received for an invoice."""

    at: datetime
    amount: int
    by: PaidBy


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
    invoice holds; None: of one case, by card. lines: those that the viewer may see, grouped by case. billed_to: the
    name that the organization had at the issue; while it is pending, the present one.

    total: of these lines. paid: what has been received of the whole invoice. settled_at: when it was paid in full or
    made void. received: the payments that make up paid, the oldest first; none where the lines are only a part.
    attempted_at: when the saved card was tried, for one that was issued open.
    """

    invoice_id: int
    uuid: UUID
    organization: Organization
    billed_to: str
    number: int | None
    status: InvoiceStatus
    issued_at: datetime | None
    month: Month | None
    paid: int
    lines: tuple[InvoiceLine, ...]
    settled_at: datetime | None = None
    received: tuple[Received, ...] = ()
    attempted_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(line.line.amount for line in self.lines)

    @property
    def declined(self) -> bool:
        """Whether the saved card was, and nobody has paid since (C8)."""
        return self.status is InvoiceStatus.OPEN and self.month is None and self.attempted_at is not None

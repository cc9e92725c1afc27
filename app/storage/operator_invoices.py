"""Invoices as operators list them, and what they make of an open one (C6, C8)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cycles import Month
from app.domain.invoices import InvoiceStatus
from app.storage.cycles import first_day
from app.storage.invoice_runs import BEHIND, PENDING, TOTAL, UNFINISHED
from app.storage.reads import Reader
from app.storage.tables import cases, invoices, organizations, test_clocks


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """Amounts in cents. total: of its lines so far while it is pending. case: of an invoice by card, else None.

    unfinished: pending, and its month is not over. behind: cases to be renewed before a pending one is issued.
    attempted_at: when the saved card was tried. organization: its name at the issue, at present while it is pending.
    tax_rate: that of the organization at present, a share.
    clock_now: the time of its test clock, if it is on one.
    """

    invoice_id: int
    uuid: UUID
    number: int | None
    status: InvoiceStatus
    month: Month | None
    issued_at: datetime | None
    settled_at: datetime | None
    attempted_at: datetime | None
    total: int
    paid: int
    organization: str
    organization_uuid: UUID
    tax_rate: Decimal
    case: str | None
    clock_now: datetime | None
    unfinished: bool
    behind: int

    @property
    def owed(self) -> int:
        """Of an open one."""
        return self.total - self.paid if self.status is InvoiceStatus.OPEN else 0

    @property
    def declined(self) -> bool:
        """Whether the saved card was, and nobody has paid since (C8)."""
        return self.status is InvoiceStatus.OPEN and self.month is None and self.attempted_at is not None


class Place(Enum):
    """Where a page of a list begins."""

    PENDING = auto()
    ISSUED = auto()


class Filter(NamedTuple):
    """What is asked for; None: any. month: of the plan-dates of a monthly invoice, of the issue of one by card."""

    organization: UUID | None = None
    status: InvoiceStatus | None = None
    month: Month | None = None


_SELECT = (
    select(
        invoices.c.invoice_id, invoices.c.uuid, invoices.c.number, invoices.c.status, invoices.c.month,
        invoices.c.issued_at, invoices.c.settled_at, invoices.c.attempted_at, TOTAL.label("total"), invoices.c.paid,
        func.coalesce(invoices.c.billed_to, organizations.c.name).label("organization"),
        organizations.c.uuid.label("organization_uuid"), organizations.c.tax_rate,
        cases.c.name.label("case"), test_clocks.c.now.label("clock_now"), (PENDING & UNFINISHED).label("unfinished"),
        BEHIND.label("behind"),
    )
    .join_from(invoices, organizations)
    .outerjoin(test_clocks, test_clocks.c.clock_id == invoices.c.clock_id)
    .outerjoin(cases, cases.c.case_id == invoices.c.case_id)
)  # fmt: skip
_NEWEST = _SELECT.order_by(invoices.c.issued_at.desc().nulls_first(), invoices.c.invoice_id.desc()).limit(
    bindparam("most")
)
_OF_UUID = _SELECT.where(invoices.c.uuid == bindparam("wanted"))
_DECLINED = _NEWEST.where(
    invoices.c.status == InvoiceStatus.OPEN, invoices.c.month.is_(None), invoices.c.attempted_at.is_not(None)
)


@cache
def _filtered(*, organization: bool, status: bool, month: bool, before: Place | None) -> Select[Any]:
    """Each combination once, planned for what it asks."""
    query = _NEWEST
    if organization:
        query = query.where(organizations.c.uuid == bindparam("of_organization"))
    if status:
        query = query.where(invoices.c.status == bindparam("of_status", type_=invoices.c.status.type))
    if month:
        issued = invoices.c.issued_at
        within = invoices.c.month.is_(None) & (issued >= bindparam("first")) & (issued < bindparam("last"))
        query = query.where((invoices.c.month == bindparam("of_month")) | within)
    earlier = invoices.c.invoice_id < bindparam("at_invoice")
    if before is Place.PENDING:
        query = query.where(or_(invoices.c.issued_at.is_not(None), earlier))
    elif before is Place.ISSUED:
        issue = tuple_(invoices.c.issued_at, invoices.c.invoice_id)
        query = query.where(issue < tuple_(bindparam("at_issue"), bindparam("at_invoice")))
    return query


_PLACE = select(invoices.c.issued_at).where(invoices.c.invoice_id == bindparam("wanted"))


async def list_invoices(
    connection: Reader, wanted: Filter, *, now: datetime, before: int | None, most: int
) -> list[ListedInvoice]:
    """What is pending, then the newest issue first. before: only those after the one with this id, in this order;
    none where there is no such invoice."""
    place = None
    asked: dict[str, object] = {"now": now, "most": most, "of_organization": wanted.organization}
    if before is not None:
        found = (await connection.execute(_PLACE, {"wanted": before})).one_or_none()
        if found is None:
            return []
        place = Place.PENDING if found.issued_at is None else Place.ISSUED
        asked["at_issue"], asked["at_invoice"] = found.issued_at, before
    query = _filtered(
        organization=wanted.organization is not None, status=wanted.status is not None,
        month=wanted.month is not None, before=place,
    )  # fmt: skip
    if wanted.status is not None:
        asked["of_status"] = wanted.status.value
    if wanted.month is not None:
        asked["of_month"] = first_day(wanted.month)
        asked["first"], asked["last"] = wanted.month.starts_at, wanted.month.following().starts_at
    return [_listed(row) for row in await connection.execute(query, asked)]


async def list_declined(connection: Reader, *, now: datetime, most: int) -> list[ListedInvoice]:
    """Open invoices by card whose saved card was declined, the newest first (C8)."""
    return [_listed(row) for row in await connection.execute(_DECLINED, {"now": now, "most": most})]


async def find_listed(connection: Reader, uuid: UUID, *, now: datetime) -> ListedInvoice | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid, "now": now})).one_or_none()
    return None if row is None else _listed(row)


def _listed(row: Row[Any]) -> ListedInvoice:
    values = row._asdict()
    if (first := values["month"]) is not None:
        values["month"] = Month(first.year, first.month)
    return ListedInvoice(**values)


class Locked(NamedTuple):
    """An invoice that nobody else changes. clock_now: the time of its test clock. Amounts in cents."""

    invoice_id: int
    organization_id: int
    number: int | None
    status: InvoiceStatus
    total: int | None
    paid: int
    clock_now: datetime | None


async def lock_invoice(connection: AsyncConnection, uuid: UUID) -> Locked | None:
    found = (
        select(
            invoices.c.invoice_id, invoices.c.organization_id, invoices.c.number, invoices.c.status, invoices.c.total,
            invoices.c.paid, test_clocks.c.now,
        )
        .outerjoin_from(invoices, test_clocks, test_clocks.c.clock_id == invoices.c.clock_id)
        .where(invoices.c.uuid == uuid)
        .with_for_update(of=invoices)
    )  # fmt: skip
    row = (await connection.execute(found)).one_or_none()
    return None if row is None else Locked(*row)

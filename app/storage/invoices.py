"""Invoices: lines that wait or are issued at once, through the functions that keep what is issued."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, DateTime, bindparam, cast, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.bills import Line
from app.domain.cases import PaymentMethod
from app.domain.cycles import Month
from app.domain.invoices import InvoiceStatus
from app.storage.cycles import first_day
from app.storage.reads import Reader
from app.storage.tables import cases, invoice_lines, invoices, organizations, reservoirs

_INVOICE = text("select invoice_case(:case_id, :at, cast(:lines as jsonb), :paid)")
_WAIT = text("select add_pending_lines(:case_id, :month, cast(:lines as jsonb))")


async def invoice_case(
    connection: AsyncConnection, case_id: int, lines: Iterable[Line], *, own: int | None, paid: int, at: datetime
) -> int:
    """Issues an invoice of one case, of which so many cents have been received. own: the number of the change of plan
    that the lines belong to. Returns its id."""
    values = {"case_id": case_id, "at": at, "lines": to_json(case_id, lines, own), "paid": paid}
    return int((await connection.execute(_INVOICE, values)).scalar_one())


async def add_pending_lines(
    connection: AsyncConnection, case_id: int, lines: Iterable[Line], *, own: int | None
) -> None:
    """Lets lines wait, each for the organization's invoice of its plan-date's month."""
    waiting: dict[Month, list[Line]] = {}
    for line in lines:
        waiting.setdefault(Month.of(line.effective_at), []).append(line)
    for month, together in sorted(waiting.items()):
        values = {"case_id": case_id, "month": first_day(month), "lines": to_json(case_id, together, own)}
        await connection.execute(_WAIT, values)


def to_json(case_id: int, lines: Iterable[Line], own: int | None = None) -> str:
    """Lines as the functions take them."""
    return json.dumps([_values(case_id, line, own) for line in lines])


def _values(case_id: int, line: Line, own: int | None) -> dict[str, Any]:
    gives_back = line.until is not None and line.amount < 0
    return {
        "case_id": case_id,
        "kind": line.kind.value,
        "effective_at": line.effective_at.isoformat(),
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount": line.amount,
        "cycle_number": line.cycle,
        "tier": line.tier,
        "until": None if line.until is None else line.until.isoformat(),
        "credit_of": line.credit_of or (own if gives_back else None),
        "entry": line.entry,
        "rate": None if line.rate is None else str(line.rate),
    }


class Waiting(NamedTuple):
    """A pending invoice of an organization whose month is over. tax_rate: a share."""

    invoice_id: int
    tax_rate: Decimal


_behind = (
    select(cases.c.case_id)
    .join_from(cases, reservoirs)
    .where(
        cases.c.organization_id == invoices.c.organization_id,
        cases.c.payment_method == PaymentMethod.MONTHLY_INVOICE,
        reservoirs.c.clock_id.is_not_distinct_from(invoices.c.clock_id),
        reservoirs.c.cycle_ends_at <= bindparam("opened", type_=DateTime(timezone=True)),
    )
    .exists()
)
_TO_ISSUE = (
    select(invoices.c.invoice_id, organizations.c.tax_rate)
    .join_from(invoices, organizations)
    .where(
        invoices.c.status == InvoiceStatus.PENDING,
        invoices.c.clock_id.is_not_distinct_from(bindparam("clock", type_=BigInteger)),
        invoices.c.month < bindparam("present", type_=Date),
        ~_behind,
    )
    .order_by(invoices.c.organization_id, invoices.c.month, invoices.c.invoice_id)
    .limit(bindparam("most"))
)
_CLAIM = (
    select(invoices.c.invoice_id)
    .where(invoices.c.invoice_id == bindparam("wanted"), invoices.c.status == InvoiceStatus.PENDING)
    .with_for_update(skip_locked=True)
)
_SUMS = (
    select(invoice_lines.c.case_id, cast(func.sum(invoice_lines.c.amount), BigInteger))
    .where(invoice_lines.c.invoice_id == bindparam("wanted"))
    .group_by(invoice_lines.c.case_id)
    .order_by(invoice_lines.c.case_id)
)
_ADD = text("select add_invoice_lines(:invoice_id, cast(:lines as jsonb))")
_ISSUE = text("select issue_invoice(:invoice_id, :at, 0)")


async def find_waiting(connection: Reader, present: Month, *, clock_id: int | None, most: int) -> list[Waiting]:
    """Pending invoices of months before the present one, of organizations whose cases are all renewed up to it."""
    asked = {"present": first_day(present), "opened": present.starts_at, "clock": clock_id, "most": most}
    return [Waiting(*row) for row in await connection.execute(_TO_ISSUE, asked)]


async def claim_invoice(connection: AsyncConnection, invoice_id: int) -> dict[int, int] | None:
    """Locks a pending invoice, which takes no more lines of others, and sums its lines by case, in cents.

    None: somebody else has it, or has issued it.
    """
    if (await connection.execute(_CLAIM, {"wanted": invoice_id})).one_or_none() is None:
        return None
    return {case_id: int(cents) for case_id, cents in await connection.execute(_SUMS, {"wanted": invoice_id})}


async def issue_invoice(
    connection: AsyncConnection, invoice_id: int, taxes: Mapping[int, Line], *, at: datetime
) -> None:
    """Numbers a claimed invoice, with the tax of each case, at this instant or at that of the number before."""
    for case_id, tax in taxes.items():
        await connection.execute(_ADD, {"invoice_id": invoice_id, "lines": to_json(case_id, [tax])})
    await connection.execute(_ISSUE, {"invoice_id": invoice_id, "at": at})


_FIRST_WAITING = select(func.min(invoices.c.month)).where(
    invoices.c.status == InvoiceStatus.PENDING, invoices.c.clock_id == bindparam("clock")
)


async def first_waiting(connection: Reader, clock_id: int) -> Month | None:
    """The earliest month of a clock's cases whose lines wait."""
    day = (await connection.execute(_FIRST_WAITING, {"clock": clock_id})).scalar_one()
    return None if day is None else Month(day.year, day.month)


_MISSING = (
    select(invoices.c.total - invoices.c.paid)
    .where(invoices.c.invoice_id == bindparam("wanted"), invoices.c.status == InvoiceStatus.OPEN)
    .with_for_update(key_share=True)
)


async def receive(connection: AsyncConnection, invoice_id: int, cents: int, *, at: datetime) -> int:
    """Takes what a card has paid of an open invoice. Returns how many cents are left over, all where it is not open."""
    missing = (await connection.execute(_MISSING, {"wanted": invoice_id})).scalar_one_or_none() or 0
    taken = min(cents, missing)
    if taken:
        values: dict[str, Any] = {"paid": invoices.c.paid + taken}
        if taken == missing:
            values |= _settled(InvoiceStatus.PAID, at)
        await connection.execute(update(invoices).where(invoices.c.invoice_id == invoice_id).values(values))
    return cents - taken


async def mark_paid(connection: AsyncConnection, invoice_id: int, *, by: int, at: datetime) -> None:
    """What an open invoice still asks for has been received elsewhere, says this caller."""
    missing = invoices.c.total - invoices.c.paid
    values = {"paid": invoices.c.total, "elsewhere": missing, "marked_by": by} | _settled(InvoiceStatus.PAID, at)
    await connection.execute(update(invoices).where(invoices.c.invoice_id == invoice_id).values(values))


async def mark_void(connection: AsyncConnection, invoice_id: int, *, by: int, at: datetime) -> None:
    """Nothing is to be paid of an open invoice any more, says this caller; its number and lines stay."""
    values = {"marked_by": by} | _settled(InvoiceStatus.VOID, at)
    await connection.execute(update(invoices).where(invoices.c.invoice_id == invoice_id).values(values))


def _settled(status: InvoiceStatus, at: datetime) -> dict[str, Any]:
    """Not before its issue: an instant that was taken before is that of the issue."""
    return {"status": status, "settled_at": func.greatest(at, invoices.c.issued_at)}

"""The run of monthly invoices, month by month: what waits and for what, what was issued, what was paid (C6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, DateTime, bindparam, case, cast, func, literal_column, select

from app.domain.cases import PaymentMethod
from app.domain.cycles import Month
from app.domain.invoices import InvoiceStatus
from app.storage.reads import Reader
from app.storage.tables import cases, invoice_lines, invoices, reservoirs, test_clocks

RUNS_SHOWN = 24
"""Months, those on test clocks apart."""

_ZONE: ColumnElement[str] = literal_column("'America/New_York'")
_NOW = func.coalesce(test_clocks.c.now, bindparam("now", type_=DateTime(timezone=True)))
_FIRST = func.date_trunc(literal_column("'month'"), func.timezone(_ZONE, _NOW))
"""00:00 on the walls of New York of the first day of the present month, in an invoice's time."""

PENDING = invoices.c.status == InvoiceStatus.PENDING
UNFINISHED = invoices.c.month >= cast(_FIRST, Date)
"""Whether the month of a monthly invoice is not over."""

_behind = (
    select(func.count())
    .select_from(cases.join(reservoirs))
    .where(
        cases.c.organization_id == invoices.c.organization_id,
        cases.c.payment_method == PaymentMethod.MONTHLY_INVOICE,
        reservoirs.c.clock_id.is_not_distinct_from(invoices.c.clock_id),
        reservoirs.c.cycle_ends_at <= func.timezone(_ZONE, _FIRST),
    )
    .correlate(invoices, test_clocks)
    .scalar_subquery()
)
BEHIND = case((PENDING & ~UNFINISHED, _behind), else_=0)
"""Cases of the organization whose ended cycle has to be renewed before a pending invoice of a past month is issued."""

_sum = (
    select(func.sum(invoice_lines.c.amount))
    .where(invoice_lines.c.invoice_id == invoices.c.invoice_id)
    .correlate(invoices)
    .scalar_subquery()
)
TOTAL = cast(func.coalesce(case((PENDING, _sum), else_=invoices.c.total), 0), BigInteger)
"""Cents; of a pending invoice those of its lines so far."""


@dataclass(frozen=True, slots=True)
class Run:
    """The invoices of one month, in real time or on test clocks. Amounts in cents.

    unfinished: pending, their month is not over. behind: it is, but cases have to be renewed first. due: the worker
    issues them at its next look. pending: what the lines of all these come to. billed, received: of what was issued,
    without what is void.
    """

    month: Month
    on_clocks: bool
    unfinished: int
    behind: int
    due: int
    pending: int
    open: int
    paid: int
    void: int
    billed: int
    received: int

    @property
    def issued(self) -> int:
        return self.open + self.paid + self.void

    @property
    def owed(self) -> int:
        return self.billed - self.received


_known = (
    select(
        invoices.c.month,
        invoices.c.clock_id.is_not(None).label("on_clocks"),
        invoices.c.status,
        UNFINISHED.label("unfinished"),
        BEHIND.label("behind"),
        TOTAL.label("total"),
        invoices.c.paid,
    )
    .outerjoin_from(invoices, test_clocks, test_clocks.c.clock_id == invoices.c.clock_id)
    .where(invoices.c.month.is_not(None))
    .subquery()
)
_of = _known.c
_waits = _of.status == InvoiceStatus.PENDING
_stands = (_of.status == InvoiceStatus.OPEN) | (_of.status == InvoiceStatus.PAID)


def _number(those: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.count().filter(those).label(name)


def _cents(amount: ColumnElement[Any], those: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount).filter(those), 0), BigInteger).label(name)


_RUNS = (
    select(
        _of.month,
        _of.on_clocks,
        _number(_waits & _of.unfinished, "unfinished"),
        _number(_waits & ~_of.unfinished & (_of.behind > 0), "behind"),
        _number(_waits & ~_of.unfinished & (_of.behind == 0), "due"),
        _cents(_of.total, _waits, "pending"),
        _number(_of.status == InvoiceStatus.OPEN, "open"),
        _number(_of.status == InvoiceStatus.PAID, "paid"),
        _number(_of.status == InvoiceStatus.VOID, "void"),
        _cents(_of.total, _stands, "billed"),
        _cents(_of.paid, _stands, "received"),
    )
    .group_by(_of.month, _of.on_clocks)
    .order_by(_of.month.desc(), _of.on_clocks)
    .limit(RUNS_SHOWN)
)


async def list_runs(connection: Reader, now: datetime) -> list[Run]:
    """The latest months first; now: the present of what lives in real time."""
    rows = await connection.execute(_RUNS, {"now": now})
    return [Run(Month(month.year, month.month), *counts) for month, *counts in rows]

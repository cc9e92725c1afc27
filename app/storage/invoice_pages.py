"""Reading invoices: whole ones, and what of them a case has (C6)."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Row, Select, any_, bindparam, distinct, func, or_, select, tuple_

from app.domain.bills import Line
from app.domain.cycles import Month
from app.domain.invoices import Invoice, InvoiceLine, InvoiceStatus, Received
from app.storage.invoice_payments import received_of
from app.storage.organizations import organization_from
from app.storage.reads import Reader
from app.storage.tables import cases, invoice_lines, invoices, organizations, plan_changes


class Owner(NamedTuple):
    """Whose list it is: that of a case, of lines of its own alone, or that of an organization."""

    case_id: int | None = None
    organization_id: int | None = None

    @property
    def asked(self) -> dict[str, Any]:
        return {"of_case": self.case_id} if self.case_id is not None else {"organization": self.organization_id}


class Place(NamedTuple):
    """Where an invoice stands in a list."""

    issued: bool
    values: dict[str, Any]


_SELECT = select(invoices, organizations).join_from(invoices, organizations)
_OF_UUID = _SELECT.where(invoices.c.uuid == bindparam("wanted"))


def _of(query: Select[Any], *, case: bool) -> Select[Any]:
    """Takes the owner."""
    if not case:
        return query.where(invoices.c.organization_id == bindparam("organization"))
    billed = select(invoice_lines.c.invoice_id).where(invoice_lines.c.case_id == bindparam("of_case"))
    return query.where(invoices.c.invoice_id.in_(billed))


@cache
def _place(*, case: bool) -> Select[Any]:
    columns = (invoices.c.issued_at, invoices.c.number, invoices.c.month, invoices.c.invoice_id)
    return _of(select(*columns), case=case).where(invoices.c.uuid == bindparam("wanted"))


async def find_place(connection: Reader, owner: Owner, uuid: UUID) -> Place | None:
    """None: there is no such invoice in the owner's list."""
    query = _place(case=owner.case_id is not None)
    row = (await connection.execute(query, {**owner.asked, "wanted": uuid})).one_or_none()
    if row is None:
        return None
    if row.issued_at is None:
        return Place(False, {"at_month": row.month, "at_invoice": row.invoice_id})
    return Place(True, {"at_issue": row.issued_at, "at_number": row.number})


@cache
def _page(*, case: bool, issued: bool | None) -> Select[Any]:
    """issued: whether the place that the page begins after is of an issued invoice; None: it is the first page."""
    issue = tuple_(invoices.c.issued_at, invoices.c.number)
    month = tuple_(invoices.c.month, invoices.c.invoice_id)
    query = _of(_SELECT, case=case)
    if issued:
        query = query.where(issue < tuple_(bindparam("at_issue"), bindparam("at_number")))
    elif issued is not None:
        waits_longer = month < tuple_(bindparam("at_month"), bindparam("at_invoice"))
        query = query.where(or_(invoices.c.issued_at.is_not(None), waits_longer))
    # What is pending has neither instant nor number.
    newest = (column.desc().nulls_first() for column in (*issue, *month))
    return query.order_by(*newest).limit(bindparam("most"))


_LINES = (
    select(
        invoice_lines, cases.c.uuid.label("case_uuid"), cases.c.name.label("case_name"),
        plan_changes.c.occurred_at.label("given_at"),
    )
    .join_from(invoice_lines, cases, cases.c.case_id == invoice_lines.c.case_id)
    .outerjoin(
        plan_changes,
        (plan_changes.c.case_id == invoice_lines.c.case_id) & (plan_changes.c.number == invoice_lines.c.credit_of),
    )
    .where(invoice_lines.c.invoice_id == any_(bindparam("invoices", type_=ARRAY(BigInteger))))
    .order_by(cases.c.name, cases.c.case_id, invoice_lines.c.effective_at, invoice_lines.c.line_id)
)  # fmt: skip
_LINES_OF_CASE = _LINES.where(invoice_lines.c.case_id == bindparam("of_case"))


async def page_of_invoices(connection: Reader, owner: Owner, *, after: Place | None, limit: int) -> list[Invoice]:
    """What waits first, of the latest month first, then the newest issue first. In a transaction that reads one state,
    for an invoice that is issued in between would have lines that it did not have."""
    query = _page(case=owner.case_id is not None, issued=None if after is None else after.issued)
    values = {**owner.asked, **({} if after is None else after.values), "most": limit}
    rows = (await connection.execute(query, values)).all()
    return await _with_lines(connection, rows, owner.case_id)


async def find_invoice(connection: Reader, uuid: UUID, *, case_id: int | None = None) -> Invoice | None:
    """case_id: with the lines of this case alone; None without any. Else whole. In a transaction as for a page."""
    rows = (await connection.execute(_OF_UUID, {"wanted": uuid})).all()
    found = await _with_lines(connection, rows, case_id)
    return found[0] if found and found[0].lines else None


_DECLINED = (
    _of(_SELECT, case=True)
    .where(
        invoices.c.status == InvoiceStatus.OPEN, invoices.c.month.is_(None), invoices.c.attempted_at.is_not(None)
    )
    .order_by(invoices.c.number)
)  # fmt: skip


async def declined_of_case(connection: Reader, case_id: int) -> list[Invoice]:
    """Open ones by card whose saved card was declined, the oldest first (C8)."""
    rows = (await connection.execute(_DECLINED, {"of_case": case_id})).all()
    return await _with_lines(connection, rows, case_id)


_OF_LINE = (
    select(invoices.c.uuid)
    .join_from(invoice_lines, invoices, invoices.c.invoice_id == invoice_lines.c.invoice_id)
    .where(invoice_lines.c.case_id == bindparam("of_case"), invoice_lines.c.line_id == bindparam("wanted"))
)


async def invoice_of_line(connection: Reader, case_id: int, line_id: int) -> UUID | None:
    """The uuid of the invoice that a line of the case is on."""
    found = (await connection.execute(_OF_LINE, {"of_case": case_id, "wanted": line_id})).one_or_none()
    return None if found is None else found[0]


async def _with_lines(connection: Reader, rows: Sequence[Row[Any]], case_id: int | None) -> list[Invoice]:
    if not rows:
        return []
    asked: dict[str, Any] = {"invoices": [row.invoice_id for row in rows]}
    if case_id is None:
        found = await connection.execute(_LINES, asked)
    else:
        found = await connection.execute(_LINES_OF_CASE, {**asked, "of_case": case_id})
    lines: dict[int, list[InvoiceLine]] = {row.invoice_id: [] for row in rows}
    for row in found:
        lines[row.invoice_id].append(_line(row))
    whole = rows if case_id is None else [row for row in rows if row.month is None]
    received = await received_of(connection, whole)
    return [_invoice(row, lines[row.invoice_id], received.get(row.invoice_id, ())) for row in rows]


def _invoice(row: Row[Any], lines: Sequence[InvoiceLine], received: tuple[Received, ...]) -> Invoice:
    organization = organization_from(row)
    return Invoice(
        invoice_id=row.invoice_id,
        uuid=row._mapping[invoices.c.uuid],
        organization=organization,
        billed_to=row.billed_to or organization.name,
        number=row.number,
        status=row.status,
        issued_at=row.issued_at,
        month=None if row.month is None else Month(row.month.year, row.month.month),
        paid=row.paid,
        lines=tuple(lines),
        settled_at=row.settled_at,
        received=received,
        attempted_at=row.attempted_at,
    )


def _line(row: Row[Any]) -> InvoiceLine:
    line = Line(
        kind=row.kind,
        effective_at=row.effective_at,
        quantity=row.quantity,
        unit_price=row.unit_price,
        cycle=row.cycle_number,
        tier=row.tier,
        until=row.until,
        credit_of=row.credit_of,
        entry=row.entry,
        rate=row.rate,
    )
    return InvoiceLine(row.line_id, row.case_uuid, row.case_name, line, row.given_at)


_COUNT = _of(select(func.count()).select_from(invoices), case=False)
_COUNT_OF_CASE = select(func.count(distinct(invoice_lines.c.invoice_id))).where(
    invoice_lines.c.case_id == bindparam("of_case")
)


async def count_invoices(connection: Reader, owner: Owner) -> int:
    query = _COUNT if owner.case_id is None else _COUNT_OF_CASE
    return int((await connection.execute(query, owner.asked)).scalar_one())

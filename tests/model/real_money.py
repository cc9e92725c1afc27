"""The invoices and credits of the cases on a test clock, read straight from their tables, as the model shows them."""

from collections import defaultdict
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, TextClause, column, select, text

from app.services.ports import Ports
from tests.model.model_charges import Line
from tests.model.model_money import InvoiceSeen, MoneySeen, in_order, lines_in_order
from tests.model.model_plan_commands import organization_of

_CASES = text("""
    select c.name, c.credit_left
    from cases c join reservoirs using (case_id) join test_clocks k using (clock_id) where k.uuid = :clock
""")
_INVOICES = text("""
    select o.nuix_id, i.invoice_id, i.number, i.status::text, i.issued_at, i.month, i.total, i.paid, l.line_id, c.name,
        l.kind::text, l.effective_at, l.quantity, l.unit_price, l.amount, l.cycle_number, l.tier::text, l.until,
        l.entry, l.rate, p.cycle_number as given_by
    from invoices i
    join test_clocks k using (clock_id)
    join organizations o using (organization_id)
    left join invoice_lines l using (invoice_id)
    left join cases c on c.case_id = l.case_id
    left join plan_changes p on p.case_id = l.case_id and p.number = l.credit_of
    where k.uuid = :clock
""")


def _read(statement: TextClause, columns: str) -> Select[Any]:
    """As what is shown is read: at a third of the time, and histories ask after every step."""
    return select(statement.columns(*map(column, columns.split())).subquery())


CASES = _read(_CASES, "name credit_left")
INVOICES = _read(
    _INVOICES,
    "nuix_id invoice_id number status issued_at month total paid line_id name kind effective_at quantity unit_price "
    "amount cycle_number tier until entry rate given_by",
).order_by(column("invoice_id"))


async def money_on(ports: Ports, clock: UUID) -> MoneySeen:
    """Of all cases of the clock, and of their organizations."""
    async with ports.database.snapshot() as connection:
        carried = {row.name: row.credit_left for row in await connection.execute(CASES, {"clock": clock})}
        rows = (await connection.execute(INVOICES, {"clock": clock})).all()
    invoices: dict[str, list[InvoiceSeen]] = defaultdict(list)
    for (nuix_id, _), of in groupby(rows, key=lambda row: (row.nuix_id, row.invoice_id)):
        invoices[nuix_id.split(", ")[-1]].append(seen(list(of)))
    return MoneySeen(carried, {name: in_order(invoices[name]) for name in map(organization_of, carried)})


def seen(rows: list[Row[Any]]) -> InvoiceSeen:
    """Rows of one invoice, one for each line."""
    invoice, month = rows[0], rows[0].month
    assert month is None or isinstance(month, date)
    return InvoiceSeen(
        number=invoice.number,
        status=invoice.status,
        issued_at=invoice.issued_at,
        month=None if month is None else month.strftime("%Y-%m"),
        total=invoice.total,
        paid=invoice.paid,
        lines=lines_in_order((row.name, line(row)) for row in rows if row.line_id is not None),
    )


def line(row: Row[Any]) -> Line:
    found = Line(
        kind=row.kind,
        at=row.effective_at,
        quantity=row.quantity,
        unit_price=row.unit_price,
        cycle=row.cycle_number,
        tier=row.tier,
        until=row.until,
        entry=row.entry,
        rate=row.rate,
    )
    assert row.amount == found.amount
    assert row.given_by == (None if row.kind != "PRORATION_CREDIT" else row.cycle_number + 1), "by the upgrade that cut"
    return found

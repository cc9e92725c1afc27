"""What invoices by card still ask for. Amounts are whole cents of CAD."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.invoices import InvoiceStatus
from app.storage.reads import Reader
from app.storage.tables import cases, invoices, test_clocks


class ToCollect(NamedTuple):
    """An open invoice of one case that a card has not been tried for. clock_now: on a test clock."""

    invoice_id: int
    uuid: UUID
    case_id: int
    case_uuid: UUID
    clock_now: datetime | None


_owed = invoices.c.total - invoices.c.paid
_waits = (
    invoices.c.status == InvoiceStatus.OPEN,
    invoices.c.month.is_(None),
    invoices.c.attempted_at.is_(None),
)
_TO_COLLECT = (
    select(
        invoices.c.invoice_id, invoices.c.uuid, invoices.c.case_id, cases.c.uuid.label("case_uuid"), test_clocks.c.now,
    )
    .join_from(invoices, cases, cases.c.case_id == invoices.c.case_id)
    .outerjoin(test_clocks, test_clocks.c.clock_id == invoices.c.clock_id)
    .where(
        *_waits,
        invoices.c.clock_id.is_not_distinct_from(bindparam("clock", type_=BigInteger)),
        invoices.c.invoice_id > bindparam("after", type_=BigInteger),
    )
    .order_by(invoices.c.invoice_id)
    .limit(bindparam("most", type_=BigInteger))
)  # fmt: skip
_CLAIM = (
    select(_owed)
    .where(invoices.c.invoice_id == bindparam("wanted"), *_waits)
    .with_for_update(key_share=True)
)  # fmt: skip


async def find_to_collect(connection: Reader, *, clock_id: int | None, after: int, most: int) -> list[ToCollect]:
    """Invoices by card that wait for their first attempt, the oldest first; only with larger ids than the one given."""
    asked = {"clock": clock_id, "after": after, "most": most}
    return [ToCollect(*row) for row in await connection.execute(_TO_COLLECT, asked)]


async def claim_to_collect(connection: AsyncConnection, invoice_id: int) -> int | None:
    """Locks an invoice that still waits for its first attempt, and tells what it asks for. None: it does not."""
    found = (await connection.execute(_CLAIM, {"wanted": invoice_id})).scalar_one_or_none()
    return None if found is None else int(found)


async def note_attempt(connection: AsyncConnection, invoice_id: int, *, at: datetime) -> None:
    """That a card was tried."""
    await connection.execute(update(invoices).where(invoices.c.invoice_id == invoice_id).values(attempted_at=at))


class Owed(NamedTuple):
    """What an open invoice still asks for."""

    invoice_id: int
    owed: int


_OWED = select(invoices.c.invoice_id, _owed).where(
    invoices.c.case_id == bindparam("of_case"),
    invoices.c.uuid == bindparam("wanted"),
    invoices.c.status == InvoiceStatus.OPEN,
)


async def find_owed(connection: Reader, case_id: int, invoice: UUID) -> Owed | None:
    """None: it is no invoice by card of the case, or not open."""
    row = (await connection.execute(_OWED, {"of_case": case_id, "wanted": invoice})).one_or_none()
    return None if row is None else Owed(*row)

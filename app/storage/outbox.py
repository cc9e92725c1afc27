"""The outbox: what must be announced once the transaction that wrote it has committed."""

from datetime import timedelta

from sqlalchemy import BigInteger, Delete, Interval, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.announcements import Announced, Announcement
from app.storage.tables import cases, outbox

_ANNOUNCE = insert(outbox)


async def announce(connection: AsyncConnection, what: Announcement, case_id: int | None) -> None:
    """To be called in the transaction that did it. case_id None: many cases."""
    await connection.execute(_ANNOUNCE, {"what": what, "case_id": case_id})


# Rows that another process holds are its business; PostgreSQL evaluates a common table expression that locks only once.
_unheld = select(outbox.c.outbox_id).order_by(outbox.c.outbox_id).limit(bindparam("most", type_=BigInteger))
_oldest = _unheld.with_for_update(skip_locked=True).cte("oldest")
_worn = (
    _unheld.where(outbox.c.created_at < func.now() - bindparam("age", type_=Interval))
    .with_for_update(skip_locked=True)
    .cte("worn")
)
_TAKE = (
    delete(outbox)
    .where(outbox.c.outbox_id == _oldest.c.outbox_id)
    .returning(
        outbox.c.what,
        select(cases.c.uuid).where(cases.c.case_id == outbox.c.case_id).scalar_subquery().label("case_uuid"),
    )
)
_DROP: Delete = delete(outbox).where(outbox.c.outbox_id == _worn.c.outbox_id)


async def take(connection: AsyncConnection, most: int) -> list[Announced]:
    """Deletes the oldest rows that no other process holds: they are back again if the transaction is rolled back."""
    rows = await connection.execute(_TAKE, {"most": most})
    return [Announced(row.what, row.case_uuid) for row in rows]


async def drop_older(connection: AsyncConnection, age: timedelta, most: int) -> int:
    """Deletes rows written longer ago than that by the database's own clock. Returns how many."""
    return (await connection.execute(_DROP, {"age": age, "most": most})).rowcount

"""Test clocks, and what falls due on them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.clocks import TestClock
from app.domain.idempotency import Request
from app.domain.tasks import TaskStatus
from app.storage.reads import Reader
from app.storage.tables import (
    cases,
    invoices,
    organizations,
    reservoirs,
    task_rows,
    test_clock_advances as advances,
    test_clocks,
)

_SELECT = select(test_clocks.c.clock_id, test_clocks.c.uuid, test_clocks.c.now)
_OF_UUID = _SELECT.where(test_clocks.c.uuid == bindparam("wanted"))


async def find_clock(connection: Reader, uuid: UUID) -> TestClock | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid})).one_or_none()
    return None if row is None else TestClock(*row)


async def store_clock(connection: AsyncConnection, now: datetime, request: Request) -> tuple[TestClock, UUID]:
    """A new clock, or the one that the key has made, and the digest of the input that made it (K1)."""
    made = upsert(test_clocks).values(now=now, creation_key=request.key, creation_input=request.input)
    kept = made.on_conflict_do_update(index_elements=["creation_key"], set_={"creation_key": request.key})
    columns = (test_clocks.c.clock_id, test_clocks.c.uuid, test_clocks.c.now, test_clocks.c.creation_input)
    *clock, given = (await connection.execute(kept.returning(*columns))).one()
    return TestClock(*clock), given


async def lock_clock(connection: AsyncConnection, clock_id: int) -> TestClock:
    """Until the end of the transaction nobody else moves it, and nobody does anything in its time.

    Whoever only refers to it is let through: a row that is written twice in a transaction refers to it again.
    """
    locked = _SELECT.where(test_clocks.c.clock_id == clock_id).with_for_update(key_share=True)
    return TestClock(*(await connection.execute(locked)).one())


async def hold_clock(connection: AsyncConnection, clock_id: int) -> datetime:
    """The time of a clock, which nobody moves until the end of the transaction. Comes before the lock of a case."""
    held = select(test_clocks.c.now).where(test_clocks.c.clock_id == clock_id).with_for_update(read=True)
    now: datetime = (await connection.execute(held)).scalar_one()
    return now


async def move_clock(connection: AsyncConnection, clock_id: int, now: datetime) -> None:
    await connection.execute(update(test_clocks).where(test_clocks.c.clock_id == clock_id).values(now=now))


_KNOWN = select(advances.c.input).where(advances.c.clock_id == bindparam("of"), advances.c.key == bindparam("key"))


async def recall_advance(connection: Reader, clock_id: int, request: Request) -> bool | None:
    """None: the key is new; True: the same input succeeded with it; False: another input did."""
    known = (await connection.execute(_KNOWN, {"of": clock_id, "key": request.key})).scalar_one_or_none()
    return None if known is None else known == request.input


async def remember_advance(connection: AsyncConnection, clock_id: int, request: Request) -> None:
    await connection.execute(insert(advances).values(clock_id=clock_id, key=request.key, input=request.input))


_RESERVOIRS = select(func.min(reservoirs.c.refilled_on), func.min(reservoirs.c.cycle_ends_at)).where(
    reservoirs.c.clock_id == bindparam("of")
)
_LAST_SIGN = func.coalesce(task_rows.c.reported_at, task_rows.c.created_at)
_QUIETEST = (
    select(func.min(_LAST_SIGN))
    .join_from(task_rows, reservoirs)
    .where(reservoirs.c.clock_id == bindparam("of"), task_rows.c.status == TaskStatus.RUNNING)
)


async def next_on_clock(
    connection: AsyncConnection, clock_id: int
) -> tuple[date | None, datetime | None, datetime | None]:
    """Of all cases on the clock: the earliest date up to which refills are done, the earliest end of an open cycle, and
    the earliest last sign of life of a running task."""
    refilled_on, ends_at = (await connection.execute(_RESERVOIRS, {"of": clock_id})).one()
    quiet_since = (await connection.execute(_QUIETEST, {"of": clock_id})).scalar_one()
    return refilled_on, ends_at, quiet_since


_ENDED = (
    select(reservoirs.c.case_id)
    .join_from(reservoirs, cases)
    .where(reservoirs.c.clock_id == bindparam("of"), reservoirs.c.cycle_ends_at <= bindparam("at"))
    .order_by(cases.c.organization_id, reservoirs.c.case_id)
)


async def ended_on_clock(connection: AsyncConnection, clock_id: int, at: datetime) -> list[int]:
    """Cases on the clock whose open cycle has ended, by organization: each takes the next number of its own."""
    rows = await connection.execute(_ENDED, {"of": clock_id, "at": at})
    return list(rows.scalars())


_ORGANIZATIONS = (
    select(organizations.c.organization_id)
    .where(
        organizations.c.organization_id.in_(
            select(cases.c.organization_id)
            .join_from(cases, reservoirs, reservoirs.c.case_id == cases.c.case_id)
            .where(reservoirs.c.clock_id == bindparam("of"))
        )
    )
    .order_by(organizations.c.organization_id)
    .with_for_update(key_share=True)
)


async def lock_organizations(connection: AsyncConnection, clock_id: int) -> None:
    """Those of the cases on the clock, in one order: invoices of several of them take their numbers in any."""
    await connection.execute(_ORGANIZATIONS, {"of": clock_id})


async def release_clock(connection: AsyncConnection, clock_id: int) -> None:
    """Lets the cases of a clock, which stands at the present, go on in real time, with all of their invoices.

    No organization among them may have lines waiting for the end of a month in real time already: lines never move.
    """
    await lock_clock(connection, clock_id)
    await connection.execute(
        update(reservoirs)
        .where(reservoirs.c.clock_id == clock_id)
        .values(clock_id=None, terms_version=reservoirs.c.terms_version + 1)
    )
    await connection.execute(update(invoices).where(invoices.c.clock_id == clock_id).values(clock_id=None))

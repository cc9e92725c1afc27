"""What has fallen due in real time, found by indexes that hold nothing else."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, DateTime, bindparam, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.storage.reads import Reader
from app.storage.tables import reservoirs


class Ended(NamedTuple):
    """A case whose open cycle has ended, and when."""

    case_id: int
    at: datetime


_ENDED = (
    select(reservoirs.c.case_id, reservoirs.c.cycle_ends_at)
    .where(
        reservoirs.c.clock_id.is_(None),
        reservoirs.c.cycle_ends_at <= bindparam("now", type_=DateTime(timezone=True)),
        tuple_(reservoirs.c.cycle_ends_at, reservoirs.c.case_id)
        > tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("case_id", type_=BigInteger)),
    )
    .order_by(reservoirs.c.cycle_ends_at, reservoirs.c.case_id)
    .limit(bindparam("most"))
)
_FIRST = Ended(0, datetime(1, 1, 1, tzinfo=UTC))


async def find_ended(connection: Reader, now: datetime, *, after: Ended | None, limit: int) -> list[Ended]:
    """Cases whose open cycle has ended, the longest ended first, after the one given."""
    start = after or _FIRST
    asked = {"now": now, "at": start.at, "case_id": start.case_id, "most": limit}
    return [Ended(*row) for row in await connection.execute(_ENDED, asked)]


_OUTAGES = text("""
insert into outages (day)
select cast(:done as date) + days from generate_series(1, cast(:last as date) - cast(:done as date)) days
order by 1 on conflict do nothing
""")


async def note_outages(connection: AsyncConnection, done: date, last: date) -> None:
    """The dates after the one that was done, up to the last, were not refilled and never will be (L4)."""
    await connection.execute(_OUTAGES, {"done": done, "last": last})


async def lock_ended(connection: AsyncConnection, case_id: int, now: datetime) -> bool:
    """Claims the end of a case's cycle; False where somebody has the case, or has ended the cycle already."""
    claim = (
        select(reservoirs.c.case_id)
        .where(reservoirs.c.case_id == case_id, reservoirs.c.cycle_ends_at <= now)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return (await connection.execute(claim)).one_or_none() is not None

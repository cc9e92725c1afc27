"""Running tasks that nobody reports on (T6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, bindparam, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.tasks import TaskStatus
from app.storage.database import Database
from app.storage.reads import Reader
from app.storage.tables import reservoirs, task_rows as tasks


@dataclass(frozen=True, slots=True)
class IdleTask:
    case_id: int
    number: int


_IDLE = (
    select(tasks.c.case_id, tasks.c.number)
    .join_from(tasks, reservoirs)
    .where(tasks.c.status == TaskStatus.RUNNING)
    .where(func.coalesce(tasks.c.reported_at, tasks.c.created_at) <= bindparam("since", type_=DateTime(timezone=True)))
    .order_by(tasks.c.case_id, tasks.c.number)
)
_IDLE_IN_REAL_TIME = _IDLE.where(
    reservoirs.c.clock_id.is_(None),
    tuple_(tasks.c.case_id, tasks.c.number)
    > tuple_(bindparam("case_id", type_=BigInteger), bindparam("number", type_=BigInteger)),
).limit(bindparam("most"))
_IDLE_ON_CLOCK = _IDLE.where(reservoirs.c.clock_id == bindparam("clock"))


async def find_idle_tasks(connection: Reader, idle_since: datetime, *, after: IdleTask, limit: int) -> list[IdleTask]:
    """Running tasks in real time without a report since the instant, by case and number, after the one given."""
    asked = {"since": idle_since, "most": limit, "case_id": after.case_id, "number": after.number}
    return [IdleTask(*row) for row in await connection.execute(_IDLE_IN_REAL_TIME, asked)]


async def idle_on_clock(connection: AsyncConnection, clock_id: int, idle_since: datetime) -> list[IdleTask]:
    """All those of cases on the test clock."""
    asked = {"since": idle_since, "clock": clock_id}
    return [IdleTask(*row) for row in await connection.execute(_IDLE_ON_CLOCK, asked)]


_ABANDON = "select abandon_task(%s, %s, %s, %s, %s)"
_ON_CLOCK = text("""
    select (finish_task(:case_id, :number, :caller_id, null, null, :now, 'ABANDONED', :idle_since, null)).verdict
""")


async def abandon(database: Database, task: IdleTask, *, caller_id: int, now: datetime, idle_since: datetime) -> bool:
    """Ends the task if it is still idle, before all else that is due (C10). False: not, or somebody has its case."""
    values = (task.case_id, task.number, caller_id, now, idle_since)
    row = await database.call(_ABANDON, values)
    return row is not None and row[0] == "done"


async def abandon_on_clock(
    connection: AsyncConnection, task: IdleTask, *, caller_id: int, now: datetime, idle_since: datetime
) -> None:
    """The same within the transaction that moves a test clock."""
    values = {"case_id": task.case_id, "number": task.number, "caller_id": caller_id, "now": now}
    await connection.execute(_ON_CLOCK, {**values, "idle_since": idle_since})

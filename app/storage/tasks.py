"""Tasks: the hot steps, each one call, and the reads."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Row, Select, Uuid, any_, bindparam, column, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Terms
from app.domain.cycles import due_day
from app.domain.idempotency import Request
from app.domain.outcomes import Report
from app.domain.overage import NO_OVERAGE, OverageUse
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import MOST_TOKENS, RunningTasks, Task, TaskRequest, TaskStatus
from app.storage.database import Database, Step
from app.storage.reads import Reader
from app.storage.tables import cases, tasks

_FIELDS = (
    "number", "name", "kind", "scope", "mode", "active_fields", "status", "documents", "succeeded", "failed", "skipped",
    "reserved", "charged", "refunded", "overage", "first_entry", "last_entry", "created_at", "finished_at",
)  # fmt: skip
_VERDICT = (
    "select verdict, balance, held, purchased, refilled_on, overage_settled, overage_provisional, "
    + ", ".join(f"(task).{field}" for field in _FIELDS)
    + " from "
)
_CREATE_TASK = """create_task(
    {case_id}, {caller}, {key}, {at}, {terms}, {gated}, {kind}, {scope}, {mode}, {fields}, {documents}, {name},
    {tokens}, array[{text_rate}, {image_rate}, {audio_rate}, {video_rate}]::smallint[], {most}, {due_day}, {refill}
)"""
_CREATE_GIVEN = {
    "case_id": "bigint", "caller": "bigint", "key": "uuid", "at": "timestamptz", "terms": "bigint", "gated": "boolean",
    "kind": "task_kind", "scope": "task_scope", "mode": "scan_mode", "fields": "smallint", "documents": "bigint",
    "name": "text", "tokens": "bigint", "text_rate": "smallint", "image_rate": "smallint", "audio_rate": "smallint",
    "video_rate": "smallint", "most": "bigint", "due_day": "date", "refill": "bigint",
}  # fmt: skip
_CREATE = Step(
    tuple(_CREATE_GIVEN),
    once=_VERDICT + _CREATE_TASK.format_map(dict.fromkeys(_CREATE_GIVEN, "%s")),
    for_many=_VERDICT
    + f"""rows from (json_to_recordset(%s) as ({", ".join(map(" ".join, _CREATE_GIVEN.items()))}))
    with ordinality as given cross join lateral
    {_CREATE_TASK.format_map({name: f"given.{name}" for name in _CREATE_GIVEN})} order by given.ordinality""",
)
_RECORD = _VERDICT + "record_outcomes(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_FINISH = _VERDICT + "finish_task(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hot step says, with the tank and the task as they then stand; see functions/tasks.sql for the words."""

    word: str
    balance: int | None
    held: int
    purchased: int
    refilled_on: date | None
    use: OverageUse
    """Of a refusal in a case with a ceiling on overage."""

    task: Task | None


def _task(case_uuid: UUID, fields: Sequence[Any]) -> Task:
    number, name, kind, scope, mode, active_fields, status, *figures = fields
    return Task(
        case_uuid, number, name, TaskKind(kind), TaskScope(scope), ScanMode(mode), active_fields, TaskStatus(status),
        *figures,
    )  # fmt: skip


async def _judged(database: Database, terms: Terms, statement: str, values: Sequence[Any]) -> Verdict:
    row = await database.call(statement, values, locks_case=terms.case_id)
    assert row is not None
    return _verdict(terms, row)


def _verdict(terms: Terms, row: Sequence[Any]) -> Verdict:
    word, balance, held, purchased, refilled_on, settled, provisional, *fields = row
    use = NO_OVERAGE if settled is None else OverageUse(settled, provisional)
    task = None if fields[0] is None else _task(terms.uuid, fields)
    return Verdict(word, balance, held, purchased, refilled_on, use, task)


async def create_task(
    database: Database,
    terms: Terms,
    key: UUID,
    task: TaskRequest,
    *,
    name: str | None,
    caller_id: int,
    gated: bool,
    now: datetime | None,
) -> Verdict:
    """Reserves for a task that was judged by these terms (T2). gated: they refuse it, only a replay can succeed.

    now None, here and below: the case lives on a test clock, where nothing is ever due and whose time the database has.

    Those asked of a case at the same time go together; each gets a verdict of its own. A refill that is
    due comes first.
    """
    values = (
        terms.case_id, caller_id, key, now, terms.version, gated, task.kind.value, task.scope.value,
        task.mode.value, task.active_fields, task.documents, name, task.tokens,
        *task.price.charges, MOST_TOKENS, _due(now), None if terms.plan is None else terms.plan.daily_refill,
    )  # fmt: skip
    return _verdict(terms, await database.call_together(_CREATE, values, locks_case=terms.case_id))


async def record_outcomes(
    database: Database,
    terms: Terms,
    request: Request,
    number: int,
    report: Report,
    *,
    caller_id: int,
    now: datetime | None,
    idle_since: datetime | None,
) -> Verdict:
    """Takes a report on a task of the case (T3, T4). idle_since: a task that is idle since then is to be abandoned."""
    separator = _separator(report.documents)
    values = (
        terms.case_id, number, caller_id, request.key, request.input, now, separator.join(report.documents), separator,
        report.letters, report.names_modes, report.leaves_modes_out, _due(now), idle_since,
    )  # fmt: skip
    return await _judged(database, terms, _RECORD, values)


def _separator(documents: Sequence[str]) -> str:
    """A character that no id holds: the unit separator, or one of the million beyond the surrogates."""
    held = set[str]().union(*documents)
    candidates = chain([31], range(sys.maxunicode, 0xE000, -1))
    return next(character for character in map(chr, candidates) if character not in held)


async def finish_task(
    database: Database,
    terms: Terms,
    request: Request,
    number: int,
    end: TaskStatus,
    *,
    caller_id: int,
    now: datetime | None,
    idle_since: datetime | None,
) -> Verdict:
    """Ends a task (T6). idle_since: as for a report."""
    values = (
        terms.case_id, number, caller_id, request.key, request.input, now, end.value, idle_since, _due(now),
    )  # fmt: skip
    return await _judged(database, terms, _FINISH, values)


def _due(now: datetime | None) -> date | None:
    return None if now is None else due_day(now)


_CANCEL = text("select cancel_tasks(:case_id, :caller_id, :now)")
_HOLD = text("select hold_provisional(:case_id, :caller_id, :now)")


async def cancel_tasks(connection: AsyncConnection, case_id: int, *, caller_id: int, now: datetime) -> None:
    """Cancels and refunds every running task of a locked case (L6)."""
    await connection.execute(_CANCEL, {"case_id": case_id, "caller_id": caller_id, "now": now})


async def hold_provisional(connection: AsyncConnection, case_id: int, *, caller_id: int, now: datetime) -> None:
    """Lets the unlimited tank of a locked case hold what its tasks had set aside beyond the balance (T5)."""
    await connection.execute(_HOLD, {"case_id": case_id, "caller_id": caller_id, "now": now})


_SELECT = select(cases.c.uuid, *(tasks.c[field] for field in _FIELDS)).join_from(
    tasks, cases, tasks.c.case_id == cases.c.case_id
)


def _read(row: Row[Any]) -> Task:
    return _task(row[0], row[1:])


_wanted = (
    func.unnest(bindparam("uuids", type_=ARRAY(Uuid)), bindparam("numbers", type_=ARRAY(BigInteger)))
    .table_valued(column("uuid", Uuid), column("number", BigInteger))
    .render_derived(name="wanted")
)
_WANTED = _SELECT.join(_wanted, (_wanted.c.uuid == cases.c.uuid) & (_wanted.c.number == tasks.c.number))


async def find_tasks(connection: Reader, wanted: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], Task]:
    """Tasks by the uuid of their case and their number; those that do not exist are left out."""
    uuids, numbers = [uuid for uuid, _ in wanted], [number for _, number in wanted]
    rows = await connection.execute(_WANTED, {"uuids": uuids, "numbers": numbers})
    found = [_read(row) for row in rows]
    return {(task.case_uuid, task.number): task for task in found}


def _of_case(query: Select[Any], status: TaskStatus | None, running: bool | None = None) -> Select[Any]:
    """Takes the case as `of_case`."""
    query = query.where(tasks.c.case_id == bindparam("of_case"))
    if running is not None:
        runs = tasks.c.status == TaskStatus.RUNNING
        query = query.where(runs if running else ~runs)
    return query if status is None else query.where(tasks.c.status == status)


@cache
def _page(status: TaskStatus | None, running: bool | None, *, on: bool) -> Select[Any]:
    query = _of_case(_SELECT, status, running).order_by(tasks.c.number.desc()).limit(bindparam("most"))
    return query.where(tasks.c.number < bindparam("after")) if on else query


async def page_of_tasks(
    connection: Reader,
    case_id: int,
    *,
    status: TaskStatus | None = None,
    running: bool | None = None,
    after: int | None,
    limit: int,
) -> list[Task]:
    """Newest first, before the number given. running: only those that run, or only those that have ended."""
    asked = {"of_case": case_id, "most": limit}
    if after is not None:
        asked["after"] = after
    query = _page(status, running, on=after is not None)
    return [_read(row) for row in await connection.execute(query, asked)]


_BY_NUMBER = _of_case(_SELECT, None).where(tasks.c.number == any_(bindparam("numbers", type_=ARRAY(BigInteger))))


async def tasks_by_number(connection: Reader, case_id: int, numbers: Sequence[int]) -> dict[int, Task]:
    """Tasks of one case; those that do not exist are left out."""
    rows = await connection.execute(_BY_NUMBER, {"of_case": case_id, "numbers": list(numbers)})
    return {task.number: task for task in map(_read, rows)}


_HELD = tasks.c.reserved - tasks.c.charged - tasks.c.refunded - tasks.c.provisional
_RUNNING = _of_case(
    select(func.count(), func.count().filter(_HELD > 0), func.coalesce(func.sum(tasks.c.provisional), 0)),
    None,
    running=True,
)


async def running_tasks(connection: Reader, case_id: int) -> RunningTasks:
    """Those that run now, by the index of running tasks."""
    row = (await connection.execute(_RUNNING, {"of_case": case_id})).one()
    return RunningTasks(*map(int, row))


@cache
def _count(status: TaskStatus | None) -> Select[Any]:
    return _of_case(select(func.count()).select_from(tasks), status)


async def count_tasks(connection: Reader, case_id: int, *, status: TaskStatus | None) -> int:
    """How many tasks there are; of a whole case, `Case.tasks` says it without counting."""
    return int((await connection.execute(_count(status), {"of_case": case_id})).scalar_one())

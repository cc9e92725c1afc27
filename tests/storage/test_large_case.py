"""Reads of a case with 10,000 tasks: right, and by what they ask for, not by how long the history is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.ledger import EntryGroup, EntryKind
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskScope, UsageCategory
from app.domain.tasks import RunningTasks, Task, TaskStatus
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from app.storage import cycles, idle_tasks, ledger, statements, tasks
from app.storage.reads import DirectReader
from tests.stage import Clock, active_case, bulk, created, failed, finish, new_viewer, opened, report, reread, succeeded

NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
OLD = 10_000
"""Tasks of one text document each that were charged and ended; the tank of 50,000 has 40,000 left."""

_OLD_TASKS = """
insert into task_rows (
    case_id, number, created_at, finished_at, documents, succeeded, reserved, charged, first_entry, last_entry,
    caller_id, key, kind, scope, mode, status, active_fields, text_rate, image_rate, audio_rate, video_rate
)
select r.case_id, n, changed_at, changed_at, 1, 1, 1, 1, 2 * n, 2 * n + 1, :caller, gen_random_uuid(), 'SCAN', 'BULK',
    'TEXT', 'COMPLETED', 1, 1, 1, 1, 1
from reservoirs r, generate_series(1, :old) n
"""
_OLD_ENTRIES = """
insert into ledger_rows (
    case_id, sequence, occurred_at, cycle_number, task_number, caller_id, balance_change, held_change, balance_after,
    held_after, documents, kind, category
)
select case_id, 2 * n + e, changed_at, 1, n, :caller, e - 1, 1 - 2 * e, 50000 - n, 1 - e, nullif(e, 0),
    (array['RESERVE', 'CHARGE'])[e + 1]::entry_kind, (array[null, 'TEXT_SCAN'])[e + 1]::usage_category
from reservoirs, generate_series(1, :old) n, generate_series(0, 1) e order by n, e
"""
_OLD_REST = (
    "insert into task_documents select case_id, n, 't', 'a' from reservoirs, generate_series(1, :old) n",
    "insert into cycle_usage select case_id, 1, :old, 0, 'TEXT_SCAN' from reservoirs",
    "update reservoirs set balance = balance - :old, tasks = :old, entries = 1 + 2 * :old",
)


@pytest.fixture(scope="module")
async def large(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[Ports, Case]]:
    """After the old tasks: 10,001 runs with overage, 10,002 has ended, 10,003 runs, 10,004 is free and runs."""
    postgres.create_database("large", template="template")
    clock = Clock(NOON)
    async with opened(postgres.url("large"), clock) as ports:
        operator, _ = await new_viewer(ports)
        case = await active_case(ports, operator, PlanTier.BUSINESS, overage=True)
        async with ports.database.writing() as connection:
            for statement in (_OLD_TASKS, _OLD_ENTRIES, *_OLD_REST):
                wanted = {"caller": operator.caller_id, "old": OLD}
                await connection.execute(text(statement), {k: v for k, v in wanted.items() if f":{k}" in statement})
        over = await created(ports, operator, case, bulk(ScanMode.AUTO, 2_250))
        ended = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
        await report(ports, operator, over, succeeded(["v"], ScanMode.VIDEO))
        await report(ports, operator, ended, succeeded(["a", "b"], ScanMode.AUDIO), failed(["f"]))
        await report(ports, operator, ended, succeeded(["c"], ScanMode.TEXT))
        await finish(ports, operator, ended)
        await created(ports, operator, case, bulk(ScanMode.TEXT, 7))
        await created(ports, operator, case, replace(bulk(), scope=TaskScope.SINGLE))
        with psycopg.connect(postgres.url("large"), autocommit=True) as cleaner:
            cleaner.execute("vacuum analyze")
        yield ports, await reread(ports, operator, case)


class NotingConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """Counts the statements that it carries, and keeps the last one with its values."""

    last: tuple[Any, Any]
    carried = 0

    async def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.AsyncCursor[tuple[Any, ...]]:
        self.last = (query, params)
        self.carried += 1
        return await super().execute(query, params, **options)

    async def plan_of_last(self) -> dict[str, Any]:
        """How it is run."""
        statement, values = self.last
        [[[explained]]] = await (
            await super().execute(f"explain (analyze, format json) {statement}", values)
        ).fetchall()
        return dict(explained["Plan"])


@pytest.fixture
async def noting(postgres: EmbeddedPostgres, large: tuple[Ports, Case]) -> AsyncIterator[NotingConnection]:
    async with await NotingConnection.connect(postgres.url("large"), autocommit=True) as connected:
        yield connected


@pytest.fixture
def connection(noting: NotingConnection) -> DirectReader:
    return DirectReader(noting)


@pytest.fixture
def case_id(large: tuple[Ports, Case]) -> int:
    return large[1].terms.case_id


async def test_the_stage_is_one_that_could_be(large: tuple[Ports, Case]) -> None:
    assert (await verify(large[0])).differences == []


async def test_a_case_says_how_many_tasks_and_entries_it_has(
    large: tuple[Ports, Case], connection: DirectReader, case_id: int
) -> None:
    case = large[1]
    assert case.tasks == await tasks.count_tasks(connection, case_id, status=None) == OLD + 4
    assert case.entries == await ledger.count_entries(connection, case_id) == 2 * OLD + 1 + 9


async def test_running_tasks_are_told_from_those_that_ended(connection: DirectReader, case_id: int) -> None:
    running = await tasks.page_of_tasks(connection, case_id, running=True, after=None, limit=9)
    ended = await tasks.page_of_tasks(connection, case_id, running=False, after=None, limit=2)
    assert [task.number for task in running] == [10_004, 10_003, 10_001]
    assert [task.number for task in ended] == [10_002, 10_000]
    assert {task.status for task in ended} == {TaskStatus.COMPLETED}
    assert await tasks.page_of_tasks(connection, case_id, running=True, after=10_003, limit=9) == running[2:]
    assert await tasks.running_tasks(connection, case_id) == RunningTasks(tasks=3, holding=1, provisional=5_007)


async def test_tasks_are_found_by_number(connection: DirectReader, case_id: int) -> None:
    found = await tasks.tasks_by_number(connection, case_id, [10_002, 3, 99_999])
    assert {number: task.charged for number, task in found.items()} == {3: 1, 10_002: 21}
    assert await tasks.tasks_by_number(connection, case_id, []) == {}


async def test_the_entries_of_a_task_are_found_among_those_of_others(connection: DirectReader, case_id: int) -> None:
    async def kinds(number: int) -> list[EntryKind]:
        found = await ledger.page_of_entries(connection, case_id, task_number=number, after=None, limit=9)
        assert len(found) == await ledger.count_entries(connection, case_id, task_number=number)
        assert {entry.task_number for entry in found} <= {number}
        return [entry.kind for entry in found]

    assert await kinds(10_001) == ["CHARGE", "RESERVE"]
    assert await kinds(10_002) == ["REFUND", "REFUND", "CHARGE", "REFUND", "CHARGE", "RESERVE"]
    assert await kinds(10_003) == ["RESERVE"]
    assert await kinds(10_004) == []
    assert await kinds(99_999) == []
    assert await kinds(5_000) == ["CHARGE", "RESERVE"]


async def test_entries_are_found_by_category(connection: DirectReader, case_id: int) -> None:
    audio = UsageCategory.AUDIO_SCAN
    [entry] = await ledger.page_of_entries(connection, case_id, category=audio, after=None, limit=9)
    assert (entry.task_number, entry.documents) == (10_002, 2)
    assert await ledger.count_entries(connection, case_id, category=audio) == 1
    assert await ledger.count_entries(connection, case_id, category=audio, task_number=5_000) == 0


async def task_of(connection: DirectReader, case_id: int, number: int) -> Task:
    return (await tasks.tasks_by_number(connection, case_id, [number]))[number]


async def test_entries_of_a_task_are_grouped_by_what_they_are_for(connection: DirectReader, case_id: int) -> None:
    task = await task_of(connection, case_id, 10_002)
    found = (await statements.entries_of_tasks(connection, case_id, [task]))[10_002]
    first = task.first_entry
    assert first is not None
    assert found == [
        EntryGroup(EntryKind.RESERVE, None, None, 80, 80, first, first, 1),
        EntryGroup(EntryKind.CHARGE, UsageCategory.AUDIO_SCAN, 2, 20, -20, first + 2, first + 2, 1),
        EntryGroup(EntryKind.REFUND, None, 3, 39, -39, first + 3, first + 5, 2),
        EntryGroup(EntryKind.CHARGE, UsageCategory.TEXT_SCAN, 1, 1, -1, first + 4, first + 4, 1),
        EntryGroup(EntryKind.REFUND, None, None, 20, -20, first + 6, first + 6, 1),
    ]


def rows_looked_at(plan: dict[str, Any]) -> int:
    """Rows that the scans of a plan that has run have come upon, those that they passed over included."""
    looked_at = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    if "Relation Name" in plan:
        looked_at += plan["Actual Rows"]
    return int(looked_at * plan["Actual Loops"]) + sum(rows_looked_at(part) for part in plan.get("Plans", []))


READS: dict[str, Callable[[DirectReader, int], Awaitable[object]]] = {
    "tasks": lambda c, case: tasks.page_of_tasks(c, case, after=None, limit=21),
    "older tasks": lambda c, case: tasks.page_of_tasks(c, case, after=5_000, limit=21),
    "running tasks": lambda c, case: tasks.page_of_tasks(c, case, running=True, after=None, limit=21),
    "tasks that ended": lambda c, case: tasks.page_of_tasks(c, case, running=False, after=None, limit=21),
    "how many run": lambda c, case: tasks.running_tasks(c, case),
    "how many run, by status": lambda c, case: tasks.count_tasks(c, case, status=TaskStatus.RUNNING),
    "tasks by number": lambda c, case: tasks.tasks_by_number(c, case, list(range(5_000, 5_020))),
    "idle tasks": lambda c, _: idle_tasks.find_idle_tasks(c, NOON, after=idle_tasks.IdleTask(0, 0), limit=100),
    "entries": lambda c, case: ledger.page_of_entries(c, case, after=None, limit=21),
    "entries of an old task": lambda c, case: ledger.page_of_entries(c, case, task_number=9, after=None, limit=21),
    "how many an old task has": lambda c, case: ledger.count_entries(c, case, task_number=9),
    "entries of a category": lambda c, case: ledger.page_of_entries(
        c, case, category=UsageCategory.TEXT_SCAN, after=None, limit=21
    ),
    "months": lambda c, case: cycles.page_of_months(c, case, after=None, size=12),
    "older months": lambda c, case: cycles.page_of_months(c, case, after=Month(2026, 4), size=12),
    "the month": lambda c, case: cycles.usage_of_month(c, case, None),
    "a month": lambda c, case: cycles.usage_of_month(c, case, Month(2026, 3)),
}


@pytest.mark.parametrize("read", READS)
async def test_a_read_is_one_statement_that_passes_over_the_history(
    noting: NotingConnection, connection: DirectReader, case_id: int, read: str
) -> None:
    assert await READS[read](connection, case_id)
    assert noting.carried == 1
    assert 0 < rows_looked_at(await noting.plan_of_last()) < 200


async def test_tasks_of_any_case_pass_over_the_history(
    noting: NotingConnection, connection: DirectReader, large: tuple[Ports, Case]
) -> None:
    wanted = [(large[1].terms.uuid, number) for number in (1, 5_000, 99_999)]
    assert sorted(await tasks.find_tasks(connection, wanted)) == wanted[:2]
    assert noting.carried == 1
    assert 0 < rows_looked_at(await noting.plan_of_last()) < 200


async def test_receipts_pass_over_the_history(noting: NotingConnection, connection: DirectReader, case_id: int) -> None:
    found = await tasks.page_of_tasks(connection, case_id, running=False, after=5_000, limit=5)
    assert all((await statements.entries_of_tasks(connection, case_id, found)).values())
    assert noting.carried == 2
    assert 0 < rows_looked_at(await noting.plan_of_last()) < 200

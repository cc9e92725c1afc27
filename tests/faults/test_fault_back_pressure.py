"""A case whose row somebody holds: its requests wait for a bounded time, and those of other cases do not notice."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import psycopg
import pytest

from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Refusal
from app.domain.tasks import Task
from app.runtime.servers.postgres import EmbeddedPostgres
from app.storage.database import HOT_CONNECTIONS, HOT_CONNECTIONS_OF_A_CASE, PATIENCE, DatabaseUnavailable
from app.storage.turns import Turns
from tests.faults.fault_clients import HttpDoor
from tests.faults.fault_crowd import Crowd, assert_nothing_differs, at_once, count_rows, crowd_on
from tests.faults.fault_history import Answer, Create, Unknown
from tests.faults.fault_service import Service
from tests.stage import Clock, active_case, bulk, create, created, new_viewer, opened, reread

SLACK = 10.0
"""Seconds that a busy machine may add."""


@contextmanager
def held(url: str, *cases: Case) -> Iterator[psycopg.Connection]:
    """The cases' reservoirs, locked by somebody else; given back by a rollback, or at the end."""
    with psycopg.connect(url) as holder:
        ids = [case.terms.case_id for case in cases]
        holder.execute("select from reservoirs where case_id = any(%s) order by case_id for update", [ids])
        yield holder
        holder.rollback()


@pytest.fixture
async def single(own_url: str, clock: Clock) -> AsyncIterator[Crowd]:
    """One process."""
    async with crowd_on(own_url, clock, processes=1) as crowd:
        yield crowd


@dataclass
class Waited:
    result: Task | Refusal | DatabaseUnavailable
    seconds: float


async def timed(crowd: Crowd, case: Case, key: str | None = None) -> Waited:
    began = time.monotonic()
    result: Task | Refusal | DatabaseUnavailable
    try:
        result = await create(crowd.one, crowd.operator, case, bulk(ScanMode.TEXT, 10), key=key)
    except DatabaseUnavailable as outage:
        result = outage
    return Waited(result, time.monotonic() - began)


async def test_a_short_hold_is_waited_for(single: Crowd, own_url: str) -> None:
    case = await active_case(single.one, single.operator)
    with held(own_url, case) as holder:
        waiting = asyncio.gather(*(timed(single, case) for _ in range(20)))
        await asyncio.sleep(0.5)
        holder.rollback()
        results = await waiting
    assert all(isinstance(waited.result, Task) for waited in results)
    assert await count_rows(single.one, "tasks", case) == 20
    await assert_nothing_differs(single.one)


async def test_a_held_case_does_not_starve_the_others(
    single: Crowd, own_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """64 requests for the held case are there first; those for 16 others pass by. The 64 are told to come back in
    time, have done nothing, and are all served, once, when they do."""
    case = await active_case(single.one, single.operator)
    others = [await active_case(single.one, single.operator) for _ in range(16)]
    await at_once(*(timed(single, other) for other in others))
    with held(own_url, case):
        waiting = [asyncio.create_task(timed(single, case, f"key {i}")) for i in range(64)]
        await asyncio.sleep(0.1)
        passed = await at_once(*(timed(single, other) for other in others for _ in range(4)))
        assert all(isinstance(waited.result, Task) for waited in passed)
        assert not any(each.done() for each in waiting)
        results = await asyncio.gather(*waiting)
    assert all(isinstance(waited.result, DatabaseUnavailable) for waited in results)
    longest = max(waited.seconds for waited in results)
    assert longest < 2 * PATIENCE + SLACK
    with capsys.disabled():
        print(  # noqa: T201  # the figure is what it is run for
            f"\n  others waited {max(waited.seconds for waited in passed) * 1000:.0f} ms at most; "
            f"requests for the held case were sent away after {longest:.1f} s at most"
        )
    assert await count_rows(single.one, "tasks", case) == 0
    again = await at_once(*(timed(single, case, f"key {i}") for i in range(64)))
    assert all(isinstance(waited.result, Task) for waited in again)
    tank = (await reread(single.one, single.operator, case)).reservoir
    assert (tank.balance, tank.held) == (10_000 - 640, 640)
    await assert_nothing_differs(single.one)


async def test_more_held_cases_than_connections_are_survived(own_url: str, clock: Clock) -> None:
    """All hot connections wait: others wait for them, or come back later; pages can still be read, then all goes on."""
    impatient = f"{own_url}&options=-c%20lock_timeout%3D500ms"
    async with crowd_on(impatient, clock, processes=1) as single:
        await more_held_cases_than_connections(single, own_url)


async def more_held_cases_than_connections(single: Crowd, own_url: str) -> None:
    stuck = [await active_case(single.one, single.operator) for _ in range(HOT_CONNECTIONS)]
    other = await active_case(single.one, single.operator)
    with held(own_url, *stuck):
        waiting = asyncio.gather(*(timed(single, case) for case in stuck for _ in range(HOT_CONNECTIONS_OF_A_CASE)))
        await asyncio.sleep(0.1)
        late = asyncio.create_task(timed(single, other))
        assert (await reread(single.one, single.operator, stuck[0])).reservoir.held == 0
        results = [*await waiting, await late]
    assert all(waited.seconds < 2 * PATIENCE + SLACK for waited in results)
    assert all(isinstance(waited.result, DatabaseUnavailable) for waited in results[:-1])
    assert isinstance((await timed(single, other)).result, Task)
    assert await count_rows(single.one, "tasks") == (2 if isinstance(results[-1].result, Task) else 1)
    await assert_nothing_differs(single.one)


async def test_who_waits_in_vain_is_answered_503_with_a_time_to_come_back(
    durable: EmbeddedPostgres, service: Service, clock: Clock
) -> None:
    """Over HTTP, where the door asserts Retry-After: only the held case's requests are answered so."""
    async with opened(durable.url(), clock) as ports:
        operator, key = await new_viewer(ports)
        case, other = [await active_case(ports, operator) for _ in range(2)]
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
            door = HttpDoor(http, service.graphql)

            async def ask(asked: Case, name: str) -> Answer | Unknown:
                try:
                    return await door.send(Create(asked.terms.uuid, name, "TEXT", 1))
                except Unknown as unknown:
                    return unknown

            with held(durable.url(), case):
                waiting = asyncio.gather(*(ask(case, f"key {i}") for i in range(16)))
                await asyncio.sleep(0.3)
                assert {type(answer) for answer in await at_once(*(ask(other, f"key {i}") for i in range(16)))} == {
                    Answer
                }
                assert {type(answer) for answer in await waiting} == {Unknown}
            assert await count_rows(ports, "tasks", case) == 0
            answers = await at_once(*(ask(case, f"key {i}") for i in range(16)))
            assert {answer.number for answer in answers if isinstance(answer, Answer)} == set(range(1, 17))
        await assert_nothing_differs(ports)


async def test_a_writer_that_falls_silent_loses_its_lock(own_url: str, single: Crowd) -> None:
    """A process that vanishes without a goodbye in the middle of a transaction must not hold a case for hours."""
    case = await active_case(single.one, single.operator, PlanTier.PRO)
    made: list[Task] = []
    short = f"{own_url}&options=-c%20idle_in_transaction_session_timeout%3D1s"
    async with opened(short, single.one.clock) as silent:

        async def hold() -> None:
            async with silent.database.writing() as connection:
                await connection.exec_driver_sql("select from reservoirs for update")
                made.append(await created(single.one, single.operator, case, bulk()))
                await connection.exec_driver_sql("select 1")

        with pytest.raises(DatabaseUnavailable):
            await hold()
    assert [task.number for task in made] == [1]


async def test_turns_are_given_in_order_and_leave_nothing_behind() -> None:
    turns = Turns(at_once=2)
    order: list[int] = []
    working = 0

    async def work(number: int) -> None:
        nonlocal working
        async with turns.turn(7, patience=1):
            working += 1
            assert working <= 2
            order.append(number)
            await asyncio.sleep(0)
            working -= 1

    await at_once(*(work(number) for number in range(9)))
    assert order == list(range(9))
    async with turns.turn(7, 1), turns.turn(7, 1), turns.turn(8, 1):
        with pytest.raises(TimeoutError):
            async with turns.turn(7, patience=0.01):
                raise AssertionError("there was no turn left")
    await asyncio.wait_for(work(9), 1)
    assert turns._lines == {}

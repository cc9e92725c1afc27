"""Workers killed in the middle of refills, of renewals and of an advance: every case is done once (L4, C1, C10).

REFILL_KILLS in the environment says in how many runs, 3 without it.
"""

import os
import time
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from app.domain.clocks import TestClock
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.clocks import advance_test_clock, create_test_clock
from app.services.ports import Ports
from tests.faults.fault_copies import copy_case, copy_of
from tests.faults.fault_crowd import assert_nothing_differs
from tests.faults.fault_worker import Worker, advance, work
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, begun, eastern, on_clock, work as work_in_process
from tests.runtime.started import wait_for
from tests.stage import Clock, new_viewer, opened

RUNS = int(os.environ.get("REFILL_KILLS", "3"))
MOST_RUNS = 30
NINE = eastern(2026, 4, 3, 9)
"""Of the day on which the cycles of the case that the clock starts with have ended."""

COPIES = {PRO: 1_500, BUSINESS: 500, STARTER: 100}
RENEWED = 12
TOGETHER = 50
"""Cases in a batch."""


@pytest.fixture
async def many(own_url: str, clock: Clock) -> str:
    """Thousands of cases that are due at `NINE`, some of them to be renewed first."""
    async with opened(own_url, clock) as ports:
        operator, _ = await new_viewer(ports)
        ending = await begun(ports, operator)
        await ending.spend(600)
        clock.now = eastern(2026, 4, 2, 12)
        for tier, count in COPIES.items():
            life = await begun(ports, operator, tier)
            await life.spend(600)
            await copy_case(life, count - 1)
        await copy_case(ending, RENEWED - 1)
        async with ports.database.writing() as connection:
            await connection.execute(text("analyze"))  # as the server itself does, but not at once
        clock.now = NINE
    return own_url


_DONE = """
select r.tier, r.refilled_on, r.cycle_number, count(e.refill_date), sum(e.balance_change),
    array_agg(distinct e.refill_date)
from reservoirs r left join ledger_rows e on e.case_id = r.case_id and e.kind = 'DAILY_REFILL'
group by r.case_id
"""


def done_at(url: str) -> Counter[tuple[Any, ...]]:
    """How many cases have which tier, date that is done, open cycle, and refills."""
    with psycopg.connect(url) as connection:
        return Counter((*rest, tuple(dates)) for *rest, dates in connection.execute(_DONE))


_OTHERS = """
select application_name, state from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def next_round(url: str) -> None:
    """What somebody holds is passed over and left to the next round: one when the server has noticed every kill."""
    with psycopg.connect(url, autocommit=True) as connection:

        def others() -> list[tuple[Any, ...]]:
            return connection.execute(_OTHERS).fetchall()

        wait_for(lambda: not others(), others)
    Worker(work, url, NINE, TOGETHER).join()


TODAY = NINE.date()
ONCE = Counter(
    {
        ("PRO", TODAY, 1, 1, 500, (TODAY,)): COPIES[PRO],
        ("PRO", TODAY, 2, 1, 500, (TODAY,)): RENEWED,
        ("BUSINESS", TODAY, 1, 1, 600, (TODAY,)): COPIES[BUSINESS],
        ("STARTER", None, 1, 0, None, (None,)): COPIES[STARTER],
    }
)


async def test_a_refill_killed_in_any_batch_reaches_every_case_once(
    postgres: EmbeddedPostgres, many: str, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """L4, I2, I8: two workers at once, one of them, or both one after the other, killed; the next worker finishes."""
    seed = Random().randrange(2**32)
    random, killed_at, kills = Random(seed), Counter[int](), 0
    batches = sum(COPIES.values()) // TOGETHER
    for run in range(RUNS):
        with copy_of(postgres, many) as url:
            workers = [Worker(work, url, NINE, TOGETHER) for _ in range(2)]
            for worker in workers[: random.choice([1, 1, 2])]:
                killed_at[worker.kill_after(random.randint(0, batches // 2), random.random() * 0.02)] += 1
                kills += 1
            last = Worker(work, url, NINE, TOGETHER)
            for worker in (*workers, last):
                worker.join()
            next_round(url)
            assert done_at(url) == ONCE, f"seed {seed}, run {run}"
            if run % 50 == 0:
                async with opened(url, clock) as ports:
                    await assert_nothing_differs(ports)
    tell(capsys, f"seed {seed}: {RUNS} runs, {kills} kills after {min(killed_at)} to {max(killed_at)} batches")


async def test_renewals_that_are_killed_happen_once(
    postgres: EmbeddedPostgres, many: str, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """C1: a worker killed while it renews one case after another, and others at once that take the rest."""
    random = Random()
    for _ in range(max(2, RUNS // 4)):
        with copy_of(postgres, many) as url:
            for _ in range(3):
                Worker(work, url, NINE, 1).kill_after(0, random.random() * 0.2)
            for worker in [Worker(work, url, NINE, TOGETHER) for _ in range(2)]:
                worker.join()
            next_round(url)
            async with opened(url, clock) as ports:
                await work_in_process(ports)
                await assert_nothing_differs(ports)
            assert done_at(url) == ONCE
            with psycopg.connect(url) as connection:
                events = connection.execute("select kind, count(*) from plan_changes group by kind order by kind")
                assert events.fetchall() == [("ACTIVATED", sum(COPIES.values()) + RENEWED), ("RENEWED", RENEWED)]


_ALL = [
    "select * from test_clocks", "select * from test_clock_advances", "select * from cases order by case_id",
    "select * from reservoirs order by case_id", "select * from cycles order by case_id, number",
    "select * from cycle_usage order by case_id, cycle_number", "select * from plan_changes order by case_id, number",
    "select * from ledger_rows order by case_id, sequence", "select * from task_rows order by case_id, number",
]  # fmt: skip


def everything(url: str) -> list[list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in _ALL]


@pytest.fixture
async def on_a_clock(own_url: str, clock: Clock) -> tuple[str, int, UUID]:
    """A few cases on a test clock, with something of everything before them; who advances it."""
    async with opened(own_url, clock) as opened_ports:
        ports = Ports(opened_ports.database, clock, test_clocks=True)
        operator, _ = await new_viewer(ports)
        made = await create_test_clock(ports, operator, key="k", now=eastern(2026, 1, 31, 10))
        assert isinstance(made, TestClock)
        lives = [await on_clock(ports, operator, made.uuid) for _ in range(4)]
        for life, tier in zip(lives, (STARTER, PRO, BUSINESS, ENTERPRISE), strict=True):
            await life.activate(tier)
            await life.spend(900)
            if tier in (BUSINESS, ENTERPRISE):
                await life.downgrade(PRO)
        at = eastern(2026, 2, 26, 10)
        assert isinstance(await advance_test_clock(ports, operator, key="k", clock=made.uuid, to=at), TestClock)
        for life in lives:
            await life.hold(100)
    return own_url, operator.caller_id, made.uuid


async def test_an_advance_that_is_killed_and_asked_for_again_is_the_same_as_one_in_peace(
    postgres: EmbeddedPostgres, on_a_clock: tuple[str, int, UUID], clock: Clock
) -> None:
    """C10, K1: a week of four cases at the end of their cycles, killed twice; the same key takes it up."""
    template, caller, uuid = on_a_clock
    way = (caller, uuid, eastern(2026, 3, 4, 12), "the way")
    random = Random()
    with copy_of(postgres, template) as url:
        peaceful = Worker(advance, url, *way)
        peaceful.wait_for(1)
        began = time.monotonic()
        peaceful.join()
        seconds, in_peace = time.monotonic() - began, everything(url)
        async with opened(url, clock) as ports:
            await assert_nothing_differs(ports)
    cut_short = runs = 0
    # On a busy machine the first kills may all come too early or too late: then there are more, until one has met it.
    while runs < max(2, RUNS // 4) or (not cut_short and runs < MOST_RUNS):
        runs += 1
        with copy_of(postgres, template) as url:
            for _ in range(2):
                Worker(advance, url, *way).kill_after(1, random.random() * seconds)
            stood = everything(url)[0]
            cut_short += in_peace[0] != stood != everything(template)[0]
            for worker in [Worker(advance, url, *way) for _ in range(2)]:
                worker.join()
            assert everything(url) == in_peace
    assert cut_short


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Shows it whether the test passes or not."""
    with capsys.disabled():
        print(f"\n  {line}")  # noqa: T201  # the figure is what it is run for

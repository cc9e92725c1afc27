"""What falls due, done at once by workers and by whoever comes first, in real time and on test clocks (C10, L4, C1)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.domain.cases import Case, PaymentMethod
from app.domain.clocks import TestClock
from app.domain.cycles import due_day
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import InsufficientTokens
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task, TaskStatus
from app.services.clocks import advance_test_clock, create_test_clock, find_test_clock
from app.services.due import RefillSweep, end_cycles
from app.services.due_work import DueWork
from app.services.organizations import set_monthly_invoicing
from app.services.ports import Ports
from app.services.tasks import page_of_tasks
from app.storage.reservoirs import refill_locked
from tests.faults.fault_crowd import PATIENCE, ROUNDS, Crowd, assert_nothing_differs, at_once
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, Life, begun, eastern, on_clock, work
from tests.stage import Clock, bulk, create

Command = Callable[[Life], Coroutine[Any, Any, object]]

NINE = eastern(2026, 3, 4, 9)
"""Of the day after the one that the clock starts on."""

RENEWAL = eastern(2026, 4, 3)
"""The end of a cycle that begins when the clock starts."""


async def test_what_comes_at_nine_comes_after_the_refill_and_the_refill_once(crowd: Crowd, clock: Clock) -> None:
    """L4, C10: workers, upgrades, deactivations, purchases and tasks of many cases at once, all at 09:00:00."""
    commands: dict[str, Command] = {
        "UPGRADE_FILL": lambda life: life.upgrade(BUSINESS),
        "DEACTIVATION_CLEAR": lambda life: life.deactivate(),
        "PURCHASE": lambda life: life.buy(10),
        "RESERVE": lambda life: life.try_task(500),
    }
    kinds = list(commands) * 4 * ROUNDS
    lives = [await begun(crowd.one, crowd.operator) for _ in kinds]
    for life in lives:
        await life.spend(10_000)
    clock.now = NINE
    await at_once(
        *(commands[kind](life.by(crowd.member(i))) for i, (life, kind) in enumerate(zip(lives, kinds, strict=True))),
        *(DueWork(crowd.member(i)).run() for i in range(3)),
    )
    await work(crowd.one)
    for life, kind in zip(lives, kinds, strict=True):
        refilled, changed = (await life.entries())[3:]
        assert (refilled.kind, refilled.balance, refilled.date) == ("DAILY_REFILL", 500, date(2026, 3, 4))
        assert changed.kind == kind
    await assert_nothing_differs(crowd.one)


async def test_workers_at_once_do_everything_once(crowd: Crowd, clock: Clock) -> None:
    """L4, C1: eight of them, in small batches, on cases of which every third is renewed too."""
    clock.now = eastern(2026, 2, 3, 12)
    lives = [await begun(crowd.one, crowd.operator) for _ in range(8 * ROUNDS)]
    clock.now = eastern(2026, 3, 2, 12)
    lives += [await begun(crowd.one, crowd.operator) for _ in range(16 * ROUNDS)]
    for life in lives:
        await life.spend(600)
    clock.now = eastern(2026, 3, 3, 9)

    async def turn(number: int) -> Counter[str]:
        ports = crowd.member(number)
        done = Counter({"ended": await end_cycles(ports)})
        sweep = RefillSweep(ports, most=4)
        while more := await sweep.batch():
            done["refilled"] += more
        return done

    done = sum(await at_once(*(turn(i) for i in range(8))), Counter[str]())
    done += await turn(0)  # for those that everybody passed over while they were renewed
    assert done == {"ended": 8 * ROUNDS, "refilled": 24 * ROUNDS}
    for life in lives:
        assert [(e.balance, e.date) for e in await life.entries() if e.date] == [(500, date(2026, 3, 3))]
    assert Counter([(await life.subscription()).cycle.number for life in lives]) == {2: 8 * ROUNDS, 1: 16 * ROUNDS}
    await assert_nothing_differs(crowd.one)


async def test_workers_that_go_on_and_on_hold_up_no_task(crowd: Crowd, clock: Clock) -> None:
    """T2, C10: of two tasks of 500 at 09:00 on an empty tank one runs, in every case."""
    lives = [await begun(crowd.one, crowd.operator) for _ in range(12 * ROUNDS)]
    for life in lives:
        await life.spend(10_000)
    clock.now = NINE
    ended = False

    async def go_on(number: int) -> list[object]:
        while not ended:
            await DueWork(crowd.member(number)).run()
        return []

    async def claim() -> list[object]:
        nonlocal ended
        try:
            return await at_once(*(life.by(crowd.member(i)).try_task(500) for i, life in enumerate(lives * 2)))
        finally:
            ended = True

    results = (await at_once(claim(), go_on(1), go_on(2)))[0]
    running = [result for result in results if isinstance(result, Task)]
    assert {task.case_uuid for task in running} == {life.uuid for life in lives}
    assert [type(result) for result in results if not isinstance(result, Task)] == [InsufficientTokens] * len(lives)
    await assert_nothing_differs(crowd.one)


async def test_what_comes_at_midnight_belongs_to_the_new_cycle(crowd: Crowd, clock: Clock) -> None:
    """C4: reports, ends, upgrades and deactivations race renewals and downgrades at the end of a cycle."""
    commands: dict[str, Callable[[Life, Task], Coroutine[Any, Any, object]]] = {
        "CHARGE": lambda life, task: life.charge(task, 600),
        "REFUND": lambda life, task: life.end(task),
        "UPGRADED": lambda life, _: life.upgrade(ENTERPRISE),
        "DEACTIVATED": lambda life, _: life.deactivate(),
    }
    kinds = list(commands) * 4 * ROUNDS
    lives = [await begun(crowd.one, crowd.operator, BUSINESS) for _ in kinds]
    for life in lives[::2]:
        await life.downgrade(PRO)
    for life in lives[1::2]:
        await life.downgrade(STARTER)
    clock.now = RENEWAL - timedelta(hours=1)
    tasks = [await life.hold(1_000) for life in lives]
    clock.now = RENEWAL
    sent = zip(lives, kinds, tasks, strict=True)
    await at_once(
        *(commands[kind](life.by(crowd.member(i)), task) for i, (life, kind, task) in enumerate(sent)),
        *(end_cycles(crowd.member(i)) for i in range(3)),
    )
    await work(crowd.one)
    for life, kind in zip(lives, kinds, strict=True):
        events = [(event.kind, event.cycle_number) for event in await life.timeline()][2:]
        assert events[0] == (PlanEvent.DOWNGRADED, 2)
        assert [found.value for found, _ in events[1:]] == ([kind] if kind in PlanEvent.__members__ else [])
        cycles = {(entry.kind, entry.cycle) for entry in await life.entries() if entry.at == RENEWAL}
        assert ("DOWNGRADE_CLAMP", 1) in cycles
        assert kind in PlanEvent.__members__ or (kind, 2) in cycles
    await assert_nothing_differs(crowd.one)


async def test_changes_of_plan_race_an_advance_of_their_clock(crowd: Crowd, clock: Clock) -> None:
    """C10: whatever comes first, nothing that falls due up to where the clock stands is left out."""
    one, two = (Ports(crowd.member(i).database, clock, test_clocks=True) for i in range(2))
    for turn in range(2 * ROUNDS):
        made = await create_test_clock(one, crowd.operator, key=str(uuid4()), now=NINE)
        assert isinstance(made, TestClock)
        lives = [await on_clock(one, crowd.operator, made.uuid) for _ in range(4)]
        goal = NINE + timedelta(days=32)
        starter = lives[0]
        await starter.activate(STARTER)

        async def advance(ports: Ports, key: str, made: TestClock = made, goal: Any = goal) -> object:
            return await advance_test_clock(ports, crowd.operator, key=key, clock=made.uuid, to=goal)

        results = await at_once(
            starter.by(two).upgrade(PRO),
            *(life.by(two).activate(PRO) for life in lives[1:]),
            *(advance(ports, f"{turn} {key}") for ports in (one, two) for key in ("a", "a", "b")),
        )
        arrived = await find_test_clock(one, crowd.operator, made.uuid)
        assert arrived is not None
        assert arrived.now == goal
        assert [isinstance(result, Case | TestClock) for result in results] == [True] * 10
    await assert_nothing_differs(crowd.one)


async def test_tasks_race_an_advance_of_their_clock(crowd: Crowd, clock: Clock) -> None:
    """C10, T6: nobody is in anybody's way, and no task is made in a time that the clock has left."""
    one, two = (Ports(crowd.member(i).database, clock, test_clocks=True) for i in range(2))
    made = await create_test_clock(one, crowd.operator, key=str(uuid4()), now=NINE)
    assert isinstance(made, TestClock)
    life = await on_clock(one, crowd.operator, made.uuid)
    case = await life.activate(PRO)
    assert isinstance(case, Case)
    days = 15 * ROUNDS

    async def advance() -> None:
        for day in range(1, days + 1):
            to = NINE + timedelta(hours=25 * day)
            moved = await advance_test_clock(one, crowd.operator, key=f"day {day}", clock=made.uuid, to=to)
            assert isinstance(moved, TestClock), moved

    async def use(client: Ports) -> None:
        while not advanced.done():
            assert isinstance(await create(client, crowd.operator, case, bulk(ScanMode.TEXT, 1)), Task)

    advanced = asyncio.create_task(advance())
    await asyncio.gather(advanced, *(use(client) for client in (one, one, two, two)))
    found = (await page_of_tasks(one, case, status=TaskStatus.ABANDONED, after=None, size=100_000)).rows
    assert {task.finished_at - task.created_at for task in found if task.finished_at} <= {timedelta(hours=24)}
    assert found
    await assert_nothing_differs(crowd.one)


@pytest.mark.parametrize("tiers", [(PRO, None), (ENTERPRISE, PRO)], ids=["goes on", "begins to be refilled"])
async def test_missed_dates_are_noted_before_a_number_is_taken(
    crowd: Crowd, clock: Clock, tiers: tuple[PlanTier, PlanTier | None]
) -> None:
    """Two cases of an organization, one whose cycle has ended and one that is billed, never wait for each other."""
    tier, downgraded = tiers
    ended = await begun(crowd.one, crowd.operator, tier)
    if downgraded is not None:
        await ended.downgrade(downgraded)
    clock.now += timedelta(days=10)
    billed = await begun(crowd.one, crowd.operator)
    await work(crowd.one)
    clock.now = RENEWAL + timedelta(days=3, hours=12)
    organization = (await billed.see()).organization.organization_id
    async with crowd.one.database.writing() as connection:
        await refill_locked(connection, (await billed.see()).terms.case_id, clock.now, due_day(clock.now))
        command = asyncio.create_task(ended.by(crowd.member(1)).buy(10))
        waiting = text("select count(*) from pg_locks where not granted")
        async with asyncio.timeout(PATIENCE):
            while not (await connection.execute(waiting)).scalar_one():  # noqa: ASYNC110, nobody tells of a lock
                await asyncio.sleep(0.01)
        await connection.execute(text("select next_invoice_number(:of)"), {"of": organization})
        await connection.rollback()
    assert isinstance(await command, Case)
    assert (await ended.subscription()).cycle.number == 2


async def test_clocks_that_share_organizations_advance_at_once(crowd: Crowd) -> None:
    """Each renews the cases of one organization and issues the month of the other, in one step."""
    ports = replace(crowd.one, test_clocks=True)
    begins, to, clocks = eastern(2031, 3, 1), eastern(2031, 4, 1, 1), list[TestClock]()
    for renewed, issued in (("71", "72"), ("72", "71")):
        made = await create_test_clock(ports, crowd.operator, key=f"clock {renewed}", now=begins)
        assert isinstance(made, TestClock)
        clocks.append(made)
        for organization, payment in [(renewed, PaymentMethod.CARD)] * 12 + [(issued, PaymentMethod.MONTHLY_INVOICE)]:
            life = await on_clock(ports, crowd.operator, made.uuid, organization=organization)
            await set_monthly_invoicing(ports, (await life.see()).organization, True)
            assert isinstance(await life.activate(STARTER, payment), Case)
    members = [replace(crowd.member(number), test_clocks=True) for number in range(len(clocks))]
    advanced = await at_once(
        *(
            advance_test_clock(member, crowd.operator, key="go", clock=each.uuid, to=to)
            for member, each in zip(members, clocks, strict=True)
        )
    )
    assert [each.now for each in advanced if isinstance(each, TestClock)] == [to, to]
    await assert_nothing_differs(crowd.one)

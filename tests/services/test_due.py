"""What falls due in real time: by the worker on time or late, by whoever comes before it otherwise (C10, L4, C1)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.clocks import TestClock
from app.domain.plans import PlanTier
from app.domain.refusals import InsufficientTokens
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task, TaskStatus
from app.services.clocks import create_test_clock
from app.services.due import DueWork, end_cycles, refill
from app.services.ports import Ports
from app.services.tasks import find_tasks
from app.services.verification import verify
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, Life, begun, eastern, on_clock, work
from tests.stage import Clock, new_viewer

A_MOMENT = timedelta(microseconds=1)
NINE = eastern(2026, 3, 4, 9)
"""Of the day after the clock's."""


@pytest.fixture
async def own_operator(own_ports: Ports) -> AsyncIterator[Viewer]:
    """At the end everything must be what the ledger says (L1)."""
    yield (await new_viewer(own_ports))[0]
    assert (await verify(own_ports)).differences == []


async def refills(life: Life) -> list[tuple[date | None, int | None, datetime, int]]:
    """Date, tokens, instant and cycle of every refill."""
    return [(e.date, e.balance, e.at, e.cycle) for e in await life.entries() if e.kind == "DAILY_REFILL"]


async def outages(ports: Ports) -> list[int]:
    """Days, counted from the first of March 2026."""
    async with ports.database.writing() as connection:
        days = (await connection.execute(text("select day from outages order by day"))).scalars()
        return [(day - date(2026, 3, 1)).days + 1 for day in days]


Comer = Callable[[Life], Awaitable[object]]

COMERS: list[Comer] = [
    lambda life: life.try_task(1),
    lambda life: life.buy(1),
    lambda life: life.cancel(),  # which is refused
    lambda life: work(life.ports),
]
"""Whoever finds out what is due, each on a case of its own; the worker comes last, for it looks at all of them."""


async def come(lives: list[Life]) -> None:
    for life, comer in zip(lives, COMERS, strict=True):
        await comer(life)


@pytest.mark.parametrize(
    ("comes", "added", "missed"),
    [
        (NINE - A_MOMENT, [], []),
        (NINE, [4], []),
        (NINE + A_MOMENT, [4], []),
        (eastern(2026, 3, 4, 23, 59, 59, 999999), [4], []),
        (eastern(2026, 3, 5), [], [4]),
        (eastern(2026, 3, 5, 9) - A_MOMENT, [], [4]),
        (eastern(2026, 3, 8, 9), [8], [4, 5, 6, 7]),  # in summer time
    ],
)
async def test_a_refill_comes_late_on_its_date_or_not_at_all(
    own_ports: Ports, own_operator: Viewer, clock: Clock, comes: datetime, added: list[int], missed: list[int]
) -> None:
    """L4: once, dated when it is done; a date that is over is an outage, and not made up, whoever finds out."""
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    clock.now = comes
    await come(lives)
    for life in lives:
        assert await refills(life) == [(date(2026, 3, day), 500, comes, 1) for day in added]
    assert await outages(own_ports) == missed
    assert await work(own_ports) == 0


async def test_a_date_found_out_to_be_over_is_followed_by_the_next(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """L4: what is done of the date before in the small hours does not stand in the way of 09:00."""
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    for clock.now in (eastern(2026, 3, 5, 0, 30), eastern(2026, 3, 5, 9)):
        await come(lives)
    for life in lives:
        assert await refills(life) == [(date(2026, 3, 5), 500, clock.now, 1)]
    assert await outages(own_ports) == [4]


async def test_cycles_that_ended_while_nobody_looked_follow_each_other_at_their_times(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C1, C4: no gap, no overlap, the anchor not drifting; the late refill belongs to the last."""
    clock.now = eastern(2026, 1, 31, 10)
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    clock.now = eastern(2026, 4, 30, 12)
    await come(lives)
    ends = [eastern(2026, 2, 28), eastern(2026, 3, 31), eastern(2026, 4, 30)]
    for life in lives:
        assert [(event.kind, event.occurred_at, event.cycle_number) for event in await life.timeline()][1:] == [
            (PlanEvent.RENEWED, end, number) for number, end in enumerate(ends, 2)
        ]
        assert await cycles(life) == list(
            zip([eastern(2026, 1, 31, 10), *ends], [*ends, eastern(2026, 5, 31)], strict=True)
        )
        assert await refills(life) == [(date(2026, 4, 30), 500, clock.now, 4)]
    assert len(await outages(own_ports)) == 28 + 31 + 29


async def cycles(life: Life) -> list[tuple[datetime, datetime]]:
    query = text("select starts_at, ends_at from cycles join cases using (case_id) where uuid = :uuid order by number")
    async with life.ports.database.writing() as connection:
        return [(row.starts_at, row.ends_at) for row in await connection.execute(query, {"uuid": life.uuid})]


@pytest.mark.parametrize(("tier", "balance", "refilled"), [(PRO, 10_000, True), (STARTER, 1_000, False)])
async def test_a_downgrade_that_fell_due_in_an_outage_takes_effect_at_its_time(
    own_ports: Ports, own_operator: Viewer, clock: Clock, tier: PlanTier, balance: int, refilled: bool
) -> None:
    """C3, C10: the clamp belongs to the cycle that it ends; dates that the old plan missed are outages all the same."""
    lives = [await begun(own_ports, own_operator, BUSINESS) for _ in COMERS]
    for life in lives:
        await life.spend(20_000)
        await life.downgrade(tier)
    clock.now = eastern(2026, 3, 31, 12)
    await work(own_ports)  # to 37,500
    clock.now = eastern(2026, 4, 5, 12)
    await come(lives)
    for life in lives:
        clamp = next(entry for entry in await life.entries() if entry.kind == "DOWNGRADE_CLAMP")
        assert (clamp.balance, clamp.cycle, clamp.at) == (balance - 37_500, 1, clock.now)
        downgraded = next(event for event in await life.timeline() if event.kind is PlanEvent.DOWNGRADED)
        assert downgraded.occurred_at == eastern(2026, 4, 3)
        case = await life.see()
        assert case.terms.tier is tier
        assert case.refilled_on == (date(2026, 4, 5) if refilled else None)
    assert await outages(own_ports) == [*range(4, 31), 32, 33, *([34, 35] if refilled else [])]


async def test_a_task_at_nine_counts_on_the_refill_of_nine(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C10: whether a worker lives or not."""
    life = await begun(own_ports, own_operator)
    await life.spend_to(0)
    clock.now = NINE - A_MOMENT
    refused = await life.try_task(500, key="k")
    assert isinstance(refused, InsufficientTokens)
    assert refused.next_refill_at == NINE
    clock.now = NINE + A_MOMENT
    task = await life.try_task(500, key="k")
    assert isinstance(task, Task)
    assert (task.created_at, task.reserved) == (clock.now, 500)
    assert [entry.kind for entry in await life.entries()][-2:] == ["DAILY_REFILL", "RESERVE"]
    refused = await life.try_task(1)
    assert isinstance(refused, InsufficientTokens)
    assert refused.next_refill_at == eastern(2026, 3, 5, 9)


async def test_a_report_and_an_end_after_the_end_of_a_cycle_belong_to_the_next(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C4: by the cycle that is open when it is written."""
    life = await begun(own_ports, own_operator)
    task = await life.hold(100)
    clock.now = eastern(2026, 4, 3) - A_MOMENT
    await life.charge(task, 10)
    clock.now = eastern(2026, 4, 3)
    await life.charge(task, 10, 10)
    clock.now = eastern(2026, 5, 3)
    await life.end(task)
    charges = [(entry.kind, entry.cycle) for entry in await life.entries() if entry.task]
    assert charges == [("RESERVE", 1), ("CHARGE", 1), ("CHARGE", 2), ("REFUND", 3)]


@pytest.mark.parametrize(("at", "days"), [(NINE - A_MOMENT, [4, 5]), (NINE, [5]), (NINE + A_MOMENT, [5])])
async def test_a_fill_from_nine_on_is_all_that_a_date_gets(
    own_ports: Ports, own_operator: Viewer, clock: Clock, at: datetime, days: list[int]
) -> None:
    """L4: a fill before 09:00:00 is followed by the refill of its date: by activation, reactivation, upgrade."""
    reactivated, upgraded = [await begun(own_ports, own_operator) for _ in range(2)]
    await reactivated.deactivate()
    clock.now = at
    await reactivated.reactivate(PRO)
    await upgraded.upgrade(BUSINESS)
    lives = [await begun(own_ports, own_operator), reactivated, upgraded]
    for life in lives:
        await life.spend(9_000)
    for day in (4, 5):
        for hour in (9, 23):
            clock.now = max(clock.now, eastern(2026, 3, day, hour))
            await work(own_ports)
    amounts = [(500, 500), (500, 500), (7_500, 1_500 if len(days) == 2 else 7_500)]
    for life, tokens in zip(lives, amounts, strict=True):
        expected = [(date(2026, 3, day), amount) for day, amount in zip(days, tokens, strict=False)]
        assert [(day, amount) for day, amount, *_ in await refills(life)] == expected


async def test_a_full_tank_is_done_with_its_date_without_an_entry(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """L4: full at 09:00 and drained at 09:05, nothing until the next date; 300 of room get 300."""
    life = await begun(own_ports, own_operator)
    clock.now = NINE
    assert await work(own_ports) == 1
    clock.pass_(minutes=5)
    await life.spend(300)
    assert await work(own_ports) == 0
    assert await refills(life) == []
    clock.now = eastern(2026, 3, 5, 9)
    await work(own_ports)
    assert await refills(life) == [(date(2026, 3, 5), 300, clock.now, 1)]
    assert await outages(own_ports) == []


async def test_only_active_cases_on_plans_with_refills_in_real_time_are_refilled(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """L4, C10: a case on a test clock waits for it, however much time passes elsewhere."""
    on_test = Ports(own_ports.database, clock, test_clocks=True)
    made = await create_test_clock(on_test, own_operator, key="k", now=clock.now - timedelta(days=400))
    assert isinstance(made, TestClock)
    elsewhere = await on_clock(on_test, own_operator, made.uuid)
    await elsewhere.activate(PRO)
    left = [await begun(own_ports, own_operator, tier) for tier in (STARTER, ENTERPRISE, PRO)]
    await left[2].deactivate()
    pro = await begun(own_ports, own_operator)
    for life in (elsewhere, left[0], left[1], pro):
        await life.spend(100)
    idle = await elsewhere.hold(50)
    stands = await elsewhere.see(), await elsewhere.timeline(), await elsewhere.entries()
    for day in (4, 5):
        clock.now = eastern(2026, 3, day, 9)
        await work(own_ports)
    assert [len(await refills(life)) for life in (*left, pro)] == [0, 0, 0, 1]
    clock.pass_(days=100)
    await work(own_ports)
    assert (await elsewhere.see(), await elsewhere.timeline(), await elsewhere.entries()) == stands
    [found] = await find_tasks(on_test, own_operator, [(elsewhere.uuid, idle.number)])
    assert found is not None
    assert found.status is TaskStatus.RUNNING


@pytest.mark.parametrize(
    ("ahead", "kind"), [(NINE + timedelta(seconds=1), "DAILY_REFILL"), (eastern(2026, 4, 3, 0, 0, 1), None)]
)
async def test_a_process_whose_clock_is_behind_undoes_and_repeats_nothing(
    own_ports: Ports, own_operator: Viewer, clock: Clock, ahead: datetime, kind: str | None
) -> None:
    """L4, C1: two seconds behind, just before 09:00 or midnight, after another process has been just behind it."""
    life = await begun(own_ports, own_operator)
    await life.spend(2_000)
    clock.now = ahead
    task = await life.hold(10)
    behind = life.by(Ports(own_ports.database, Clock(ahead - timedelta(seconds=2))))
    cycle, stands = (await life.subscription()).cycle, await refills(life)
    assert len(stands) == (kind is not None)
    await work(behind.ports)
    assert isinstance(await behind.charge(task, 5), Task)
    assert isinstance(await behind.buy(1), Case)
    assert isinstance(await behind.try_task(1), Task)
    assert (await behind.subscription()).cycle == cycle
    assert isinstance(await behind.upgrade(BUSINESS), Case)
    assert isinstance(await behind.deactivate(), Case)
    assert isinstance(await behind.reactivate(PRO), Case)
    await behind.spend(2_000)
    await work(behind.ports)
    await work(own_ports)
    assert await refills(life) == stands
    assert [entry.at for entry in await life.entries()][-8:] == [ahead] * 8


async def test_rounds_pass_over_what_somebody_holds(
    own_ports: Ports, own_operator: Viewer, own_url: str, clock: Clock
) -> None:
    """Neither a refill nor a renewal waits; the next round does them."""
    lives = [await begun(own_ports, own_operator) for _ in range(3)]
    for life in lives:
        await life.spend(600)
    held = (await lives[0].see()).terms.case_id
    for now, again in ((eastern(2026, 4, 2, 9), refill), (eastern(2026, 4, 3), end_cycles)):
        clock.now = now
        async with await psycopg.AsyncConnection.connect(own_url) as holder:
            await holder.execute("select from reservoirs where case_id = %s for update", (held,))
            assert await again(own_ports) == 2
        assert await again(own_ports) == 1
        assert await again(own_ports) == 0
    assert [len(await refills(life)) for life in lives] == [1, 1, 1]


async def test_batches_take_what_is_due_and_leave_what_is_to_be_renewed(own_ports: Ports, own_operator: Viewer, clock: Clock) -> None:
    """C10: a refill belongs to the cycle in which it comes."""
    clock.now = eastern(2026, 2, 4, 12)
    ending = await begun(own_ports, own_operator)
    clock.now = eastern(2026, 3, 3, 12)
    lives = [ending, *[await begun(own_ports, own_operator) for _ in range(5)]]
    for life in lives:
        await life.spend(500)
    clock.now = NINE
    assert [await refill(own_ports, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await refills(ending) == []
    assert await end_cycles(own_ports) == 1
    assert await refill(own_ports, most=2) == 1
    assert await refills(ending) == [(date(2026, 3, 4), 500, NINE, 2)]


async def test_idle_tasks_are_looked_for_every_minute(own_ports: Ports, own_operator: Viewer, clock: Clock) -> None:
    """T6: not at every round; a clock that is set back does not put it off."""
    life = await begun(own_ports, own_operator, STARTER)
    await life.hold(1)
    worker = DueWork(own_ports)
    clock.pass_(hours=24, seconds=-30)
    assert await worker.run() == 0
    clock.pass_(seconds=59)
    assert await worker.run() == 0
    clock.pass_(seconds=1)
    assert await worker.run() == 1
    clock.pass_(days=-1, seconds=-1)
    await life.hold(1)  # time does not run backwards for the case
    assert await worker.run() == 0
    clock.pass_(days=2)
    clock.pass_(seconds=1)
    assert await worker.run() == 1

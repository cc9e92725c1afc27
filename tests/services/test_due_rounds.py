"""The worker's rounds: what they refill and renew, what they pass over, what they leave alone (C10, L4, T6)."""

from datetime import date, datetime, timedelta
from functools import partial

import psycopg
import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.clocks import TestClock
from app.domain.tasks import Task, TaskStatus
from app.services.clocks import create_test_clock
from app.services.due import RefillSweep, end_cycles
from app.services.due_work import DueWork
from app.services.ports import Ports
from app.services.tasks import find_tasks
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, begun, eastern, on_clock, work
from tests.services.lateness import A_MOMENT, NINE, outages, refills
from tests.stage import Clock


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


async def test_events_of_a_plan_stay_in_the_order_of_time(own_ports: Ports, own_operator: Viewer, clock: Clock) -> None:
    """Also those that change no token, when the clock of the next process is behind."""
    life = await begun(own_ports, own_operator)
    for seconds in (60, -30, 10, -5):
        clock.pass_(seconds=seconds)
        assert isinstance(await (life.downgrade(STARTER) if seconds > 0 else life.cancel()), Case)
    latest = NINE - timedelta(hours=23) + timedelta(seconds=60)
    assert [event.occurred_at for event in await life.timeline()][1:] == [latest] * 4


async def test_rounds_pass_over_what_somebody_holds(
    own_ports: Ports, own_operator: Viewer, own_url: str, clock: Clock
) -> None:
    """Neither a refill nor a renewal waits; the next round does them."""
    lives = [await begun(own_ports, own_operator) for _ in range(3)]
    for life in lives:
        await life.spend(600)
    held = (await lives[0].see()).terms.case_id
    sweep = RefillSweep(own_ports)
    for now, again in ((eastern(2026, 4, 2, 9), sweep.batch), (eastern(2026, 4, 3), partial(end_cycles, own_ports))):
        clock.now = now
        async with await psycopg.AsyncConnection.connect(own_url) as holder:
            await holder.execute("select from reservoirs where case_id = %s for update", (held,))
            assert await again() == 2
        assert await again() == 1
        assert await again() == 0
    assert [len(await refills(life)) for life in lives] == [1, 1, 1]


async def test_batches_take_what_is_due_and_leave_what_is_to_be_renewed(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C10: a refill belongs to the cycle in which it comes."""
    clock.now = eastern(2026, 2, 4, 12)
    ending = await begun(own_ports, own_operator)
    clock.now = eastern(2026, 3, 3, 12)
    lives = [ending, *[await begun(own_ports, own_operator) for _ in range(5)]]
    for life in lives:
        await life.spend(500)
    clock.now = NINE
    sweep = RefillSweep(own_ports, most=2)
    assert [await sweep.batch() for _ in range(4)] == [2, 2, 1, 0]
    assert await refills(ending) == []
    assert await end_cycles(own_ports) == 1
    assert await sweep.batch() == 1
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

"""Changes of plan that race each other, tasks, refills and renewals (C1-C3, L4-L7, K1).

What must hold after any of it `verify` says: sums, limits, cycles without gaps, one refill a date and case (I1-I9).
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.domain.cases import Case
from app.domain.cycles import due_day, refill_instant
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import PlanChangeRefused, PlanRefusal
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task, TaskEnd
from app.services.due_work import DueWork
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, Life, begun, registered, work
from tests.stage import Clock

Command = Callable[[Life], Coroutine[Any, Any, object]]


async def test_upgrades_at_once_go_up_as_if_one_after_the_other(crowd: Crowd) -> None:
    """C2: of six to Business and six to Enterprise whoever is too late is refused; each that is done is one cycle."""
    for _ in range(3 * ROUNDS):
        life = await begun(crowd.one, crowd.operator)
        tiers = [BUSINESS, ENTERPRISE] * 6
        results = await at_once(*(life.by(crowd.member(i // 2)).upgrade(tier) for i, tier in enumerate(tiers)))
        done = [event.tier for event in (await life.timeline())[1:]]
        assert done in ([BUSINESS, ENTERPRISE], [ENTERPRISE])
        refused = [result for result in results if not isinstance(result, Case)]
        assert refused == [PlanChangeRefused(PlanRefusal.NOT_AN_UPGRADE)] * (12 - len(done))
        assert [entry.kind for entry in await life.entries()] == ["ACTIVATION_FILL", "UPGRADE_FILL"][: len(done)]
        assert (await life.subscription()).cycle.number == 1 + len(done)
    await assert_nothing_differs(crowd.one)


@pytest.mark.parametrize(
    ("before", "command", "events"),
    [
        ([], lambda life: life.activate(PRO, key="k"), [PlanEvent.ACTIVATED]),
        ([Life.activate, Life.deactivate], lambda life: life.reactivate(PRO, key="k"), [PlanEvent.REACTIVATED]),
        ([Life.activate], lambda life: life.upgrade(BUSINESS, key="k"), [PlanEvent.UPGRADED]),
        ([Life.activate], lambda life: life.downgrade(STARTER, key="k"), [PlanEvent.DOWNGRADE_SCHEDULED]),
        ([Life.activate, Life.downgrade], lambda life: life.cancel(key="k"), [PlanEvent.DOWNGRADE_CANCELLED]),
        ([Life.activate], lambda life: life.deactivate(key="k"), [PlanEvent.DEACTIVATED]),
        ([Life.activate], lambda life: life.buy(700, key="k"), []),
    ],
)
async def test_a_key_sent_many_times_at_once_changes_a_plan_once(
    crowd: Crowd, before: list[Command], command: Command, events: list[PlanEvent]
) -> None:
    """K1: the same answer for everyone, and one effect."""
    life = await registered(crowd.one, crowd.operator)
    for step in before:
        assert isinstance(await step(life), Case)
    results = await at_once(*(command(life.by(crowd.member(i))) for i in range(12)))
    assert isinstance(results[0], Case)
    assert results == [results[0]] * 12
    assert [event.kind for event in await life.timeline()][len(before) :] == events
    assert [entry.kind for entry in await life.entries()].count("PURCHASE") == (not events)
    await assert_nothing_differs(crowd.one)


async def test_one_of_many_that_exclude_each_other_is_done(crowd: Crowd) -> None:
    """C2, C3: an upgrade or a deactivation drops what waits; what comes after a deactivation finds no active case."""
    for _ in range(4 * ROUNDS):
        life = await begun(crowd.one, crowd.operator, overage=True)
        task = await life.hold(2_000)

        async def charge(life: Life, task: Task = task) -> object:
            return await life.charge(task, 1_500)

        async def end(life: Life, task: Task = task) -> object:
            return await life.end(task)

        others: list[Command] = [
            lambda life: life.downgrade(STARTER),
            lambda life: life.cancel(),
            lambda life: life.upgrade(BUSINESS),
            lambda life: life.deactivate(),
            lambda life: life.buy(100),
            lambda life: life.set(overage=False),
            lambda life: life.try_task(9_000),
            charge,
            end,
        ]
        await at_once(*(command(life.by(crowd.member(i))) for i, command in enumerate(others * 2)))
        assert not (await life.see()).terms.active
        assert (await life.subscription()).scheduled is None
        assert [event.kind for event in await life.timeline()][-1] is PlanEvent.DEACTIVATED
        assert await nothing_is_left(life)
    await assert_nothing_differs(crowd.one)


async def nothing_is_left(life: Life) -> bool:
    tank = await life.tank()
    return (tank.balance, tank.held, tank.purchased, tank.cap) == (0, 0, 0, 0)


class Melee:
    """A few cases to which anybody may do anything at any time."""

    def __init__(self, crowd: Crowd, lives: list[Life], random: Random) -> None:
        self.crowd, self.lives, self.random = crowd, lives, random
        self.tasks: dict[UUID, list[Task]] = {life.uuid: [] for life in lives}

    async def act(self, number: int) -> None:
        """Three commands, one after the other, each on any of the cases."""
        random = self.random
        for _ in range(3):
            await asyncio.sleep(random.random() * 0.02)
            await self.command(random.choice(self.lives).by(self.crowd.member(number)))

    async def command(self, life: Life) -> None:
        random, tasks = self.random, self.tasks[life.uuid]
        tier = random.choice(list(PlanTier))
        commands: list[Command] = [
            self.create,
            lambda life: life.upgrade(tier),
            lambda life: life.downgrade(tier),
            lambda life: life.cancel(),
            lambda life: life.buy(random.randint(1, 3_000)),
            lambda life: life.set(overage=random.random() < 0.5),
            lambda life: life.reactivate(tier),
        ]
        if tasks:
            task = random.choice(tasks)
            report: Command = lambda life: life.charge(task, random.randint(1, task.documents))  # noqa: E731  # one of several of this shape
            commands += [report, report, lambda life: life.end(task, random.choice(list(TaskEnd)))]
        if random.random() < 0.3:
            commands.append(lambda life: life.deactivate())
        await random.choice(commands)(life)

    async def create(self, life: Life) -> None:
        mode = self.random.choice([ScanMode.TEXT, ScanMode.VIDEO])
        result = await life.try_task(self.random.randint(1, 600), mode)
        if isinstance(result, Task):
            self.tasks[life.uuid].append(result)


async def test_plans_tasks_refills_and_renewals_in_a_melee(crowd: Crowd, clock: Clock) -> None:
    """All of it at once on a few cases, beside workers, while the clock goes over 09:00 and over the ends of cycles."""
    seed = Random().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201, for a run that fails
    random = Random(seed)
    lives = [await begun(crowd.one, crowd.operator, tier) for tier in (STARTER, PRO, PRO, BUSINESS)]
    melee = Melee(crowd, lives, random)

    async def tick() -> None:
        for _ in range(5):
            await asyncio.sleep(0.01)
            clock.pass_(seconds=random.random())

    for _ in range(10 * ROUNDS):
        ends = [ends_at for life in lives if (ends_at := (await life.see()).cycle_ends_at) is not None]
        at = random.choice([clock.now, refill_instant(due_day(clock.now) + timedelta(days=1)), *ends])
        clock.now = max(clock.now, at - timedelta(seconds=random.random()))
        workers = [DueWork(crowd.member(number)).run() for number in (1, 2)]
        await at_once(*(melee.act(number) for number in range(12)), tick(), *workers)
        await assert_nothing_differs(crowd.one)
    await work(crowd.one)
    for life in lives:
        await life.deactivate()
        assert await nothing_is_left(life)
    await assert_nothing_differs(crowd.one)

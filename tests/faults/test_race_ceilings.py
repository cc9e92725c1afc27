"""Tasks that race each other to the ceiling on overage, and the settings that race them (T2, T5)."""

import asyncio

from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.refusals import InsufficientTokens
from app.domain.tasks import Task
from app.storage.overage import find_overage
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once
from tests.plans import Life, begun
from tests.stage import bulk, create, finish, named, report, reread, succeeded

CEILING = 100


async def in_use(life: Life) -> int:
    case = await life.see()
    async with life.ports.database.reading() as connection:
        return (await find_overage(connection, case.terms.case_id)).counted


async def empty(crowd: Crowd) -> Life:
    life = await begun(crowd.one, crowd.operator, PlanTier.STARTER)
    await life.spend_to(0)
    await life.set(overage=True, ceiling=CEILING)
    return life


async def test_sixteen_tasks_at_once_never_pass_the_ceiling(crowd: Crowd) -> None:
    """15 of them lack 30 tokens each, of 100 that may be lacking: three run, whoever comes first."""
    for _ in range(ROUNDS):
        life = await empty(crowd)
        case = await life.see()
        results = await at_once(
            *(create(crowd.member(i), crowd.operator, case, bulk(documents=30)) for i in range(15)),
            create(crowd.member(15), crowd.operator, case, bulk(documents=11)),
        )
        allowed = [each for each in results if isinstance(each, Task)]
        refused = [each for each in results if isinstance(each, InsufficientTokens)]
        assert len(allowed) + len(refused) == 16
        taken = sum(each.reserved for each in allowed)
        assert taken == await in_use(life) <= CEILING
        assert taken in {90, 71}  # three of 30; or the one of 11 came among the first, and two of 30
        assert all(each.required > each.overage_left == each.required - each.uncovered for each in refused)
    await assert_nothing_differs(crowd.one)


async def test_tasks_that_settle_and_end_meanwhile_leave_no_room_for_more(crowd: Crowd) -> None:
    """16 people run tasks to their end; what was set aside becomes settled, and never more than the ceiling."""
    life = await empty(crowd)
    case = await life.see()

    async def person(number: int) -> int:
        settled = 0
        for _ in range(4):
            ports = crowd.member(number)
            made = await create(ports, crowd.operator, case, bulk(documents=20))
            if isinstance(made, Task):
                done = named(number % 20)
                await report(ports, crowd.operator, made, succeeded(done))
                await finish(ports, crowd.operator, made)
                settled += len(done)
            assert await in_use(life) <= CEILING
        return settled

    settled = await asyncio.gather(*(person(number) for number in range(16)))
    assert await in_use(life) == sum(settled) <= CEILING
    await assert_nothing_differs(crowd.one)


async def test_a_ceiling_that_is_lowered_meanwhile_counts_for_every_task_after_it(crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        life = await empty(crowd)
        case = await life.see()
        results: list[object] = await at_once(
            life.set(ceiling=40),
            *(create(crowd.member(i), crowd.operator, case, bulk(documents=10)) for i in range(15)),
        )
        assert isinstance(results.pop(0), Case)
        made = sum(isinstance(each, Task) for each in results)
        assert 4 <= made <= 10
        assert await in_use(life) == made * 10
        assert isinstance(await create(crowd.one, crowd.operator, case, bulk()), InsufficientTokens)
        assert (await reread(crowd.one, crowd.operator, case)).reservoir.held == 0

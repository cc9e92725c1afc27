"""Creations and ends of tasks that race each other, from several processes' worth of services (T2, T5, T6, K1)."""

import asyncio
from itertools import chain

import pytest

from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import CaseNotActive, IdempotencyConflict, InsufficientTokens, Refusal, TaskFinished
from app.domain.tasks import Task, TaskEnd, TaskStatus
from app.services import cases, subscriptions, tasks
from app.services.abandonment import abandon_batch
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, entries_of
from tests.stage import (
    Clock,
    active_case,
    bulk,
    create,
    created,
    finish,
    named,
    registered_case,
    report,
    reread,
    succeeded,
)


@pytest.mark.parametrize("documents", [50, 49])
async def test_exactly_as_many_tasks_run_as_the_tank_has_room_for(crowd: Crowd, documents: int) -> None:
    """T2: a tank of 10,000 has room for ten tasks of 1,000, or of 980 with 200 to spare, whoever of 64 comes first."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        results = await at_once(
            *(create(crowd.member(i), crowd.operator, case, bulk(ScanMode.AUTO, documents)) for i in range(64))
        )
        allowed = [result for result in results if isinstance(result, Task)]
        refused = [result for result in results if isinstance(result, InsufficientTokens)]
        assert (len(allowed), len(refused)) == (10, 54)
        assert sorted(task.number for task in allowed) == list(range(1, 11))
        assert all(refusal.balance < refusal.required == documents * 20 for refusal in refused)
        tank = (await reread(crowd.one, crowd.operator, case)).reservoir
        assert (tank.balance, tank.held) == (10_000 - documents * 200, documents * 200)
        assert await count_rows(crowd.one, "tasks", case) == 10  # each with its key; a refusal stores nothing
        assert await count_rows(crowd.one, "idempotency_keys", case) == 1  # of the activation
    await assert_nothing_differs(crowd.one)


@pytest.mark.parametrize("documents", [10, 500])
async def test_one_key_from_many_callers_makes_one_task(crowd: Crowd, documents: int) -> None:
    """K1: 32 equal answers, and no refusal even where the one task takes all that the tank has."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        work = bulk(ScanMode.AUTO, documents)
        results = await at_once(
            *(create(crowd.member(i), crowd.operator, case, work, key="the key") for i in range(32))
        )
        assert isinstance(results[0], Task)
        assert set(results) == {results[0]}
        assert await count_rows(crowd.one, "tasks", case) == 1
        assert (await reread(crowd.one, crowd.operator, case)).reservoir.held == documents * 20
    await assert_nothing_differs(crowd.one)


async def test_one_key_with_two_inputs_serves_the_first(crowd: Crowd) -> None:
    """K1: whichever input comes first is done; the other is a conflict for everyone."""
    case = await active_case(crowd.one, crowd.operator)
    results = await at_once(
        *(
            create(crowd.member(i), crowd.operator, case, bulk(ScanMode.TEXT, 10 + i % 2), key="the key")
            for i in range(32)
        )
    )
    done = [result for result in results if isinstance(result, Task)]
    assert len(done) == 16
    assert len(set(done)) == 1
    assert [result for result in results if not isinstance(result, Task)] == [IdempotencyConflict()] * 16
    assert await count_rows(crowd.one, "tasks", case) == 1
    await assert_nothing_differs(crowd.one)


async def test_settings_change_under_tasks_that_are_created(crowd: Crowd) -> None:
    """T5: whoever remembers old settings decides again; each task has the split of the setting it was created under."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator, PlanTier.STARTER)

        async def toggle(number: int, case: Case = case) -> list[Task | object]:
            for turn in range(8):
                changed = await cases.update_case_settings(
                    crowd.member(number), crowd.operator, key=f"{number} {turn}", case_uuid=case.terms.uuid,
                    overage_enabled=turn % 2 == 0, auto_upgrade_allowed=None,
                )  # fmt: skip
                assert isinstance(changed, Case)
            return []

        async def ask(number: int, case: Case = case) -> list[Task | object]:
            work = bulk(ScanMode.TEXT, 90)
            return [await create(crowd.member(number), crowd.operator, case, work) for _ in range(4)]

        results = list(chain(*await at_once(toggle(0), toggle(1), *(ask(i) for i in range(12)))))
        allowed = [result for result in results if isinstance(result, Task)]
        assert all(isinstance(result, Task | InsufficientTokens) for result in results)
        assert len(allowed) >= 11  # eleven fit the tank of 1,000 whatever the setting
        tank = (await reread(crowd.one, crowd.operator, case)).reservoir
        reserved = [entry for entry in await entries_of(crowd.one, case) if entry[0] == "RESERVE"]
        assert sum(held + overage for _, _, held, overage in reserved) == 90 * len(allowed)
        assert tank.held == sum(held for _, _, held, _ in reserved) <= 1_000
        assert await count_rows(crowd.one, "tasks", case) == len(allowed)
    await assert_nothing_differs(crowd.one)


async def test_an_activation_is_seen_at_once_by_who_remembers_none(crowd: Crowd) -> None:
    """A refusal is never judged by remembered terms: another process activated the case in the meantime."""
    case = await registered_case(crowd.one, crowd.operator)
    before = await at_once(*(create(crowd.member(i), crowd.operator, case, bulk()) for i in range(4)))
    assert before == [CaseNotActive()] * 4
    await subscriptions.activate_case(
        crowd.one, crowd.operator, key="activate", case_uuid=case.terms.uuid, tier=PlanTier.PRO,
        payment_method=PaymentMethod.CARD,
    )  # fmt: skip
    after = await at_once(*(create(crowd.member(i), crowd.operator, case, bulk()) for i in range(4)))
    assert all(isinstance(result, Task) for result in after)
    await assert_nothing_differs(crowd.one)


async def test_one_end_wins(crowd: Crowd) -> None:
    """T6: of two ends at once one stands, and the other is TaskFinished for everyone; one refund."""
    for _ in range(3 * ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        task = await created(crowd.one, crowd.operator, case, bulk(ScanMode.AUTO, 10))
        ends = [TaskEnd.COMPLETED, TaskEnd.CANCELLED] * 6
        results = await at_once(
            *(finish(crowd.member(i // 2), crowd.operator, task, end) for i, end in enumerate(ends))
        )
        done = {result for result in results if isinstance(result, Task)}
        assert len(done) == 1
        stands = done.pop().status
        assert [isinstance(result, Task) for result in results] == [end.value == stands.value for end in ends]
        assert [entry[:2] for entry in await entries_of(crowd.one, case)][2:] == [("REFUND", 200)]
    await assert_nothing_differs(crowd.one)


async def test_a_task_that_is_overdue_is_abandoned_once_whether_a_report_or_a_sweep_comes_first(
    crowd: Crowd, clock: Clock
) -> None:
    """T6, C10: the report comes too late, and everything is given back once."""
    for turn in range(8 * ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        task = await created(crowd.one, crowd.operator, case, bulk(ScanMode.IMAGE, 10))
        clock.pass_(hours=24)

        async def sweep(number: int) -> int:
            return (await abandon_batch(crowd.member(number), None))[0]

        async def tell(number: int, turn: int = turn, task: Task = task) -> Task | Refusal:
            await asyncio.sleep(0.001 * (turn % 4))
            return await report(crowd.member(number), crowd.operator, task, succeeded(named(3)))

        async with asyncio.TaskGroup() as group:
            telling = group.create_task(tell(2))
            sweeps = [group.create_task(sweep(1)), group.create_task(sweep(3))]
        assert telling.result() == TaskFinished()
        assert sum(swept.result() for swept in sweeps) <= 1
        found = (await tasks.find_tasks(crowd.one, crowd.operator, [(task.case_uuid, task.number)]))[0]
        assert found is not None
        assert (found.status, found.charged, found.refunded) == (TaskStatus.ABANDONED, 0, 50)
    await assert_nothing_differs(crowd.one)


async def test_refusals_and_refunds_race_without_harm(crowd: Crowd) -> None:
    """L2: never above the tank, never below 0, nobody waits for ever, and all of it is back at the end."""
    case = await active_case(crowd.one, crowd.operator)
    ended = False

    async def run(number: int) -> int:
        for _ in range(6 * ROUNDS):
            result = await create(crowd.member(number), crowd.operator, case, bulk(ScanMode.AUTO, 120))
            if isinstance(result, Task):
                await report(crowd.member(number), crowd.operator, result, succeeded(named(5), ScanMode.TEXT))
                await finish(crowd.member(number + 1), crowd.operator, result, TaskEnd.CANCELLED)
        return 0

    async def hammer(number: int) -> int:
        refusals = 0
        while not ended:
            result = await create(crowd.member(number), crowd.operator, case, bulk(ScanMode.AUTO, 501))
            assert isinstance(result, InsufficientTokens)
            assert result.balance <= 10_000
            refusals += 1
        return refusals

    async def look() -> int:
        looks = 0
        while not ended:
            tank = (await reread(crowd.one, crowd.operator, case)).reservoir
            assert tank.balance is not None
            assert tank.balance >= 0
            assert tank.balance + tank.held <= 10_000
            looks += 1
        return looks

    async def all_run() -> int:
        nonlocal ended
        try:
            return sum(await at_once(*(run(i) for i in range(8))))
        finally:
            ended = True

    _, *counts = await at_once(all_run(), look(), *(hammer(i) for i in range(4)))
    assert all(counts)
    tank = (await reread(crowd.one, crowd.operator, case)).reservoir
    charged = sum(-held - balance for kind, balance, held, _ in await entries_of(crowd.one, case) if kind == "CHARGE")
    assert charged > 0
    assert (tank.balance, tank.held) == (10_000 - charged, 0)
    await assert_nothing_differs(crowd.one)

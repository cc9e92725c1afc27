"""Reports on one task that race each other and its end (T3, T4, T6, K1)."""

from random import Random

import pytest

from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import TaskFinished
from app.domain.tasks import Task
from app.services import tasks
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, entries_of
from tests.stage import active_case, bulk, created, failed, finish, named, report, reread, skipped, succeeded

MOST_TURNS = 50 * ROUNDS


@pytest.mark.parametrize("same_key", [True, False])
async def test_one_report_from_many_callers_counts_once(crowd: Crowd, same_key: bool) -> None:
    """T4, K1: under one key or under sixteen, each of the 40 images is charged 5 once."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        task = await created(crowd.one, crowd.operator, case, bulk(ScanMode.AUTO, 50))
        groups = (succeeded(named(40), ScanMode.IMAGE), failed(named(5, 40)))
        results = await at_once(
            *(
                report(crowd.member(i), crowd.operator, task, *groups, key="same" if same_key else f"key {i}")
                for i in range(16)
            )
        )
        assert isinstance(results[0], Task)
        assert set(results) == {results[0]}
        assert (results[0].succeeded, results[0].failed, results[0].charged, results[0].refunded) == (40, 5, 200, 600)
        assert [(kind, balance, held) for kind, balance, held, _ in await entries_of(crowd.one, case)] == [
            ("ACTIVATION_FILL", 10_000, 0),
            ("RESERVE", -1_000, 1_000),
            ("CHARGE", 0, -200),
            ("REFUND", 600, -600),
        ]
        assert await count_rows(crowd.one, "idempotency_keys", case) == 1 + (1 if same_key else 16)
    await assert_nothing_differs(crowd.one)


async def test_overlapping_reports_charge_each_document_once(crowd: Crowd) -> None:
    """T4: 24 reports of 60 out of 100 documents, saying different things of them; the first outcome of each stands."""
    random = Random(4)
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        task = await created(crowd.one, crowd.operator, case, bulk(ScanMode.AUTO, 100))
        reported: set[str] = set()

        async def tell(number: int, task: Task = task, reported: set[str] = reported) -> object:
            documents = random.sample(named(100), 60)
            reported.update(documents)
            groups = [
                succeeded(documents[:20], ScanMode.TEXT), succeeded(documents[20:35], ScanMode.VIDEO),
                failed(documents[35:50]), skipped(documents[50:]),
            ]  # fmt: skip
            return await report(crowd.member(number), crowd.operator, task, *groups)

        results = await at_once(*(tell(i) for i in range(24)))
        assert all(isinstance(result, Task) for result in results)
        ended = await finish(crowd.one, crowd.operator, task)
        assert isinstance(ended, Task)
        assert ended.succeeded + ended.failed + ended.skipped == len(reported)
        assert await count_rows(crowd.one, "task_documents", case) == len(reported)
        assert ended.succeeded <= ended.charged <= 20 * ended.succeeded
        assert ended.charged + ended.refunded == ended.reserved == 2_000
        tank = (await reread(crowd.one, crowd.operator, case)).reservoir
        assert (tank.balance, tank.held) == (10_000 - ended.charged, 0)
    await assert_nothing_differs(crowd.one)


async def test_an_end_among_reports_charges_what_was_accepted(crowd: Crowd) -> None:
    """T6: a report is accepted whole before the end, or refused whole after it."""
    outcomes = set[int]()
    for turn in range(MOST_TURNS):
        if turn >= 5 * ROUNDS and outcomes - {0, 12}:
            break  # on a busy machine it takes more turns, until an end has fallen among the reports
        case = await active_case(crowd.one, crowd.operator, PlanTier.STARTER, overage=True)
        task = await created(crowd.one, crowd.operator, case, bulk(ScanMode.TEXT, 120))

        async def tell(number: int, task: Task = task) -> object:
            return await report(crowd.member(number), crowd.operator, task, succeeded(named(10, 10 * number)))

        work = [tell(number) for number in range(12)]
        work.insert(2 * turn % 12, finish(crowd.member(turn), crowd.operator, task))
        results = await at_once(*work)
        ended = results.pop(2 * turn % 12)
        assert isinstance(ended, Task)
        accepted = [result for result in results if isinstance(result, Task)]
        assert len(accepted) + results.count(TaskFinished()) == 12
        assert ended.charged == 10 * len(accepted)
        assert ended.refunded == 120 - ended.charged
        outcomes.add(len(accepted))
        found = await tasks.find_tasks(crowd.one, crowd.operator, [(task.case_uuid, task.number)])
        assert found == [ended]
        assert (await reread(crowd.one, crowd.operator, case)).reservoir.balance == 1_000 - ended.charged
    assert outcomes - {0, 12}
    await assert_nothing_differs(crowd.one)


async def test_reports_on_two_tasks_over_the_tank_share_it_exactly(crowd: Crowd) -> None:
    """T5: a tank of 1,000 under three tasks of 600: 1,000 held, 800 provisional; all charged, 800 is overage."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator, PlanTier.STARTER, overage=True)
        made = await at_once(
            *(created(crowd.member(i), crowd.operator, case, bulk(ScanMode.TEXT, 600)) for i in range(3))
        )
        await at_once(
            *(
                report(crowd.member(i), crowd.operator, task, succeeded(named(100, 100 * part)))
                for part in range(6)
                for i, task in enumerate(made)
            )
        )
        ended = await at_once(*(finish(crowd.member(i), crowd.operator, task) for i, task in enumerate(made)))
        assert [task.charged for task in ended if isinstance(task, Task)] == [600] * 3
        assert sum(task.overage for task in ended if isinstance(task, Task)) == 800
        tank = (await reread(crowd.one, crowd.operator, case)).reservoir
        assert (tank.balance, tank.held) == (0, 0)
    await assert_nothing_differs(crowd.one)

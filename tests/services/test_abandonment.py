"""Tasks that nobody reports on any more are ended and refunded (T6)."""

import psycopg

from app.domain.outcomes import OutcomeGroup
from app.domain.rates import ScanMode
from app.domain.refusals import TaskFinished
from app.domain.tasks import Task, TaskEnd, TaskStatus
from app.services.abandonment import abandon_batch
from app.services.ports import Ports
from app.services.tasks import find_tasks
from tests.stage import Clock, active_case, bulk, created, finish, new_viewer, report, reread, succeeded


async def test_a_task_is_abandoned_after_24_hours_without_a_report(own_ports: Ports, clock: Clock) -> None:
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    task = await created(own_ports, operator, case, bulk(ScanMode.AUTO, 4))
    await report(own_ports, operator, task, succeeded(["a"], ScanMode.IMAGE))
    clock.pass_(hours=24, microseconds=-1)
    assert (await abandon_batch(own_ports, None))[0] == 0
    clock.pass_(microseconds=1)
    assert (await abandon_batch(own_ports, None))[0] == 1
    [ended] = await find_tasks(own_ports, operator, [(task.case_uuid, task.number)])
    assert ended is not None
    assert (ended.status, ended.charged, ended.refunded, ended.held) == (TaskStatus.ABANDONED, 5, 75, 0)
    assert ended.finished_at == clock.now
    assert (await reread(own_ports, operator, case)).reservoir.balance == 10_000 - 5
    assert (await abandon_batch(own_ports, None))[0] == 0


async def test_every_accepted_report_keeps_a_task_alive_even_a_repeat_or_an_empty_one(
    own_ports: Ports, clock: Clock
) -> None:
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    task = await created(own_ports, operator, case, bulk(ScanMode.TEXT, 4))
    reports: list[list[OutcomeGroup]] = [[succeeded(["a"])], [succeeded(["a"])], []]
    for groups in reports:
        clock.pass_(hours=23)
        assert isinstance(await report(own_ports, operator, task, *groups), Task)
        assert (await abandon_batch(own_ports, None))[0] == 0
    clock.pass_(hours=24)
    assert (await abandon_batch(own_ports, None))[0] == 1


async def test_an_abandoned_task_takes_no_report_and_no_end(own_ports: Ports, clock: Clock) -> None:
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    task = await created(own_ports, operator, case, bulk(ScanMode.TEXT, 4))
    clock.pass_(days=2)
    await abandon_batch(own_ports, None)
    assert await report(own_ports, operator, task, succeeded(["a"])) == TaskFinished()
    for end in TaskEnd:
        assert await finish(own_ports, operator, task, end) == TaskFinished()


async def test_a_task_that_is_overdue_is_abandoned_before_a_command_on_it(own_ports: Ports, clock: Clock) -> None:
    """C10: without any sweep, to the microsecond."""
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    reported, ended, alive = [await created(own_ports, operator, case, bulk(ScanMode.TEXT, 4)) for _ in range(3)]
    clock.pass_(hours=24, microseconds=-1)
    assert isinstance(await report(own_ports, operator, alive, succeeded(["a"])), Task)
    clock.pass_(microseconds=1)
    assert await report(own_ports, operator, reported, succeeded(["a"])) == TaskFinished()
    assert await finish(own_ports, operator, ended) == TaskFinished()
    found = await find_tasks(own_ports, operator, [(case.terms.uuid, number) for number in (1, 2, 3)])
    assert [task and task.status for task in found] == [TaskStatus.ABANDONED, TaskStatus.ABANDONED, TaskStatus.RUNNING]
    assert [task and task.finished_at for task in found] == [clock.now, clock.now, None]


async def test_a_case_that_somebody_holds_does_not_stop_the_sweep(own_ports: Ports, own_url: str, clock: Clock) -> None:
    operator, _ = await new_viewer(own_ports)
    cases = [await active_case(own_ports, operator) for _ in range(3)]
    for case in cases:
        await created(own_ports, operator, case, bulk(ScanMode.TEXT, 4))
    clock.pass_(days=2)
    held = cases[0].terms.case_id
    async with await psycopg.AsyncConnection.connect(own_url) as holder:
        await holder.execute("select from reservoirs where case_id = %s for update", (held,))
        assert (await abandon_batch(own_ports, None))[0] == 2
    assert (await abandon_batch(own_ports, None))[0] == 1

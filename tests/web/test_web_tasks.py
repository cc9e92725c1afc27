"""The list of tasks: order, pages, filters, size, rights (T6, A2, E1)."""

from itertools import chain
from uuid import uuid4

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task, TaskEnd
from app.services import tasks
from app.services.ports import Ports
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, report, skipped, succeeded
from tests.web.panel import ids, links, panel, read, shown, walk

LIMIT = 40_000
"""Bytes of a page with 20 rows."""

LETTER, OLDER = "t", "Older tasks"
EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.BUSINESS)


def home(case: Case, page: str = "tasks") -> str:
    return f"/cases/{case.terms.uuid}/{page}"


async def test_running_tasks_come_first_then_those_that_ended_newest_first(
    ports: Ports, operator: Viewer, case: Case
) -> None:
    made = [await created(ports, operator, case, bulk(documents=2)) for _ in range(5)]
    for task in (made[0], made[3], made[1]):
        await finish(ports, operator, task)
    async with panel(ports, case) as browser:
        assert ids(await read(browser, home(case)), "t") == [5, 3, 4, 2, 1]


async def test_every_task_is_on_exactly_one_page(ports: Ports, operator: Viewer, case: Case) -> None:
    made = [await created(ports, operator, case, bulk()) for _ in range(45)]
    for task in made[3:]:
        await finish(ports, operator, task, TaskEnd.CANCELLED if task.number % 2 else TaskEnd.COMPLETED)
    async with panel(ports, case) as browser:
        seen = await walk(browser, home(case), LETTER, OLDER)
        assert [len(numbers) for numbers in seen] == [20, 20, 5]
        assert list(chain(*seen)) == [3, 2, 1, *range(45, 3, -1)]
        cancelled = await walk(browser, home(case, "tasks?status=cancelled"), LETTER, OLDER)
        assert list(chain(*cancelled)) == list(range(45, 3, -2))
        assert ids(await read(browser, home(case, "tasks?status=running")), "t") == [3, 2, 1]


async def test_many_running_tasks_leave_room_for_those_that_ended(ports: Ports, operator: Viewer, case: Case) -> None:
    ended = await created(ports, operator, case, bulk())
    await finish(ports, operator, ended)
    for _ in range(23):
        await created(ports, operator, case, bulk())
    async with panel(ports, case) as browser:
        html = await read(browser, home(case))
        assert ids(html, "t") == [*range(24, 14, -1), 1]
        (all_running,) = links(html, "All running tasks")
        assert list(chain(*await walk(browser, all_running, LETTER, OLDER))) == list(range(24, 1, -1))


@pytest.mark.parametrize(
    ("language", "never", "none"),
    [
        (EN, "No task has run in this case yet.", "No such task."),
        (FR, "Aucune tâche n\u2019a encore", "Aucune tâche ne correspond à ce filtre."),
    ],
)
async def test_a_list_without_tasks_says_why(
    ports: Ports, case: Case, language: Language, never: str, none: str
) -> None:
    async with panel(ports, case, language) as browser:
        assert never in shown(await read(browser, home(case)))
        assert none in shown(await read(browser, home(case, "tasks?status=abandoned")))


@pytest.mark.parametrize(
    "query",
    [
        "before=0", "before=-1", "before=x", "before=%00", f"before={'9' * 30}", "before=1.5", "before=%D9%A1",
        "status=RUNNING", "status=x", "status=%00", f"status={'a' * 5000}", "status=None",
    ],
)  # fmt: skip
async def test_a_filter_that_means_nothing_is_said_to_mean_nothing(ports: Ports, case: Case, query: str) -> None:
    async with panel(ports, case, FR) as browser:
        html = await read(browser, home(case, f"tasks?{query}"), status=400)
        (way_out,) = links(html, "Tout afficher")
        await read(browser, way_out)


@pytest.mark.parametrize("query", ["before=", "status=", "unknown=1", f"before={2**53 - 1}", "status=running&status="])
async def test_a_filter_without_a_value_is_none(ports: Ports, operator: Viewer, case: Case, query: str) -> None:
    await created(ports, operator, case, bulk())
    async with panel(ports, case) as browser:
        await read(browser, home(case, f"tasks?{query}"))


@pytest.mark.parametrize("page", ["tasks", "tasks/1"])
async def test_tasks_of_other_cases_do_not_exist(ports: Ports, operator: Viewer, case: Case, page: str) -> None:
    """A2: the same answer as for a case that does not exist."""
    other = await active_case(ports, operator)
    await created(ports, operator, other, bulk())
    async with panel(ports, case) as browser:
        foreign = await read(browser, home(other, page), status=401)
        nowhere = await read(browser, f"/cases/{uuid4()}/{page}", status=401)
        assert foreign == nowhere


@pytest.mark.parametrize(("page", "part"), [("tasks", "tasks"), ("tasks/1", "task")])
async def test_pages_refresh_themselves_while_a_task_runs(
    ports: Ports, operator: Viewer, case: Case, page: str, part: str
) -> None:
    """The section asks for itself; once nothing runs, it says so to screen readers."""
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, page))
        assert "data-live" in html
        assert f'hx-get="{home(case, page)}"' in html
        await report(ports, operator, task, failed(named(4)))
        await finish(ports, operator, task)
        response = await browser.get(home(case, page), headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert f'<section class="tasks" id="{part}"' in " ".join(response.text.split())
    assert "data-live" not in response.text
    assert 'data-said="Task 1: 80 of 80 tokens came back: 4 failed."' in response.text


async def test_a_page_of_twenty_receipts_is_small(ports: Ports, operator: Viewer, case: Case, clock: Clock) -> None:
    """Every mode, every reason to refund, several reports each, in the longer language."""
    modes = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)
    for number in range(20):
        task = await tasks.create_task(
            ports, operator, key=str(number), case_uuid=case.terms.uuid, task=bulk(ScanMode.AUTO, 100),
            name=f"Medical records of the plaintiff, {number}",
        )  # fmt: skip
        assert isinstance(task, Task)
        for start in (0, 40):
            parts = [succeeded(named(4, start + 4 * place), mode) for place, mode in enumerate(modes)]
            await report(ports, operator, task, *parts, failed(named(5, start + 20)), skipped(named(5, start + 30)))
        await finish(ports, operator, task)
    clock.pass_(hours=1)
    async with panel(ports, case, FR) as browser:
        html = await read(browser, home(case))
        assert len(ids(html, "t")) == 20
        assert len(html.encode()) <= LIMIT

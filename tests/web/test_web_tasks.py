"""The pages of tasks: list, receipts, one task (T3, T5, T6, T7, A2, E1)."""

import re
from itertools import chain
from uuid import uuid4

import httpx2
import pytest
from hypothesis import given, settings, strategies as st

from app.adapters.languages import words
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import tasks
from app.services.ports import Ports
from app.services.receipts import find_receipt
from app.web.task_views import LEAST_WIDTH, bar
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, report, skipped, succeeded
from tests.web.panel import ids, links, panel, read, shown

LIMIT = 40_000
"""Bytes of a page with 20 rows."""

FREE = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)
EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.BUSINESS)


async def exhibits(ports: Ports, operator: Viewer, case: Case) -> Task:
    """One text and one image succeed, one document fails, one is never run (T3)."""
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
    await report(
        ports, operator, task,
        succeeded(["41"], ScanMode.TEXT), succeeded(["42"], ScanMode.IMAGE), failed(["43"]),
    )  # fmt: skip
    await finish(ports, operator, task, TaskEnd.CANCELLED)
    return task


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


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        (EN, "74 of 80 tokens came back: 1 failed, 1 never run, 2 cheaper than reserved."),
        (FR, "74 des 80 jetons sont revenus : 1 en échec, 1 jamais traité, 2 moins coûteux que prévu."),
    ],
)
@pytest.mark.parametrize("page", ["tasks", "tasks/1"])
async def test_a_task_that_ended_shows_its_receipt(
    ports: Ports, operator: Viewer, case: Case, language: Language, lead: str, page: str
) -> None:
    """T3, in both languages, in the list and alone."""
    await exhibits(ports, operator, case)
    async with panel(ports, case, language) as browser:
        assert lead in shown(await read(browser, home(case, page)))


async def test_the_receipt_adds_up_line_by_line(ports: Ports, operator: Viewer, case: Case) -> None:
    """T3: reserved less charged is refunded, and the parts of the refund sum to it."""
    await exhibits(ports, operator, case)
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, "tasks/1"))
    rows = re.findall(r'<tr(?: class="(\w+)")?><th scope="row">(.*?)</th>.*?<td class="n">([^<]*)</td></tr>', html)
    assert [(kind, shown(label), tokens) for kind, label, tokens in rows] == [
        ("", "Reserved, 4 documents \u00d7 20", "80"),
        ("", "Charged, text, 1 document \u00d7 1", "\u22121"),
        ("", "Charged, image, 1 document \u00d7 5", "\u22125"),
        ("total", "Refunded", "74"),
        ("part", "1 failed", "20"),
        ("part", "1 never run", "20"),
        ("part", "2 cheaper than reserved", "34"),
    ]


async def test_the_receipt_of_a_running_task_says_what_it_still_holds(
    ports: Ports, operator: Viewer, case: Case
) -> None:
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
    await report(ports, operator, task, succeeded(["1"], ScanMode.TEXT), failed(["2"]))
    async with panel(ports, case) as browser:
        said = shown(await read(browser, home(case, "tasks/1")))
    assert "So far 19 of 80 tokens came back: 1 cheaper than reserved." in said
    assert "Running, 50%" in said
    assert "Still held \u221260 Refunded 19" in said


async def test_the_entries_of_a_receipt_are_where_its_links_lead(ports: Ports, operator: Viewer, case: Case) -> None:
    """What none has, 1: with the numbers of the ledger entries."""
    await exhibits(ports, operator, case)
    big = await created(ports, operator, case, bulk(documents=9))
    for start in range(0, 8, 2):
        await report(ports, operator, big, succeeded(named(2, start)))
    await finish(ports, operator, big)
    async with panel(ports, case) as browser:
        for page in ("tasks", "tasks/1", "tasks/2"):
            html = await read(browser, home(case, page))
            for address in [link for link in links(html) if "ledger?" in link]:
                target = str(browser.build_request("GET", home(case, page)).url.join(address))
                statement = await read(browser, target)
                if "#e-" in target:
                    assert ids(statement, "e")[0] == int(target.rpartition("-")[2])
                else:
                    assert ids(statement, "e")
        assert len(ids(await read(browser, home(case, "ledger?task=2&kind=charges")), "e")) == 4


async def test_every_task_is_on_exactly_one_page(ports: Ports, operator: Viewer, case: Case) -> None:
    made = [await created(ports, operator, case, bulk()) for _ in range(45)]
    for task in made[3:]:
        await finish(ports, operator, task, TaskEnd.CANCELLED if task.number % 2 else TaskEnd.COMPLETED)
    async with panel(ports, case) as browser:
        seen = await walk(browser, home(case))
        assert [len(numbers) for numbers in seen] == [20, 20, 5]
        assert list(chain(*seen)) == [3, 2, 1, *range(45, 3, -1)]
        cancelled = await walk(browser, home(case, "tasks?status=cancelled"))
        assert list(chain(*cancelled)) == list(range(45, 3, -2))
        assert ids(await read(browser, home(case, "tasks?status=running")), "t") == [3, 2, 1]


async def walk(browser: httpx2.AsyncClient, address: str) -> list[list[int]]:
    """The tasks of each page, by the links to older ones."""
    pages = []
    while True:
        html = await read(browser, address)
        pages.append(ids(html, "t"))
        older = links(html, "Older tasks")
        if not older:
            return pages
        address = older[0]


async def test_many_running_tasks_leave_room_for_those_that_ended(ports: Ports, operator: Viewer, case: Case) -> None:
    ended = await created(ports, operator, case, bulk())
    await finish(ports, operator, ended)
    for _ in range(23):
        await created(ports, operator, case, bulk())
    async with panel(ports, case) as browser:
        html = await read(browser, home(case))
        assert ids(html, "t") == [*range(24, 14, -1), 1]
        (all_running,) = links(html, "All running tasks")
        assert list(chain(*await walk(browser, all_running))) == list(range(24, 1, -1))


@pytest.mark.parametrize(
    ("language", "never", "none"),
    [
        (EN, "No task has run in this case yet.", "No such task."),
        (FR, "Aucune tâche n\u2019a encore", "Aucune tâche de ce"),
    ],
)
async def test_a_list_without_tasks_says_why(
    ports: Ports, case: Case, language: Language, never: str, none: str
) -> None:
    async with panel(ports, case, language) as browser:
        assert never in shown(await read(browser, home(case)))
        assert none in shown(await read(browser, home(case, "tasks?status=abandoned")))


@pytest.mark.parametrize(
    ("language", "free"),
    [
        (EN, "A single-document scan is free: nothing was reserved, nothing is charged."),
        (FR, "Une analyse unitaire est gratuite : rien n\u2019est réservé, rien n\u2019est imputé."),
    ],
)
async def test_a_free_scan_says_that_it_is_free(
    ports: Ports, operator: Viewer, case: Case, language: Language, free: str
) -> None:
    """T7."""
    task = await created(ports, operator, case, FREE)
    await report(ports, operator, task, succeeded(["1"], ScanMode.VIDEO))
    await finish(ports, operator, task)
    async with panel(ports, case, language) as browser:
        for page in ("tasks", "tasks/1"):
            html = await read(browser, home(case, page))
            assert free in shown(html)
            assert not [link for link in links(html) if "ledger?" in link]


@pytest.mark.parametrize(
    ("language", "overage"),
    [(EN, "Of 1,200 charged, 200 tokens are overage."), (FR, "Sur 1 200 imputés, 200 jetons sont excédentaires.")],
)
async def test_a_task_beyond_the_balance_says_how_much_is_overage(
    ports: Ports, operator: Viewer, language: Language, overage: str
) -> None:
    """T5."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    task = await created(ports, operator, case, bulk(ScanMode.IMAGE, 240))
    await report(ports, operator, task, succeeded(named(240)))
    await finish(ports, operator, task)
    async with panel(ports, case, language) as browser:
        assert overage in shown(await read(browser, home(case, "tasks/1")))


async def test_a_task_tells_what_it_was_created_with_by_whom_and_when(
    ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    request = TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.TEXT, 520, 4)
    task = await tasks.create_task(
        ports, operator, key="k", case_uuid=case.terms.uuid, task=request, name="Privilege <coding>"
    )
    assert isinstance(task, Task)
    clock.pass_(days=1)
    await finish(ports, operator, task)
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, "tasks/1"))
    assert "Privilege &lt;coding&gt;" in html
    said = shown(html)
    assert "Task 1, bulk Multi-Code, text, 4 fields, 520 documents" in said
    assert f"Created by {operator.name}, Mar 3, 10:00 a.m." in said
    assert "Ended 10:00 a.m." in said
    assert "Completed" in said


@pytest.mark.parametrize("number", ["2", "0", "-1", "1.0", "01", "x", "9" * 40, "%00", "1%00", "\u0661", "1%20", "1e3"])
async def test_a_task_that_does_not_exist_is_not_found(ports: Ports, operator: Viewer, case: Case, number: str) -> None:
    await created(ports, operator, case, bulk())
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, f"tasks/{number}"), status=404)
        assert "This case has no task with this number." in shown(html)


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


async def test_what_the_page_says_is_what_the_receipt_holds(ports: Ports, operator: Viewer, case: Case) -> None:
    task = await exhibits(ports, operator, case)
    (known,) = await tasks.find_tasks(ports, operator, [(case.terms.uuid, task.number)])
    assert known is not None
    receipt = await find_receipt(ports, case, known)
    own = words(EN)
    async with panel(ports, case) as browser:
        said = shown(await read(browser, home(case)))
    for part in receipt.refunds:
        assert f"{own.number(part.entries.first)} {own.number(part.tokens)}" in said


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.integers(1, 2**40), st.lists(st.integers(0, 2**40), min_size=3, max_size=3))
def test_every_part_of_the_bar_is_seen_and_all_of_it_fits(documents: int, counts: list[int]) -> None:
    left = documents
    done = []
    for count in counts:
        done.append(min(count, left))
        left -= done[-1]
    widths = bar(documents, done)
    assert [width >= LEAST_WIDTH if count else width == 0 for width, count in zip(widths, done, strict=True)] == [
        True
    ] * 3
    assert sum(widths) <= 1000 - (LEAST_WIDTH if left else 0)
    assert left or sum(widths) == 1000

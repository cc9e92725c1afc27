"""Receipts on the pages of tasks, and the page of one task (T3, T5, T7, E1)."""

import re

import pytest

from app.adapters.languages import words
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskRequest
from app.services import tasks
from app.services.ports import Ports
from app.services.receipts import find_receipt
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, report, succeeded
from tests.web.panel import exhibits, ids, links, panel, read, shown

FREE = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)
EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.BUSINESS)


def home(case: Case, page: str = "tasks") -> str:
    return f"/cases/{case.terms.uuid}/{page}"


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
    [(EN, "Of 1,200 charged, 200 tokens are overage."), (FR, "Total imputé : 1 200, dont 200 jetons excédentaires.")],
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
    clock.pass_(hours=23)
    await finish(ports, operator, task)
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, "tasks/1"))
    assert "Privilege &lt;coding&gt;" in html
    said = shown(html)
    assert "Task 1, Multi-Code, text, 4 fields, 520 documents" in said
    assert f"Created by {operator.name}, Mar 3, 10:00 a.m." in said
    assert "Ended 9:00 a.m." in said
    assert "Completed" in said


@pytest.mark.parametrize("number", ["2", "0", "-1", "1.0", "01", "x", "9" * 40, "%00", "1%00", "\u0661", "1%20", "1e3"])
async def test_a_task_that_does_not_exist_is_not_found(ports: Ports, operator: Viewer, case: Case, number: str) -> None:
    await created(ports, operator, case, bulk())
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, f"tasks/{number}"), status=404)
        assert "This case has no task with this number." in shown(html)


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

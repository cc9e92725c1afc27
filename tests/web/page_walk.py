"""Everything that a person can read of a case, page by page, along the links that are there."""

from collections.abc import AsyncIterator

from tests.web.page_elements import Element
from tests.web.page_reader import (
    Figures,
    MonthFigures,
    ReceiptLine,
    TaskFigures,
    amounts,
    older,
    read_entries,
    read_list,
    read_month,
    read_receipt,
    read_tank,
    read_task,
)
from tests.web.person import Person

Receipts = dict[int, list[list[ReceiptLine]]]
"""By task: as the list shows it, once it has ended, and as its own page does."""


async def figures_of_pages(person: Person, language: str, *, opening: bool = True) -> tuple[Figures, Receipts]:
    """All figures, and the receipts of each task; whatever two pages show must be the same on both.

    opening False: without the page of each task, so that of tasks there are only the receipts.
    """
    usage = await person.read(language=language)
    tank = read_tank(usage, language)
    if not usage.all("section", id_="month"):
        assert [section.attributes["id"] for section in usage.all("section")] == ["hero"]
        return Figures(None, (), (), ()), {}
    tasks, receipts = await _tasks(person, usage, language, opening)
    entries = [entry async for page in pages(person, "/ledger", language) for entry in read_entries(page, language)]
    assert read_entries(usage, language) == entries[:8]
    _check_count(usage, "ledger", len(entries), language)
    months = tuple([month async for month in _months(person, usage, language)])
    return Figures(tank, months, tuple(tasks), tuple(entries)), receipts


async def pages(person: Person, path: str, language: str) -> AsyncIterator[Element]:
    """A list from its newest page to its oldest."""
    next_one: str | None = path
    while next_one is not None:
        page = await person.read(next_one, language=language)
        yield page
        next_one = older(page, language)


async def _months(person: Person, page: Element, language: str) -> AsyncIterator[MonthFigures]:
    """Newest first, along the arrows; the way back leads to where one came from."""
    last = None
    while True:
        month = read_month(page, language)
        yield month
        arrows = {link.attributes["rel"]: link.attributes["href"] for link in page.all("a", look="arrow")}
        assert arrows.get("next") == (None if last is None else f"{person.home}?month={last}")
        if "prev" not in arrows:
            return
        last, page = month.month, await person.read(arrows["prev"], language=language)


async def _tasks(person: Person, usage: Element, language: str, opening: bool) -> tuple[list[TaskFigures], Receipts]:
    listed: dict[int, tuple[int, ...]] = {}
    receipts: Receipts = {}
    for path in ("/tasks", "/tasks?status=running"):  # the first shows some of many running tasks, not all
        async for page in pages(person, path, language):
            listed |= read_list(page, language)
            receipts |= read_receipts(page, language)
    tasks = []
    for number in sorted(listed, reverse=True) if opening else ():
        page = await person.read(f"/tasks/{number}", language=language)
        task = read_task(page, number, language)
        counts = listed[number]
        assert counts in (task.counts, task.counts[5:7]), f"task {number}"
        receipts.setdefault(number, []).append(read_receipt(page.one("section", id_="task"), language))
        tasks.append(task)
    latest = read_list(usage, language)
    assert latest == {number: listed[number] for number in latest}
    assert latest or not listed
    _check_count(usage, "tasks", len(listed), language)
    return tasks, receipts


def read_receipts(page: Element, language: str) -> Receipts:
    """Of the tasks that ended, on a page that lists them."""
    ended = page.one("section", id_="tasks").all("details", look="done")
    return {int(task.attributes["id"].removeprefix("t-")): [read_receipt(task, language)] for task in ended}


def _check_count(usage: Element, section: str, count: int, language: str) -> None:
    """The link to all of them says how many there are."""
    links = usage.one("section", id_=section).all("div", look="head")[0].all("a")
    said = [amounts(link.text, language) for link in links]
    assert said == ([[count]] if count else []), section

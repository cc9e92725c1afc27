"""The page of the statement: every entry in words, filters, pages, days (L1, L7, T3, C4, A2, E1)."""

from datetime import UTC, datetime
from itertools import chain
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.ledger import EntryKind
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task, TaskEnd
from app.services import tasks
from app.services.ports import Ports
from app.services.statements import Selection, find_statement
from app.web.ledger import KINDS
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, registered_case, report, succeeded
from tests.web.panel import ids, links, panel, read, shown
from tests.web.scenes import next_cycle

LIMIT = 40_000
"""Bytes of a page with 20 rows."""

EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator)


def home(case: Case, query: str = "") -> str:
    return f"/cases/{case.terms.uuid}/ledger{query}"


async def exhibits(ports: Ports, operator: Viewer, case: Case) -> Task:
    """Entries 2 to 6 of a new case: 74 of 80 tokens come back (T3)."""
    task = await tasks.create_task(
        ports, operator, key="exhibits", case_uuid=case.terms.uuid, task=bulk(ScanMode.AUTO, 4), name="Exhibits <41>"
    )
    assert isinstance(task, Task)
    await report(
        ports, operator, task,
        succeeded(["41"], ScanMode.TEXT), succeeded(["42"], ScanMode.IMAGE), failed(["43"]),
    )  # fmt: skip
    await finish(ports, operator, task, TaskEnd.CANCELLED)
    return task


async def walk(browser: httpx2.AsyncClient, address: str, text: str = "Older entries") -> list[list[int]]:
    """The entries of each page, by the links to older ones."""
    pages = []
    while True:
        html = await read(browser, address)
        pages.append(ids(html, "e"))
        older = links(html, text)
        if not older:
            return pages
        address = str(browser.build_request("GET", address).url.join(older[0]))


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        (
            EN,
            [
                "6 Refund of 40 tokens: 1 failed, 1 never run",
                "5 Refund of 34 tokens: 2 cheaper than reserved",
                "4 Charge: image, 1 document",
                "3 Charge: text, 1 document",
                "2 Reserve: 4 documents \u00d7 20",
                "1 Filled to the cap on activation (Pro)",
            ],
        ),
        (
            FR,
            [
                "6 Remboursement de 40 jetons : 1 en échec, 1 jamais traité",
                "5 Remboursement de 34 jetons : 2 moins coûteux que prévu",
                "4 Imputation : image, 1 document",
                "3 Imputation : texte, 1 document",
                "2 Réservation : 4 documents \u00d7 20",
                "1 Rempli au plafond à l\u2019activation (Pro)",
            ],
        ),
    ],
)
async def test_every_entry_is_a_sentence(
    ports: Ports, operator: Viewer, case: Case, language: Language, rows: list[str]
) -> None:
    """T3, L5, E1."""
    await exhibits(ports, operator, case)
    async with panel(ports, case, language) as browser:
        html = await read(browser, home(case))
    said = shown(html)
    assert ids(html, "e") == [6, 5, 4, 3, 2, 1]
    places = [said.index(row) for row in rows]
    assert places == sorted(places)
    assert "Exhibits &lt;41&gt;" in html
    assert operator.name in said


async def test_under_each_change_stands_the_amount_after_it(ports: Ports, operator: Viewer, case: Case) -> None:
    """L1."""
    await exhibits(ports, operator, case)
    async with panel(ports, case) as browser:
        said = shown(await read(browser, home(case)))
    for figures in ("+40 9,994 \u221240 0", "+34 9,954 \u221234 40", "0 9,920 \u22125 74", "0 9,920 \u22121 79",
                    "\u221280 9,920 +80 80", "+10,000 10,000 0 0"):  # fmt: skip
        assert figures in said


async def test_an_entry_is_found_and_marked_by_its_number(ports: Ports, operator: Viewer, case: Case) -> None:
    """The address begins the page with the entry, so that it is on it whatever came in since."""
    await exhibits(ports, operator, case)
    async with panel(ports, case) as browser:
        assert ids(await read(browser, home(case, "?before=4#e-3")), "e") == [3, 2, 1]


async def test_every_entry_is_on_exactly_one_page(ports: Ports, operator: Viewer, case: Case) -> None:
    task = await created(ports, operator, case, bulk(documents=60))
    for number in range(51):
        await report(ports, operator, task, succeeded(named(1, number)))
    async with panel(ports, case) as browser:
        pages = await walk(browser, home(case))
        assert [len(page) for page in pages] == [20, 20, 13]
        assert list(chain(*pages)) == list(range(53, 0, -1))
        html = await read(browser, home(case, "?before=20"))
        (newest,) = links(html, "Newest entries")
        assert parse_qs(urlsplit(newest).query) == {}


def test_every_kind_of_entry_is_in_exactly_one_filter() -> None:
    filtered = [kind for _, kinds in KINDS.values() if kinds is not None for kind in kinds]
    assert sorted(filtered) == sorted(EntryKind)


async def test_the_filters_of_kinds_make_up_the_whole(ports: Ports, operator: Viewer, case: Case) -> None:
    await exhibits(ports, operator, case)
    expected = {"grants": [1], "reserves": [2], "charges": [4, 3], "refunds": [6, 5], "other": []}
    async with panel(ports, case) as browser:
        found = {kind: ids(await read(browser, home(case, f"?kind={kind}")), "e") for kind in expected}
    assert found == expected


async def test_filters_keep_each_other(ports: Ports, operator: Viewer, case: Case) -> None:
    """A link changes its own filter only, and begins again with the newest entry."""
    task = await exhibits(ports, operator, case)
    asked = f"?kind=charges&month=2026-03&task={task.number}&category=IMAGE_SCAN"
    kept = {"kind": ["charges"], "month": ["2026-03"], "task": ["1"], "category": ["IMAGE_SCAN"]}
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, asked + "&before=9"))
        assert ids(html, "e") == [4]

        def query(text: str) -> dict[str, list[str]]:
            (address,) = links(html, text)
            return parse_qs(urlsplit(address).query)

        assert query("Text") == {**kept, "category": ["TEXT_SCAN"]}
        assert query("All categories") == {name: kept[name] for name in ("kind", "month", "task")}
        assert query("All months") == {name: kept[name] for name in ("kind", "task", "category")}
        assert query("Show all tasks") == {name: kept[name] for name in ("kind", "month", "category")}
        assert query("Newest entries") == kept
        assert query("Refunds") == {"kind": ["refunds"], "month": ["2026-03"], "task": ["1"]}
        for address in links(html):
            await read(browser, str(browser.build_request("GET", home(case)).url.join(address)))


async def test_entries_of_one_task_name_it(ports: Ports, operator: Viewer, case: Case) -> None:
    await exhibits(ports, operator, case)
    other = await created(ports, operator, case, bulk(documents=2))
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, "?task=1"))
        assert ids(html, "e") == [6, 5, 4, 3, 2]
        assert "Entries of one task: Exhibits <41>" in shown(html)
        assert ids(await read(browser, home(case, f"?task={other.number}")), "e") == [7]
        assert "This case has no task with this number." in shown(await read(browser, home(case, "?task=3")))


async def test_a_month_goes_by_the_cycle_of_its_entries(
    ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    """C4: and its neighbours are one link away."""
    clock.now = datetime(2026, 4, 3, 15, tzinfo=UTC)
    await next_cycle(ports, case, clock.now)
    await created(ports, operator, case, bulk(documents=2))
    async with panel(ports, case) as browser:
        march = await read(browser, home(case, "?month=2026-03"))
        assert ids(march, "e") == [1]
        (april,) = links(march, "April 2026")
        html = await read(browser, str(browser.build_request("GET", home(case)).url.join(april)))
        assert ids(html, "e") == [2]
        assert links(html, "March 2026")
        assert ids(await read(browser, home(case, "?month=2026-02")), "e") == []
        assert links(await read(browser, home(case)), "April 2026")


async def test_days_are_those_of_the_readers_zone(ports: Ports, operator: Viewer, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 4, 4, 30, tzinfo=UTC)
    case = await active_case(ports, operator)
    async with panel(ports, case) as browser:
        assert "Today, March 3" in shown(await read(browser, home(case)))
        browser.cookies.set("zone", "Asia/Kathmandu")
        said = shown(await read(browser, home(case)))
        assert "Today, March 4" in said
        assert "10:15 a.m." in said
    clock.pass_(days=400)
    async with panel(ports, case) as browser:
        browser.cookies.set("zone", "Asia/Kathmandu")
        assert "March 4, 2026 1 Filled" in shown(await read(browser, home(case)))


@pytest.mark.parametrize(("language", "unlimited"), [(EN, "unlimited"), (FR, "illimité")])
async def test_an_unlimited_reservoir_has_no_balance(
    ports: Ports, operator: Viewer, language: Language, unlimited: str
) -> None:
    """L7."""
    case = await active_case(ports, operator, PlanTier.ENTERPRISE)
    await created(ports, operator, case, bulk(ScanMode.VIDEO, 3))
    async with panel(ports, case, language) as browser:
        assert f"{unlimited} +60 60" in shown(await read(browser, home(case)))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (EN, ["Reserve: 240 documents \u00d7 5, of which 200 tokens beyond the balance",
              "Charge: image, 240 documents, of which 200 tokens as overage"]),
        (FR, ["Réservation : 240 documents \u00d7 5, dont 200 jetons au-delà du solde",
              "Imputation : image, 240 documents, dont 200 jetons en utilisation excédentaire"]),
    ],
)  # fmt: skip
async def test_overage_is_told_where_it_is_set_aside_and_where_it_is_charged(
    ports: Ports, operator: Viewer, language: Language, sentences: list[str]
) -> None:
    """T5."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    task = await created(ports, operator, case, bulk(ScanMode.IMAGE, 240))
    await report(ports, operator, task, succeeded(named(240)))
    async with panel(ports, case, language) as browser:
        said = shown(await read(browser, home(case)))
    for sentence in sentences:
        assert sentence in said


@pytest.mark.parametrize(
    ("language", "never", "none"),
    [(EN, "Nothing was entered yet.", "No entry fits these filters."),
     (FR, "Rien n\u2019est encore inscrit.", "Aucune écriture ne correspond à ces filtres.")],
)  # fmt: skip
async def test_a_statement_without_entries_says_why(
    ports: Ports, operator: Viewer, language: Language, never: str, none: str
) -> None:
    waiting = await registered_case(ports, operator)
    async with panel(ports, waiting, language) as browser:
        assert never in shown(await read(browser, home(waiting)))
        assert none in shown(await read(browser, home(waiting, "?kind=other")))


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13", "month=2026-00", "month=0000-01", "month=2026", "month=x", "month=%00", "month=2026-3",
        f"month={'9' * 6000}-01", "month=%D9%A2%D9%A0%D9%A2%D9%A6-03", "before=0", "before=-5", "before=1e9",
        f"before={'9' * 19}", f"before={2**63}", "before=%00", "task=0", "task=-1", f"task={'9' * 50}", "task=%00",
        "task=1%00", "kind=x", "kind=%00", "kind=CHARGE", "kind=None", "category=TEXT", "category=text_scan",
        "category=%00", "category=%FF", f"kind={'a' * 6000}", "kind=charges&month=2026-13",
    ],
)  # fmt: skip
async def test_a_filter_that_means_nothing_is_said_to_mean_nothing(ports: Ports, case: Case, query: str) -> None:
    async with panel(ports, case) as browser:
        html = await read(browser, home(case, f"?{query}"), status=400)
        (way_out,) = links(html, "Show all")
        assert ids(await read(browser, way_out), "e") == [1]


@pytest.mark.parametrize(
    ("query", "entries"),
    [
        ("before=", [1]), ("kind=&month=&task=&category=", [1]), ("other=%00", [1]), (f"before={2**53 - 1}", [1]),
        ("month=9999-12", []), ("month=0001-01", []), (f"task={2**53 - 1}", []), ("category=CHAT", []),
        ("before=1", []),
        ("kind=charges&category=CHAT&task=1&month=2026-03&before=2", []),
    ],
)  # fmt: skip
async def test_a_filter_that_fits_nothing_shows_nothing(
    ports: Ports, case: Case, query: str, entries: list[int]
) -> None:
    async with panel(ports, case) as browser:
        assert ids(await read(browser, home(case, f"?{query}")), "e") == entries


async def test_the_statement_of_another_case_does_not_exist(ports: Ports, operator: Viewer, case: Case) -> None:
    """A2."""
    other = await active_case(ports, operator)
    async with panel(ports, case) as browser:
        assert await read(browser, home(other), status=401) == await read(
            browser, f"/cases/{uuid4()}/ledger", status=401
        )


async def test_the_page_says_what_the_ledger_holds(ports: Ports, operator: Viewer, case: Case) -> None:
    """One query module feeds all: every number of every entry stands on the page."""
    await exhibits(ports, operator, case)
    statement = await find_statement(ports, operator, case.terms.uuid, Selection())
    assert statement is not None
    async with panel(ports, case) as browser:
        said = shown(await read(browser, home(case)))
    assert len(statement.entries) == 6
    for entry in statement.entries:
        change, after = entry.balance_change, entry.balance_after
        assert change is not None
        sign = "+" if change > 0 else "\u2212" if change < 0 else ""
        assert f"{sign}{abs(change):,} {after:,}" in said


async def test_a_page_of_twenty_entries_is_small(ports: Ports, operator: Viewer) -> None:
    """With the longest names of tasks, in the longer language, filtered by everything."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    task = await tasks.create_task(
        ports, operator, key="k", case_uuid=case.terms.uuid, task=bulk(ScanMode.IMAGE, 900), name="é" * 255
    )
    assert isinstance(task, Task)
    for number in range(30):
        await report(ports, operator, task, succeeded(named(30, 30 * number)))
    async with panel(ports, case, FR) as browser:
        html = await read(browser, home(case, "?kind=charges&month=2026-03&task=1&category=IMAGE_SCAN"))
        assert len(ids(html, "e")) == 20
        assert len(html.encode()) <= LIMIT

"""The page of the statement: every entry in words, pages, days, size, rights (L1, L7, T3, T5, A2, E1)."""

from datetime import UTC, datetime
from itertools import chain
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.services import tasks
from app.services.ports import Ports
from app.services.statements import Selection, find_statement
from tests.stage import Clock, active_case, bulk, created, named, report, succeeded
from tests.web.panel import exhibits, ids, links, panel, read, shown, walk

LIMIT = 40_000
"""Bytes of a page with 20 rows."""

LETTER, OLDER = "e", "Older entries"
EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator)


def home(case: Case, query: str = "") -> str:
    return f"/cases/{case.terms.uuid}/ledger{query}"


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
                "1 Remplissage au plafond à l\u2019activation (Pro)",
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
        pages = await walk(browser, home(case), LETTER, OLDER)
        assert [len(page) for page in pages] == [20, 20, 13]
        assert list(chain(*pages)) == list(range(53, 0, -1))
        html = await read(browser, home(case, "?before=20"))
        (newest,) = links(html, "Newest entries")
        assert parse_qs(urlsplit(newest).query) == {}


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
              "Imputation : image, 240 documents, dont 200 jetons excédentaires"]),
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

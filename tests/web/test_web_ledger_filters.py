"""The filters of the statement: each alone, together, and with values that mean nothing (C4, L1)."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.ledger import EntryKind
from app.services.ports import Ports
from app.web.ledger import KINDS
from tests.stage import Clock, active_case, bulk, created, registered_case
from tests.web.panel import exhibits, follow, ids, links, panel, read, shown
from tests.web.scenes import caught_up

EN, FR = Language.EN, Language.FR


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator)


def home(case: Case, query: str = "") -> str:
    return f"/cases/{case.terms.uuid}/ledger{query}"


def test_every_kind_of_entry_is_in_exactly_one_filter() -> None:
    filtered = [kind for name, (_, kinds) in KINDS.items() if kinds is not None and name != "overage" for kind in kinds]
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
            await follow(browser, home(case), address)


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
    await caught_up(ports, operator, case)
    await created(ports, operator, case, bulk(documents=2))
    async with panel(ports, case) as browser:
        march = await read(browser, home(case, "?month=2026-03"))
        assert ids(march, "e") == [1]
        (april,) = links(march, "April 2026")
        html = await follow(browser, home(case), april)
        assert ids(html, "e") == [2]
        assert links(html, "March 2026")
        assert ids(await read(browser, home(case, "?month=2026-02")), "e") == []
        assert links(await read(browser, home(case)), "April 2026")


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
        f"month={'9' * 6000}-01", "month=\u0662\u0660\u0662\u0666-03", "before=0", "before=-5", "before=1e9",
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

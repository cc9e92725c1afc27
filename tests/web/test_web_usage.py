"""The Usage page in every scene: notes, months, parts of it, and what hostile addresses do to it."""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from app.domain.callers import Role
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.faults.fault_proxy import CuttingProxy
from tests.stage import Clock, active_case, new_viewer, opened
from tests.web.page_elements import Element, parsed
from tests.web.page_reader import EN, FR, read_month
from tests.web.panel_scenes import Panel
from tests.web.person import Person, visiting
from tests.web.scenes import SCENES, caught_up, deactivated

PANEL_ROLES = (Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN)
LIVE = ["here", "hero", "month", "verdict", "tasks", "ledger"]
MONEY = re.compile(r"[$\u20ac\u00a3\u00a2]|\b(CAD|USD|dollars?|cents?|price|prix|tarif)\b", re.IGNORECASE)


def refill_note(page: Element) -> tuple[str, list[str]]:
    note = page.one("dl", look="next")
    lines = [line.text.replace("\u00a0", " ").replace("\u202f", " ") for line in note.one("dd").all("span")]
    return note.one("dt").text, [line for line in lines if line]


# ------------------------------------------------------------------------------------------------ the next refill


@pytest.mark.parametrize(
    ("zone", "language", "lines"),
    [
        (None, EN, ["Sunday, November 22", "9:00 a.m. Eastern"]),
        (None, FR, ["Dimanche 22 novembre", "09 h 00, heure de l’Est"]),
        ("America/New_York", EN, ["Sunday, November 22", "9:00 a.m. Eastern"]),
        ("America/Toronto", EN, ["Sunday, November 22", "9:00 a.m. Eastern"]),
        ("America/Vancouver", EN, ["Sunday, November 22", "6:00 a.m. your time (PST)", "9:00 a.m. Eastern"]),
        ("America/Vancouver", FR, ["Dimanche 22 novembre", "06 h 00, votre heure (HNP)", "09 h 00, heure de l’Est"]),
        ("Asia/Kolkata", EN, ["Sunday, November 22", "7:30 p.m. your time (GMT+05:30)", "9:00 a.m. Eastern"]),
        (
            "Pacific/Auckland",
            EN,
            ["Monday, November 23", "3:00 a.m. your time (GMT+13:00)", "Sunday, November 22, 9:00 a.m. Eastern"],
        ),
    ],
)
async def test_the_next_refill_is_told_in_the_readers_zone_and_eastern(
    panel: Panel, zone: str | None, language: str, lines: list[str]
) -> None:
    """L4: one line where both clocks show the same."""
    async with panel.visited("working") as person:
        if zone is not None:
            person.client.cookies.set("zone", zone)
        assert refill_note(await person.read(language=language))[1] == lines


@pytest.mark.parametrize(
    "zone",
    ["", "nowhere", "America", "../../../etc/passwd", "/etc/localtime", "a\\0b", "%00", "\u00e9", "x" * 4_000,
     "America/New_York ", "zone.tab", "<script>alert(1)</script>"],
)  # fmt: skip
async def test_a_zone_that_is_none_is_taken_as_eastern(panel: Panel, zone: str) -> None:
    async with panel.visited("working") as person:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies.jar)
        person.client.cookies.clear()
        answer = await person.client.get(person.home, headers=[(b"Cookie", f"{cookies}; zone={zone}".encode())])
        assert answer.status_code == 200
        page = parsed(answer.text)
    assert refill_note(page)[1] == ["Sunday, November 22", "9:00 a.m. Eastern"]
    assert "Times: Eastern Standard Time." in page.one("body").words


@pytest.mark.parametrize(
    ("scene", "language", "note"),
    [
        ("fresh", EN, ("Next refill how, Next refill Nothing to add",
                       ["Sunday, November 22", "9:00 a.m. Eastern", "The tank is full"])),
        ("fresh", FR, ("Prochaine recharge calcul, Prochaine recharge Rien à ajouter",
                       ["Dimanche 22 novembre", "09 h 00, heure de l’Est", "Le réservoir est plein"])),
        ("starter", EN, ("Next refill None", ["No daily refill on Starter"])),
        ("starter", FR, ("Prochaine recharge Aucune", ["Aucune recharge quotidienne avec le forfait Starter"])),
        ("unlimited", EN, ("Cap and daily refill", ["None needed"])),
        ("unlimited", FR, ("Plafond et recharge quotidienne", ["Inutiles"])),
    ],
)  # fmt: skip
async def test_where_nothing_is_added_the_note_says_why(
    panel: Panel, scene: str, language: str, note: tuple[str, list[str]]
) -> None:
    """L4, L7."""
    async with panel.visited(scene) as person:
        assert refill_note(await person.read(language=language)) == note


async def test_before_nine_the_next_refill_is_todays(panel: Panel) -> None:
    """And on the day when clocks go forward it is at 09:00 all the same."""
    panel.clock.now = datetime(2026, 11, 22, 13, 59, tzinfo=UTC)
    async with panel.visited("working") as person:
        assert refill_note(await person.read())[1] == ["Sunday, November 22", "9:00 a.m. Eastern"]


@pytest.mark.parametrize(("scene", "shown"), [("waiting", ["hero"]), ("ended", ["hero", "month", "tasks", "ledger"])])
async def test_without_a_plan_there_is_no_note(panel: Panel, scene: str, shown: list[str]) -> None:
    async with panel.visited(scene) as person:
        page = await person.read()
    assert [section.attributes["id"] for section in page.all("section") if section.attributes["id"] != "quote"] == shown
    assert not page.all("dl", look="next")


@pytest.mark.parametrize(("language", "told"), [(EN, "Deactivated April 4, 2026"), (FR, "Désactivé le 4 avril 2026")])
async def test_the_day_of_the_deactivation_does_not_hang_on_the_month_that_is_shown(
    own_ports: Ports, clock: Clock, language: str, told: str
) -> None:
    """L6."""
    viewer, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, viewer)
    clock.pass_(days=31)
    await caught_up(own_ports, viewer, case)
    clock.pass_(days=1)
    await deactivated(own_ports, viewer, case)
    async with visiting(build_app(own_ports, Settings()), own_ports, case.terms.uuid) as person:
        for query in ("", "?month=2026-04", "?month=2026-03"):
            page = await person.read(query, language=language)
            assert page.one("p", look="balance").one("span").text.replace("\u00a0", " ") == told


# ------------------------------------------------------------------------------------------------------- months


async def arrows(person: Person, query: str = "") -> tuple[str, dict[str, str]]:
    page = await person.read(query)
    links = {link.attributes["rel"]: link.attributes["href"] for link in page.all("a", look="arrow")}
    assert len(page.one("section", id_="month").all(look="arrow")) == 2
    assert len(page.one("section", id_="month").all("span", look="off")) == 2 - len(links)
    return read_month(page, EN).month, links


async def test_arrows_lead_where_a_month_is_and_nowhere_else(panel: Panel) -> None:
    """C4."""
    async with panel.visited("working") as person:
        september, october, november = (f"{person.home}?month=2026-{month:02d}" for month in (9, 10, 11))
        assert await arrows(person) == ("2026-11", {"prev": october})
        assert await arrows(person, november) == ("2026-11", {"prev": october})
        assert await arrows(person, october) == ("2026-10", {"prev": september, "next": november})
        assert await arrows(person, september) == ("2026-09", {"next": october})


EMPTY_MONTHS = ["2026-08", "2027-01", "0001-01", "9999-12"]
NO_MONTH = [
    "2026-13", "0000-01", "10000-01", "2026-1", "november", "-1", "1e9", "2026-11\x00", "\x00", "2026-11'--", "<b>",
    "\u0662\u0660\u0662\u0666-\u0661\u0661", "x" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize("month", EMPTY_MONTHS)
async def test_a_month_without_a_cycle_is_not_there_and_the_way_out_is_the_latest(panel: Panel, month: str) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(f"?month={month}")
        ways_out = {link.attributes["href"] for link in parsed(answer.text).all("a")}
    assert answer.status_code == 404
    assert person.home in ways_out


@pytest.mark.parametrize("month", NO_MONTH, ids=lambda month: repr(month[:12]))
@pytest.mark.parametrize("headers", [{}, {"HX_Target": "verdict", "HX_Request": "true"}], ids=["page", "quote"])
async def test_what_is_no_month_is_not_understood(panel: Panel, month: str, headers: dict[str, str]) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(f"?{urlencode({'month': month, 'documents': 1})}", **headers)
    assert answer.status_code == 400


async def test_a_quote_keeps_the_month_of_the_page(panel: Panel) -> None:
    async with panel.visited("working") as person:
        page = await person.read("?month=2026-10")
    [kept] = [field.attributes for field in page.all("input") if field.attributes["name"] == "month"]
    assert (kept["form"], kept["value"]) == (page.one("form", id_="ask").attributes["id"], "2026-10")


async def test_a_refresh_and_the_switch_of_language_keep_the_month(panel: Panel) -> None:
    async with panel.visited("working") as person:
        page = await person.read("?month=2026-10")
    here = f"{person.home}?month=2026-10"
    assert page.one("input", id_="here").attributes["value"] == here
    assert page.one("section", id_="hero").attributes["hx-get"] == here
    assert page.one("p", look="stamp").one("a").attributes["href"] == here
    assert [field.attributes["value"] for field in page.all("input") if field.attributes["name"] == "month"] == [
        "2026-10"
    ]


# ------------------------------------------------------------------------------------------------- parts of it


def top(html: str) -> list[str]:
    """The ids of what stands in no other element."""
    return [part.attributes.get("id", "") for part in parsed(html).children if isinstance(part, Element)]


@pytest.mark.parametrize(("scene", "query"), [*((scene, "") for scene in SCENES), ("working", "?month=2026-10")])
async def test_a_refresh_gets_only_the_blocks_that_it_replaces(panel: Panel, scene: str, query: str) -> None:
    async with panel.visited(scene) as person:
        whole = await person.read(query)
        answer = await person.get(query, HX_Request="true", HX_Target="hero")
    assert answer.status_code == 200
    without = {"waiting": LIVE[2:], "ended": ["verdict"]}.get(scene, [])
    assert top(answer.text) == [block for block in LIVE if block not in without]
    for part in parsed(answer.text).children:
        if isinstance(part, Element):
            assert part.text == whole.one(id_=part.attributes["id"]).text
    assert "HX-Request" in answer.headers["vary"]


async def test_what_was_asked_stays_asked_over_a_refresh_another_month_and_the_switch_of_language(panel: Panel) -> None:
    """And is judged again each time: a quote beside a balance is of that balance."""
    async with panel.visited("working") as person:
        page = await person.read("?kind=SCAN&mode=TEXT&documents=5&fields=1")
        assert page.one(id_="verdict").words.startswith("Would run: holds 5 of ")
        here = page.one("input", id_="here").attributes["value"]
        arrow = page.one("a", id_="month-prev").attributes["href"]
        assert page.one(id_="hero").attributes["hx-get"] == here
        for address in (here, arrow):
            assert (await person.read(address)).one(id_="verdict").words == page.one(id_="verdict").words


@pytest.mark.parametrize(("path", "block"), [("/tasks", "tasks"), ("/tasks/1", "task")])
async def test_a_refresh_of_tasks_gets_only_them(panel: Panel, path: str, block: str) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(path, HX_Request="true", HX_Target=block)
    assert (answer.status_code, top(answer.text)) == (200, [block])


# ---------------------------------------------------------------------------------------------- odd requests


@pytest.mark.parametrize("path", ["", "?month=2026-10", "/tasks", "/tasks/1", "/ledger"])
async def test_a_head_gets_what_a_get_gets(panel: Panel, path: str) -> None:
    async with panel.visited("working") as person:
        asked = await person.client.head(person.home + path)
        got = await person.get(path)
    assert (asked.status_code, dict(asked.headers)) == (200, dict(got.headers))


NOWHERE = [
    "/nothing", "/tasks/1/2", "/tasks/x", "/tasks/0", "/tasks/1e3", "/tasks/-1", "/tasks/99999999999999999999",
    "/tasks/%00", "/ledger/1", "/%00", "/..%2f..",
]  # fmt: skip
SENSELESS = [
    "/tasks?status=nothing", "/tasks?before=0", "/ledger?kind=x", "/ledger?month=2026-13", "/ledger?before=1e9",
    "/ledger?task=%00",
]  # fmt: skip


@pytest.mark.parametrize(("path", "status"), [(path, 404) for path in NOWHERE] + [(path, 400) for path in SENSELESS])
async def test_what_is_not_there_is_said_not_to_be(panel: Panel, path: str, status: int) -> None:
    async with panel.visited("working") as person:
        assert (await person.get(path)).status_code == status
        assert (await person.client.post(person.home + path)).status_code in (404, 405)


# ------------------------------------------------------------------------------------------------------ outage


@pytest.mark.parametrize("lost", [b"from sessions", b"FROM cases", b"FROM ledger_entries"])
@pytest.mark.parametrize("language", [EN, FR])
async def test_without_the_database_a_person_gets_a_page_that_says_so(
    own_url: str, own_ports: Ports, clock: Clock, lost: bytes, language: str
) -> None:
    """And with the database back, the same address shows the figures again."""
    viewer, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, viewer)
    # Connections that nobody has used: a statement that is prepared is no longer sent as a text that could be seen.
    async with (
        CuttingProxy(own_url) as proxy,
        opened(proxy.url, clock) as ports,
        visiting(build_app(ports, Settings()), ports, case.terms.uuid) as person,
    ):
        proxy.lose_requests(lost, times=2)
        answer = await person.get(language=language)
        assert proxy.cuts > 0
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        words = parsed(answer.text).one("body").words
        assert re.search(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", words)
        told = {EN: "The figures could not be loaded.", FR: "Les chiffres n’ont pas pu être chargés."}[language]
        assert told in words
        assert case.name not in words
        proxy.lose_requests(lost, times=0)
        assert (await person.get(language=language)).status_code == 200

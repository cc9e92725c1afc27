"""The Usage page in every scene: notes, months, quotes, who sees what, and what hostile addresses do to it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from app.domain.callers import Role
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.faults.fault_proxy import CuttingProxy
from tests.stage import Clock, active_case, new_viewer, opened
from tests.web.page_elements import Element, parsed
from tests.web.page_reader import EN, FR, read_month
from tests.web.person import Person, visiting
from tests.web.scenes import SCENES, all_scenes, deactivated, next_cycle

NOW = datetime(2026, 11, 21, 16, 42, tzinfo=UTC)
"""Saturday, 11:42 in New York."""

PANEL_ROLES = (Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN)
LIVE = ["here", "hero", "month", "tasks", "ledger"]
MONEY = re.compile(r"[$\u20ac\u00a3\u00a2]|\b(CAD|USD|dollars?|cents?|price|prix|tarif)\b", re.IGNORECASE)


@dataclass
class Panel:
    """Every scene in one database, seen at NOW unless a test moves the clock."""

    app: Starlette
    ports: Ports
    clock: Clock
    cases: dict[str, UUID]

    def visited(self, scene: str, role: Role = Role.MEMBER) -> Any:
        return visiting(self.app, self.ports, self.cases[scene], role)


@pytest.fixture(scope="module")
async def scenes(postgres: EmbeddedPostgres) -> AsyncIterator[Panel]:
    name = f"own_{uuid4().hex}"
    postgres.create_database(name, template="template")
    clock = Clock(NOW)
    async with opened(postgres.url(name), clock) as ports:
        viewer, _ = await new_viewer(ports)
        yield Panel(build_app(ports, Settings()), ports, clock, await all_scenes(ports, viewer, clock))
    postgres.drop_database(name)


@pytest.fixture
def panel(scenes: Panel) -> Panel:
    scenes.clock.now = NOW
    return scenes


def said(page: Element) -> str:
    """All text of the page, as it is read, spaces being plain."""
    return page.one("body").text.replace("\u00a0", " ").replace("\u202f", " ")


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
    assert "Times: Eastern Standard Time." in said(page)


@pytest.mark.parametrize(
    ("scene", "language", "note"),
    [
        ("fresh", EN, ("Next refill Nothing to add", ["Sunday, November 22", "9:00 a.m. Eastern", "The tank is full"])),
        ("fresh", FR, ("Prochaine recharge Rien à ajouter",
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
    async with panel.visited("working") as person:
        panel.clock.now = datetime(2026, 11, 21, 17, 0, tzinfo=UTC).replace(hour=13, minute=59)
        assert refill_note(await person.read())[1] == ["Saturday, November 21", "9:00 a.m. Eastern"]


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
    await next_cycle(own_ports, case, clock.now)
    clock.pass_(days=1)
    await deactivated(own_ports, case, viewer, clock.now)
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
@pytest.mark.parametrize("headers", [{}, {"HX_Target": "quote", "HX_Request": "true"}], ids=["page", "quote"])
async def test_what_is_no_month_is_not_understood(panel: Panel, month: str, headers: dict[str, str]) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(f"?{urlencode({'month': month, 'documents': 1})}", **headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("month", EMPTY_MONTHS)
async def test_a_quote_keeps_the_month_of_the_page(panel: Panel, month: str) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(f"?{urlencode({'month': month, 'documents': 1})}", HX_Target="quote")
    kept = [
        field.attributes["value"] for field in parsed(answer.text).all("input") if field.attributes["name"] == "month"
    ]
    assert kept == [month]


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


# ------------------------------------------------------------------------------------------------------- quotes


def verdict(page: Element) -> tuple[str, list[str]]:
    """The headline and the ways out."""
    shown = page.one("section", id_="quote").one("div", look="verdict")
    return shown.all("h3")[0].text, [way.text.replace("\u00a0", " ") for way in shown.all("li")]


# working: Pro, balance 5,011 of 10,000, 2,944 held. starter: 640 of 1,000. beyond: Starter with overage, balance 0.
QUOTES: list[tuple[str, dict[str, object], str, list[str]]] = [
    ("working", {"documents": 90}, "Would run: holds 1,800 of {balance} tokens", []),
    ("working", {"documents": "1,200", "mode": "TEXT"}, "Would run: holds 1,200 of {balance} tokens", []),
    ("working", {"documents": "1 200", "mode": "TEXT"}, "Would run: holds 1,200 of {balance} tokens", []),
    ("working", {"documents": 10, "kind": "MULTI_CODE", "mode": "TEXT", "fields": 8},
     "Would run: holds 80 of {balance} tokens", []),
    ("working", {"documents": 10, "mode": "TEXT", "fields": 8}, "Would run: holds 10 of {balance} tokens", []),
    ("working", {"documents": 10_001, "mode": "TEXT"}, "Would not run: 10,001 documents in one task",
     ["Business would run it now", "{fit} documents would run now"]),
    ("starter", {"documents": 641, "mode": "TEXT"}, "Would not run: 1 token missing",
     ["Pro would run it now", "Refills alone would not No daily refill on Starter", "640 documents would run now"]),
    ("starter", {"documents": 5, "kind": "MULTI_CODE"}, "Would not run: Multi-Code needs Pro",
     ["Pro would run it now"]),
    ("fresh", {"documents": 2_501}, "Would not run: 20 tokens missing",
     ["Enterprise would run it now", "Refills alone would not They stop at the cap of 50,000",
      "2,500 documents would run now"]),
    ("unlimited", {"documents": 1_000_000}, "Would run: holds 20,000,000 tokens", []),
    ("unlimited", {"documents": 1, "mode": "TEXT"}, "Would run: holds 1 token", []),
    ("beyond", {"documents": 30, "mode": "IMAGE"}, "Would run: 150 of 150 tokens as overage", []),
]  # fmt: skip


@pytest.mark.parametrize(("scene", "query", "headline", "ways"), QUOTES)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "quote"}], ids=["page", "htmx"])
async def test_a_quote_says_whether_it_runs_and_every_way_out(
    panel: Panel, scene: str, query: dict[str, object], headline: str, ways: list[str], headers: dict[str, str]
) -> None:
    """T1, T5."""
    async with panel.visited(scene) as person:
        balance = (await person.read()).one("p", look="balance").one("strong").text
        page = await person.read(f"?{urlencode(query)}", **headers)
    said_headline, said_ways = verdict(page)
    assert said_headline.replace("\u00a0", " ") == headline.format(balance=balance)
    assert len(said_ways) == len(ways)
    for said_way, way in zip(said_ways, ways, strict=True):
        assert said_way.startswith(way.format(fit=balance)), said_way


async def test_refills_that_would_clear_a_shortage_are_told_with_their_day(panel: Panel) -> None:
    """L4: two refills of Pro make room for 600 tokens more than there are."""
    async with panel.visited("working") as person:
        balance = int((await person.read()).one("p", look="balance").one("strong").text.replace(",", ""))
        for language, told in (
            (EN, "Refills would, by November 23 2 refills of 500"),
            (FR, "Les recharges suffiraient le 23 novembre 2 recharges de 500"),
        ):  # fmt: skip
            page = await person.read(f"?mode=TEXT&documents={balance + 600}", language=language)
            assert verdict(page)[1][1].startswith(told)


NO_COUNT = {
    "0": "A task has at least one document.",
    "-1": "This is not a whole number.",
    "1e9": "This is not a whole number.",
    "1.5": "This is not a whole number.",
    "1,5": "This is not a whole number.",
    "12,34": "This is not a whole number.",
    "1_000": "This is not a whole number.",
    "\u0663": "This is not a whole number.",
    "0x10": "This is not a whole number.",
    "<img src=x>": "This is not a whole number.",
    "9007199254740992": "This many documents would reserve more tokens than can be counted.",
    "1" + "0" * 30: "This many documents would reserve more tokens than can be counted.",
    "1" * 60_000: "This many documents would reserve more tokens than can be counted.",
}


@pytest.mark.parametrize("documents", NO_COUNT, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "quote"}], ids=["page", "htmx"])
async def test_what_is_no_count_of_documents_is_told_so(panel: Panel, documents: str, headers: dict[str, str]) -> None:
    async with panel.visited("working") as person:
        page = await person.read(f"?{urlencode({'documents': documents, 'mode': 'TEXT'})}", **headers)
    assert page.one("div", look="verdict").text == f"Cannot be judged {NO_COUNT[documents]}"
    assert page.one("input", id_="q-documents").attributes["value"] == documents[:20]


@pytest.mark.parametrize(
    ("fields", "told"),
    [("0", "Multi-Code takes 1 to 8 active fields."), ("9", "Multi-Code takes 1 to 8 active fields."),
     ("", "This is not a whole number."), ("x", "This is not a whole number.")],
)  # fmt: skip
async def test_what_is_no_count_of_fields_is_told_so_where_fields_count(panel: Panel, fields: str, told: str) -> None:
    async with panel.visited("working") as person:
        page = await person.read(f"?kind=MULTI_CODE&documents=1&fields={fields}")
        assert page.one("div", look="verdict").text == f"Cannot be judged {told}"
        assert "Would run" in verdict(await person.read(f"?kind=SCAN&documents=1&fields={fields}"))[0]


@pytest.mark.parametrize(
    "query",
    ["", "?documents=", "?documents=%20", "?documents=%00", "?kind=MULTI_CODE&mode=VIDEO", "?documents=&fields=9"],
)
async def test_nothing_is_judged_where_nothing_was_asked(panel: Panel, query: str) -> None:
    async with panel.visited("working") as person:
        assert not (await person.read(query)).all("div", look="verdict")


@pytest.mark.parametrize("name", ["month", "documents", "fields", "kind", "mode", "x"])
async def test_a_query_of_a_megabyte_is_no_harder_than_a_short_one(panel: Panel, name: str) -> None:
    """Sent past the client, which knows no address that is so long."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async with panel.visited("working") as person:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies.jar)
        scope = {
            "type": "http", "method": "GET", "path": person.home, "headers": [(b"cookie", cookies.encode())],
            "query_string": f"{name}={'1' * 1_000_000}".encode(), "scheme": "http", "server": ("service", 80),
        }  # fmt: skip
        await panel.app(scope, receive, send)
    assert sent[0]["status"] == (400 if name == "month" else 200)
    assert sum(len(message.get("body", b"")) for message in sent) <= 40_000


async def test_any_query_gets_a_page(panel: Panel) -> None:
    random = Random(1)
    names = ["month", "documents", "fields", "kind", "mode", "before", "x", "", "status", "task"]
    values = [
        "",
        "1",
        "-1",
        "0",
        "2026-11",
        "AUTO",
        "MULTI_CODE",
        "\x00",
        "%",
        "\N{GRINNING FACE}",
        "9" * 40,
        "' or 1=1",
        "running",
    ]
    async with panel.visited("working") as person:
        for _ in range(60):
            query = urlencode([(random.choice(names), random.choice(values)) for _ in range(random.randrange(1, 6))])
            headers = random.choice([{}, {"HX-Request": "true"}, {"HX-Target": "quote"}])
            answer = await person.get(f"?{query}", **headers)
            assert answer.status_code in (200, 400), query
            parsed(answer.text)


# ---------------------------------------------------------------------------------------------- who sees what


PAGES = [
    "", "?month=2026-10", "?mode=VIDEO&documents=9000", "?mode=TEXT&documents=20000", "?kind=MULTI_CODE&documents=3",
    "/tasks", "/tasks/1", "/tasks/7", "/tasks/999", "/ledger", "/ledger?kind=grants",
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
async def test_every_role_reads_the_same_counts_and_never_money(panel: Panel, scene: str) -> None:
    """A2: neither a price nor a currency anywhere in the panel, in either language."""
    pages: dict[tuple[str, str], set[str]] = {}
    for role in PANEL_ROLES:
        async with panel.visited(scene, role) as person:
            for path in PAGES:
                for language in (EN, FR):
                    answer = await person.get(path, language=language)
                    assert not MONEY.search(said(parsed(answer.text))), (path, MONEY.search(said(parsed(answer.text))))
                    pages.setdefault((path, language), set()).add(answer.text)
    assert {len(seen) for seen in pages.values()} == {1}


@pytest.mark.parametrize("scene", SCENES)
async def test_a_page_is_small(panel: Panel, scene: str) -> None:
    async with panel.visited(scene) as person:
        for path in PAGES:
            for language in (EN, FR):
                assert len((await person.get(path, language=language)).content) <= 40_000, (path, language)


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
    assert top(answer.text) == (["here", "hero"] if scene == "waiting" else LIVE)
    for part in parsed(answer.text).children:
        if isinstance(part, Element):
            assert part.text == whole.one(id_=part.attributes["id"]).text
    assert "HX-Request" in answer.headers["vary"]


async def test_a_quote_gets_only_its_own_block(panel: Panel) -> None:
    async with panel.visited("working") as person:
        answer = await person.get("?documents=5&month=2026-10", HX_Request="true", HX_Target="quote")
    assert (answer.status_code, top(answer.text)) == (200, ["quote"])


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
    own_url: str, clock: Clock, lost: bytes, language: str
) -> None:
    """And with the database back, the same address shows the figures again."""
    async with CuttingProxy(own_url) as proxy, opened(proxy.url, clock) as ports:
        viewer, _ = await new_viewer(ports)
        case = await active_case(ports, viewer)
        async with visiting(build_app(ports, Settings()), ports, case.terms.uuid) as person:
            proxy.lose_requests(lost, times=2)
            answer = await person.get(language=language)
            assert proxy.cuts > 0
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            words = said(parsed(answer.text))
            assert re.search(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", words)
            told = {EN: "The figures could not be loaded.", FR: "Les chiffres n’ont pas pu être chargés."}[language]
            assert told in words
            assert case.name not in words
            proxy.lose_requests(lost, times=0)
            assert (await person.get(language=language)).status_code == 200

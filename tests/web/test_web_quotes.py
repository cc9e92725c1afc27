"""Will it run? What the form answers, and what it makes of whatever is typed (T1)."""

from random import Random
from urllib.parse import urlencode

import pytest
from starlette.types import Message

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.services.ports import Ports
from tests.stage import active_case
from tests.web.page_elements import Element, parsed
from tests.web.page_reader import EN, FR
from tests.web.panel import panel as opened, read
from tests.web.panel_scenes import Panel


def verdict(page: Element) -> tuple[str, list[str]]:
    """The headline and the ways out."""
    shown = page.one("div", id_="verdict").one("div", look="verdict")
    ways = [*(prompt.one("h3") for prompt in shown.all("div", look="prompt")), *shown.all("li")]
    return shown.all("h3")[0].text, [way.text.replace("\u00a0", " ") for way in ways]


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
     ["Pro would run it now", "Refills alone would not No daily refill on Starter", "640 documents would run now",
      "A case admin has other ways They can buy the missing tokens or turn overage on."]),
    ("starter", {"documents": 5, "kind": "MULTI_CODE"}, "Would not run: Multi-Code needs Pro",
     ["Pro would run it now"]),
    ("fresh", {"documents": 2_501}, "Would not run: 20 tokens missing",
     ["Enterprise would run it now", "Refills alone would not They stop at the cap of 50,000",
      "2,500 documents would run now", "A case admin has other ways"]),
    ("unlimited", {"documents": 1_000_000}, "Would run: holds 20,000,000 tokens", []),
    ("unlimited", {"documents": 1, "mode": "TEXT"}, "Would run: holds 1 token", []),
    ("beyond", {"documents": 30, "mode": "IMAGE"}, "Would run: 150 of 150 tokens as overage", []),
]  # fmt: skip


@pytest.mark.parametrize(("scene", "query", "headline", "ways"), QUOTES)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "verdict"}], ids=["page", "htmx"])
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


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (EN, [("Held", "1,000"), ("Set aside beyond the balance", "200"), ("Total 240 documents \u00d7 5", "1,200"),
              ("Charged if all succeed", "1,200")]),
        (FR, [("Réservés", "1 000"), ("Mis de côté au-delà du solde", "200"), ("Total 240 documents \u00d7 5", "1 200"),
              ("Imputés si tout réussit", "1 200")]),
    ],
)  # fmt: skip
async def test_a_quote_beyond_the_balance_tells_what_is_held_from_what_is_set_aside(
    ports: Ports, operator: Viewer, language: str, lines: list[tuple[str, str]]
) -> None:
    """T5: no more is held than there is."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    async with opened(ports, case, Language.FR if language == FR else Language.EN) as browser:
        page = parsed(await read(browser, f"/cases/{case.terms.uuid}?mode=IMAGE&documents=240"))
    rows = page.one("div", look="verdict").one("tbody").all("tr")
    said = [(row.one("th").text, row.one("td").text) for row in rows]
    assert [(label.replace("\u00a0", " "), tokens.replace("\u00a0", " ")) for label, tokens in said] == lines


async def test_refills_that_would_clear_a_shortage_are_told_with_their_day(panel: Panel) -> None:
    """L4: two refills of Pro make room for 600 tokens more than there are."""
    async with panel.visited("working") as person:
        balance = int((await person.read()).one("p", look="balance").one("strong").text.replace(",", ""))
        for language, told in (
            (EN, "Refills would, by November 23 2 refills add 1,000 tokens in all"),
            (FR, "Les recharges suffiraient le 23 novembre 2 recharges ajoutent 1 000 jetons en tout"),
        ):  # fmt: skip
            page = await person.read(f"?mode=TEXT&documents={balance + 600}", language=language)
            assert verdict(page)[1][1].startswith(told)


NO_COUNT = {
    "0": "A task has at least one document.",
    "-1": "A task has at least one document.",
    "-": "This is not a whole number.",
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
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "verdict"}], ids=["page", "htmx"])
async def test_what_is_no_count_of_documents_is_told_so(panel: Panel, documents: str, headers: dict[str, str]) -> None:
    async with panel.visited("working") as person:
        page = await person.read(f"?{urlencode({'documents': documents, 'mode': 'TEXT'})}", **headers)
    assert page.one("div", look="verdict").text == f"Cannot be judged {NO_COUNT[documents]}"
    if not headers:  # the form of a page that is there is left as it is
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
            headers = random.choice([{}, {"HX-Request": "true"}, {"HX-Target": "verdict"}])
            answer = await person.get(f"?{query}", **headers)
            assert answer.status_code in (200, 400), query
            parsed(answer.text)

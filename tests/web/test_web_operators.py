"""The pages of operators: what they show, what they change once, and that nobody else finds them (A1, A2, C6-C8)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from app.adapters.languages import words
from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import sessions
from app.services.invoicing_requests import request_invoicing
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import INVOICE, PRO, Life, eastern, registered, work
from tests.stage import Clock, new_viewer
from tests.web.page_elements import Element, parsed
from tests.web.person import SITE, visiting
from tests.web.plan_forms import OURS
from tests.web.test_no_hard_coded_text import Brackets, formatted, hard_coded, read
from tests.web.test_strict_pages import check

PAGES = ("", "/invoices", "/cards", "/organizations", "/requests")


@dataclass
class Operator:
    """A browser in which an operator has come in."""

    client: httpx2.AsyncClient

    async def get(self, path: str = "") -> httpx2.Response:
        return await self.client.get(f"/operators{path}")

    async def read(self, path: str = "") -> Element:
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2_000:])
        return parsed(answer.text)

    async def send(self, path: str, **form: str) -> httpx2.Response:
        return await self.client.post(f"/operators{path}", data=form, headers=OURS)


async def link(ports: Ports, *, language: Language | None = None, user: str | None = None) -> str:
    token = await sessions.make_operator_link(
        ports, user=user or f"Ops {uuid4()}", language=language, secret=lambda: uuid4().hex
    )
    assert isinstance(token, str), token
    return f"/sign-in/{token}"


@pytest.fixture
def app(own_ports: Ports) -> Starlette:
    return build_app(own_ports, Settings())


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        yield client


@pytest.fixture
async def desk(own_ports: Ports, browser: httpx2.AsyncClient) -> Operator:
    entered = await browser.get(await link(own_ports))
    assert (entered.status_code, entered.headers["location"]) == (303, "/operators")
    return Operator(browser)


@pytest.fixture
async def worker(own_ports: Ports) -> Viewer:
    return (await new_viewer(own_ports))[0]


@pytest.fixture
async def life(own_ports: Ports, worker: Viewer, clock: Clock) -> Life:
    """A case whose invoice of March is open and that of April waits."""
    life = await registered(own_ports, worker, organization="1")
    await change_contract(own_ports, (await life.see()).organization, monthly_invoicing=True)
    await life.activate(PRO, INVOICE)
    clock.now = eastern(2026, 4, 5)
    await work(own_ports)
    return life


def rows(page: Element, id_: str) -> list[list[str]]:
    """The words of a table's rows."""
    [table] = page.one("section", id_=id_).all("table")
    return [[cell.words for cell in row.all() if cell.tag in ("th", "td")] for row in table.one("tbody").all("tr")]


def links(page: Element, beginning: str) -> list[str]:
    """Paths below the operators' pages."""
    found = [each.attributes["href"].removeprefix("/operators") for each in page.one("main").all("a")]
    return [path for path in found if path.startswith(beginning)]


# ------------------------------------------------------------------------------------------------- coming in


async def test_nobody_but_an_operator_finds_these_pages(
    own_ports: Ports, app: Starlette, life: Life, browser: httpx2.AsyncClient
) -> None:
    """A2: the same answer to everybody, for what exists and for what does not."""
    organization = (await life.see()).organization.uuid
    paths = [*PAGES, f"/organizations/{organization}", "/nothing"]
    answers = {(await browser.get(f"/operators{path}")).text for path in paths}
    for role in (Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN):
        async with visiting(app, own_ports, life.uuid, role) as person:
            token = person.client.cookies["claira_session"]
            for path in paths:
                answer = await person.client.get(f"/operators{path}", headers={"Cookie": f"claira_session={token}"})
                assert answer.status_code == 404
                answers.add(answer.text)
    assert len(answers) == 1
    assert (await browser.post(f"/operators/organizations/{organization}", headers=OURS)).status_code == 404


async def test_an_operator_has_no_panel_of_a_case(life: Life, desk: Operator) -> None:
    token = desk.client.cookies["claira_session"]
    answer = await desk.client.get(f"/cases/{life.uuid}", headers={"Cookie": f"claira_session={token}"})
    assert answer.status_code == 401


async def test_a_link_opens_once_within_its_time_and_its_session_ends(
    own_ports: Ports, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    """A1: 15 minutes and 12 hours."""
    late, path = await link(own_ports), await link(own_ports)
    assert (await browser.get(path)).status_code == 303
    assert (await browser.get(path)).status_code == 410
    clock.pass_(minutes=15)
    assert (await browser.get(late)).status_code == 410
    assert (await browser.get("/operators")).status_code == 200
    clock.now += timedelta(hours=12)
    assert (await browser.get("/operators")).status_code == 404


async def test_the_cookie_is_for_these_pages_alone_and_no_other_site_sends_it(own_ports: Ports, app: Starlette) -> None:
    for scheme, secure in (("http", False), ("https", True)):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://service") as client:
            cookie = (await client.get(await link(own_ports))).headers["set-cookie"]
        assert re.search(r"; Path=/operators; Max-Age=43200; HttpOnly; SameSite=Lax", cookie)
        assert ("Secure" in cookie) is secure


async def test_signing_out_ends_the_session(desk: Operator) -> None:
    token = desk.client.cookies["claira_session"]
    assert (await desk.send("/sign-out")).headers["location"] == "/operators"
    answer = await desk.client.get("/operators", headers={"Cookie": f"claira_session={token}"})
    assert answer.status_code == 404


async def test_the_language_is_kept_for_the_operator(
    own_ports: Ports, desk: Operator, browser: httpx2.AsyncClient
) -> None:
    """E1."""
    assert "Monthly invoices" in (await desk.read()).one("h1").words
    kept = await desk.send("/language", language="fr_CA", next="/operators/invoices?status=OPEN")
    assert kept.headers["location"] == "/operators/invoices?status=OPEN"
    assert (await desk.read()).one("h1").words == "Factures mensuelles"
    for elsewhere in ("//evil.example.com", "/operatorsx", "/operators/../cases", "/cases/1"):
        away = await desk.send("/language", language="fr_CA", next=elsewhere)
        assert away.headers["location"] == "/operators", elsewhere


async def test_other_sites_change_nothing(life: Life, desk: Operator) -> None:
    organization = (await life.see()).organization.uuid
    form = {"monthly": "no", "contract_id": "", "tax": "0"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.com"}, {}):
        answer = await desk.client.post(f"/operators/organizations/{organization}", data=form, headers=headers)
        assert answer.status_code == 403
    assert (await life.see()).organization.monthly_invoicing


# ------------------------------------------------------------------------------------------------- what they see


async def test_months_tell_what_waits_and_what_was_issued(life: Life, desk: Operator) -> None:
    april, march = rows(await desk.read(), "runs")
    assert april == ["April 2026 1 waits for the end of the month.", "1 $499.00", "0 $0.00"]
    assert march == ["March 2026 1 open, 0 paid, 0 void. $499.00 is owed.", "0 $0.00", "1 $499.00"]


async def test_invoices_are_filtered_by_their_links(life: Life, desk: Operator) -> None:
    page = await desk.read("/invoices")
    names = ["Pending for April 2026, Organization 1", "Invoice 1, Organization 1"]
    assert [row[0].split(" Monthly")[0] for row in rows(page, "invoices")] == names
    for link_, expected in zip(page.one("nav", look="filter").all("a"), (2, 1, 1, 0, 0), strict=True):
        filtered = await desk.read(link_.attributes["href"].removeprefix("/operators"))
        assert len(filtered.all("tbody")) == (expected > 0), link_.words
        assert len(filtered.one("section", id_="invoices").all("tr")) == (expected and expected + 1)
    march = await desk.read("/invoices?month=2026-03")
    assert [row[1] for row in rows(march, "invoices")] == ["$499.00 Open"]
    organization = (await life.see()).organization
    mine = await desk.read(f"/invoices?organization={organization.uuid}&status=OPEN")
    assert mine.one("h2").words == "Organization 1"
    assert len(rows(mine, "invoices")) == 1
    for nonsense in ("status=x", "month=2026-13", "organization=x", f"organization={uuid4()}", "before=-1"):
        answer = await desk.get(f"/invoices?{nonsense}")
        assert answer.status_code == 400, nonsense


async def test_an_invoice_opens_its_lines(own_ports: Ports, life: Life, desk: Operator) -> None:
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    page = await desk.read(path)
    assert page.one("h1").words == "Invoice 1"
    assert page.one("header").one("p").words == "Organization 1"
    case, line = page.one("main").one("tbody").all("tr")
    assert case.words == "Roe v. Doe"
    assert line.one("a").words == "Pro plan, March 3 to April 2, 2026"
    assert [cell.words for cell in line.all("td")] == ["March 3, 2026", "1", "$499.00", "$499.00"]
    for nowhere in (f"/invoices/{uuid4()}", "/invoices/1", f"/invoices/{uuid4()}.csv", "/invoices/1.json"):
        assert (await desk.get(nowhere)).status_code == 404


async def test_a_line_and_a_total_lead_to_their_formula_and_entries(life: Life, desk: Operator) -> None:
    """C6: as for who pays, and nothing else of a case."""
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    page = (await desk.read(path)).one("main")
    line, total = page.one("tbody").one("a"), page.one("dl", look="total").one("a")
    explained = await desk.read(line.attributes["href"].removeprefix("/operators"))
    assert explained.one("h1").words == "Pro plan, March 3 to April 2, 2026"
    assert explained.one("p", look="amount").words == "$499.00"
    assert "Filled to the cap on activation (Pro)" in explained.one("section", look="ledger").words
    assert path in links(explained, "/invoices/")
    assert not links(explained, "/tasks/")
    explained = await desk.read(total.attributes["href"].removeprefix("/operators"))
    assert explained.one("h1").words == "Total of invoice 1"
    for nowhere in (
        "line=1", f"line=9&of={life.uuid}", f"line=1&of={uuid4()}", "line=x", f"before=x&line=1&of={life.uuid}",
    ):  # fmt: skip
        assert (await desk.get(f"/explain/invoice-line?{nowhere}")).status_code == 404, nowhere
    for nowhere in (
        "invoice-total",
        f"invoice-total?invoice={uuid4()}",
        f"balance?of={life.uuid}",
        f"x?of={life.uuid}",
    ):
        assert (await desk.get(f"/explain/{nowhere}")).status_code == 404, nowhere


async def test_an_invoice_is_kept_as_a_file(life: Life, desk: Operator) -> None:
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    kept = [(await desk.read(path)).one("p", look="stamp").all("a")[i].attributes["href"] for i in (0, 1)]
    assert kept == [f"/operators{path}.csv", f"/operators{path}.json"]
    lines = (await desk.get(f"{path}.csv")).text.splitlines()
    assert lines[1].startswith("1,Open,2026-04-05,2026-03,Organization 1,Roe v. Doe,")
    found = (await desk.get(f"{path}.json")).json()
    assert (found["number"], found["total"], found["issuedAt"]) == ("1", "499.00", "2026-04-05T00:00:00-04:00")


async def test_invoices_stand_in_the_order_of_their_issue(
    own_ports: Ports, worker: Viewer, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    """That of a month has waited since its first line. What waits still stands first; pages go on from the last."""
    monthly = await registered(own_ports, worker, organization="1")
    await change_contract(own_ports, (await monthly.see()).organization, monthly_invoicing=True)
    await monthly.activate(PRO, INVOICE)
    clock.now = eastern(2026, 3, 20, 9)
    card = await registered(own_ports, worker, organization="2")
    await card.activate(PRO)
    clock.now = eastern(2026, 4, 5)
    await work(own_ports)
    await browser.get(await link(own_ports))
    desk = Operator(browser)
    named = ["Pending for April 2026, Organization 1", "Invoice 1, Organization 1", "Invoice 1, Organization 2"]
    page = await desk.read("/invoices")
    assert [row[0].split(" Monthly")[0].split(" By card")[0] for row in rows(page, "invoices")] == named
    async with own_ports.database.writing() as connection:
        found = await connection.execute(text("select invoice_id from invoices order by issued_at desc nulls first"))
        ids = [row.invoice_id for row in found]
    for seen, last in enumerate(ids, 1):
        rest = await desk.get(f"/invoices?before={last}")
        assert len(links(parsed(rest.text), "/invoices/")) == len(named) - seen
    assert not links(await desk.read("/invoices?before=999"), "/invoices/")


async def test_a_declined_card_is_told_in_one_sentence(
    own_ports: Ports, worker: Viewer, desk: Operator, clock: Clock
) -> None:
    """C8: whose time ends in a period in English and in none in French."""
    card = await registered(own_ports, worker, organization="2")
    await card.activate(PRO)
    async with own_ports.database.writing() as connection:
        await connection.execute(text("update invoices set attempted_at = :at"), {"at": eastern(2026, 3, 20, 9)})
    [path] = links(await desk.read("/cards"), "/invoices/")
    told = (await desk.read(path)).one("p", look="warn").words
    assert told == "Card declined. Tried on March 20, 2026, 9:00 a.m."
    await desk.send("/language", language="fr_CA")
    told = (await desk.read(path)).one("p", look="warn").words
    assert told == "Carte refusée. Essayée le 20 mars 2026, 09 h 00."


# ------------------------------------------------------------------------------------------------- what they change


@pytest.mark.parametrize(("status", "told"), [("PAID", "Marked as paid."), ("VOID", "Marked as void.")])
async def test_an_invoice_is_marked_once_by_who_is_sure(life: Life, desk: Operator, status: str, told: str) -> None:
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    unsure = await desk.send(path, status=status)
    assert unsure.status_code == 400
    assert "Nothing was changed." in parsed(unsure.text).one(id_="notice").words
    for nonsense in ("OPEN", "PENDING", ""):
        assert (await desk.send(path, status=nonsense, sure="yes")).status_code == 404
    done = await desk.send(path, status=status, sure="yes")
    assert done.headers["location"] == f"/operators{path}?done={status.lower()}#notice"
    assert told in (await desk.read(f"{path}?done={status.lower()}")).one(id_="notice").words
    again = await desk.send(path, status=status, sure="yes")
    assert again.status_code == 409
    assert not parsed(again.text).all("section", id_="mark")
    assert not (await desk.read(f"{path}?done={'void' if status == 'PAID' else 'paid'}")).all(id_="notice")
    assert (await desk.send(f"/invoices/{uuid4()}", status=status, sure="yes")).status_code == 404


async def test_an_invoice_paid_in_part_is_not_made_void(own_ports: Ports, life: Life, desk: Operator) -> None:
    async with own_ports.database.writing() as connection:
        await connection.execute(text("update invoices set paid = 100 where number = 1"))
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    page = await desk.read(path)
    assert [form.words for form in page.one("section", id_="mark").all("form")] == [
        "I know that $498.00 was received. Mark as paid"
    ]
    refused = await desk.send(path, status="VOID", sure="yes")
    assert refused.status_code == 409
    assert "A part of it was paid" in parsed(refused.text).one(id_="notice").words


async def test_what_is_agreed_with_an_organization_is_changed_whole_or_not_at_all(life: Life, desk: Operator) -> None:
    """C6, C7."""
    organization = (await life.see()).organization
    [path] = links(await desk.read("/organizations?search=ation+1"), "/organizations/")
    assert path == f"/organizations/{organization.uuid}"
    saved = await desk.send(path, monthly="no", contract_id=" NX-7 ", tax="14,975 %")
    assert saved.headers["location"] == f"/operators{path}?done=saved#notice"
    after = (await life.see()).organization
    assert (after.monthly_invoicing, after.contract_id, str(after.tax_rate)) == (False, "NX-7", "0.14975")
    page = await desk.read(path)
    assert [field.attributes["value"] for field in page.all("input", look="field")] == ["NX-7", "14.975"]
    listed = (await desk.read("/organizations")).one("tbody").words
    assert "Card only, contract NX-7, tax 14.975%" in listed
    for form, flawed in (
        ({"monthly": "yes", "contract_id": "x" * 256, "tax": "5"}, ["contract-id"]),
        ({"monthly": "yes", "contract_id": "", "tax": "abc"}, ["tax"]),
        ({"contract_id": "", "tax": "0"}, []),
    ):
        refused = await desk.send(path, **form)
        assert refused.status_code == 400
        fields = parsed(refused.text).all("input", look="field")
        assert [field.attributes["id"] for field in fields if "aria-invalid" in field.attributes] == flawed
    assert (await life.see()).organization == after
    for nowhere in (f"/organizations/{uuid4()}", "/organizations/1"):
        assert (await desk.get(nowhere)).status_code == 404
        assert (await desk.send(nowhere, monthly="yes", contract_id="", tax="0")).status_code == 404


async def test_a_request_is_taken_off_the_list_once(
    own_ports: Ports, desk: Operator, worker: Viewer, clock: Clock
) -> None:
    """C7."""
    life = await registered(own_ports, worker, organization="2")
    await request_invoicing(own_ports, worker, life.uuid)
    assert "1 person asks to be invoiced by the month" in (await desk.read()).one(id_="work").words
    page = await desk.read("/requests")
    request = page.one("section", id_="open").one("li")
    assert [each.words for each in request.all("dt")] == [
        "Portal", "Environment", "ORG_ID", "Organization", "User", "Case",
    ]  # fmt: skip
    action = request.one("form").attributes["action"].removeprefix("/operators")
    assert (await desk.send(action)).headers["location"] == "/operators/requests?done=request#notice"
    page = await desk.read("/requests?done=request")
    assert page.one("section", id_="open").one("p", look="quiet").words == "Nobody asks at the moment."
    done = page.one("section", id_="done")
    assert "Organization 2" in done.words
    assert done.one("p", look="why").words.startswith("Asked for on March 3, 2026, 10:00 a.m., done by Ops ")
    assert ".." not in done.words
    assert (await desk.send(action)).status_code == 409


# ------------------------------------------------------------------------------------------------- how they are made


@pytest.mark.parametrize("language", Language)
async def test_pages_keep_to_what_is_promised(
    own_ports: Ports, life: Life, desk: Operator, worker: Viewer, language: Language
) -> None:
    """In nobody's frame, without styles and scripts of their own, outlined, every control labelled."""
    await request_invoicing(own_ports, worker, (await registered(own_ports, worker, organization="2")).uuid)
    await desk.send("/language", language=language)
    invoices = links(await desk.read("/invoices"), "/invoices/")
    organizations = links(await desk.read("/organizations"), "/organizations/")
    for path in (*PAGES, *invoices, *organizations, "/invoices?status=VOID", "/invoices?status=x"):
        check(path, await desk.get(path), "'none'", language)


@pytest.mark.parametrize("language", Language)
async def test_no_page_holds_a_text_that_is_not_said(
    own_ports: Ports,
    life: Life,
    desk: Operator,
    worker: Viewer,
    language: Language,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E1."""
    await request_invoicing(own_ports, worker, (await registered(own_ports, worker, organization="2")).uuid)
    await desk.send("/language", language=language)
    paths = [*PAGES, "/nothing"]
    for page in ("/invoices", "/organizations"):
        paths += links(await desk.read(page), f"{page}/")
    own = words(language)
    dates = {word.lower() for word in formatted(own)}
    known = {"English", "Français", "Claira", "Organization 1", "Organization 2", "Roe v. Doe", "https://portal.example.com",
             "production", "ORG_ID", "Pro", "Ops", "caller", "CSV", "JSON", "er"}  # fmt: skip
    monkeypatch.setattr(own, "_translations", Brackets())
    for path in paths:
        for place, said in read(parsed((await desk.get(path)).text)):
            said = re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "", said)
            assert hard_coded(said, known, dates) == [], (path, place, said)

"""Months and invoices as operators see them, with their lines, formulas and files (C6, C8)."""

from uuid import uuid4

import httpx2
from sqlalchemy import text

from app.domain.callers import Viewer
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import INVOICE, PRO, Life, eastern, registered, work
from tests.stage import Clock
from tests.web.operators.conftest import Operator, link, links, rows
from tests.web.page_elements import parsed


async def test_months_tell_what_waits_and_what_was_issued(life: Life, desk: Operator) -> None:
    april, march = rows(await desk.read(), "runs")
    assert april == ["April 2026 1 waits for the end of the month.", "1 $499.00", "0 $0.00", "0", "0", "0"]
    assert march == ["March 2026 1 is open. $499.00 is owed.", "0 $0.00", "1 $499.00", "1 $499.00", "0", "0"]


async def test_invoices_are_filtered_by_their_links(life: Life, desk: Operator) -> None:
    page = await desk.read("/invoices")
    names = ["Pending for April 2026, Organization 1", "Invoice 1, Organization 1"]
    assert [row[0].split(" Monthly")[0] for row in rows(page, "invoices")] == names
    for link_, expected in zip(page.one("nav", look="filter").all("a"), (2, 1, 1, 0, 0), strict=True):
        filtered = await desk.read(link_.attributes["href"].removeprefix("/operators"))
        assert len(filtered.all("tbody")) == (expected > 0), link_.words
        assert len(filtered.one("section", id_="invoices").all("tr")) == (expected and expected + 1)
    march = await desk.read("/invoices?month=2026-03")
    assert [row[-1] for row in rows(march, "invoices")] == ["$499.00 Open"]
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

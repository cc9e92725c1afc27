"""Who comes in to the pages of operators, and how: nobody else finds them (A1, A2)."""

import re
from datetime import timedelta

import httpx2
from starlette.applications import Starlette

from app.domain.callers import Role
from app.services.ports import Ports
from tests.plans import Life
from tests.stage import Clock
from tests.web.operators.conftest import PAGES, Operator, link
from tests.web.person import visiting
from tests.web.plan_forms import OURS


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

"""Payments by their pages and their event door: who sees what, and that nothing unsigned changes anything (C8, A2)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette

from app.adapters.payment_signatures import HEADER, TOLERANCE, sign
from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.payments import CHECKOUT_LASTS, PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.runtime.outside import make_ports
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.organizations import change_contract
from app.services.payment_events import take_event
from app.services.payments_due import refund
from app.services.ports import PaymentUnavailable, Ports
from app.services.simulated_payments import EVENTS, Delivery, SimulatedPayments
from tests.plans import Life
from tests.services.paying import CLOSED, DECLINED, PAID
from tests.stage import Clock, active_case, nowhere, registered_case, reread
from tests.web.page_elements import Element
from tests.web.person import SITE, Person, visiting
from tests.web.plan_forms import OURS, amounts_of, fields, notice, previewed, send

SECRET = b"a secret of these tests"
CHANGE = "/plan/change"


class Shop:
    """The application with the simulated processor; what that would send is kept, to be sent when a test does."""

    def __init__(self, ports: Ports) -> None:
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.payments = SimulatedPayments(ports.database, ports.clock, SITE, secret=SECRET, post=self._keep)
        self.ports = replace(ports, payments=self.payments)
        self.app: Starlette = build_app(self.ports, Settings())

    async def _keep(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        assert url == SITE + EVENTS
        self.sent.append((headers, body))
        return True

    async def door(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        async with self.client() as client:
            return await client.post(EVENTS, content=body, headers=headers)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=SITE)


@pytest.fixture
def shop(ports: Ports) -> Shop:
    return Shop(ports)


@pytest.fixture
async def pro(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.PRO)


@asynccontextmanager
async def coming(shop: Shop, case: Case, role: Role = Role.CASE_ADMIN) -> AsyncIterator[Person]:
    async with visiting(shop.app, shop.ports, case.terms.uuid, role) as person:
        yield person


async def begun(person: Person, tier: str = "BUSINESS") -> str:
    """Where the upgrade is waited for, after the case's address."""
    _, form = await previewed(person, f"{CHANGE}?tier={tier}")
    return "/" + (await send(person, CHANGE, form)).target


def payment_of(path: str) -> UUID:
    return UUID(path.split("?")[0].rsplit("/", 1)[1])


def event(payment: UUID, outcome: str = "paid") -> bytes:
    return json.dumps({"payment": str(payment), "outcome": outcome}).encode()


async def tier_of(shop: Shop, operator: Viewer, case: Case) -> PlanTier | None:
    return (await reread(shop.ports, operator, case)).terms.tier


def headline(page: Element) -> str:
    return page.one("section", id_="checkout").one("h2").words


# ------------------------------------------------------------------------------------------------- the event door


async def test_a_signed_event_is_taken_and_the_panel_leads_away(
    shop: Shop, operator: Viewer, pro: Case, clock: Clock
) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
        body = event(payment_of(path))
        answer = await shop.door(body, {HEADER: sign(SECRET, body, clock.now)})
        assert (answer.status_code, answer.content) == (204, b"")
        away = await person.get(path)
        assert away.headers["location"].endswith("/settings?done=plan#notice")
        polled = await person.get(path, HX_Request="true")
        assert (polled.status_code, polled.headers["hx-redirect"]) == (204, away.headers["location"])
    assert await tier_of(shop, operator, pro) is PlanTier.BUSINESS


@pytest.mark.parametrize(
    "forged", ["nothing", "words", "other secret", "other body", "too old", "too new", "unsigned time"]
)
async def test_what_is_not_signed_now_changes_nothing_and_is_told_nothing(
    shop: Shop, operator: Viewer, pro: Case, clock: Clock, forged: str
) -> None:
    async with coming(shop, pro) as person:
        body = event(payment_of(await begun(person)))
    late = clock.now - TOLERANCE - timedelta(seconds=1)
    signature = {
        "nothing": "",
        "words": "t=now,v1=yes",
        "other secret": sign(b"another secret of nobody", body, clock.now),
        "other body": sign(SECRET, body + b" ", clock.now),
        "too old": sign(SECRET, body, late),
        "too new": sign(SECRET, body, clock.now + TOLERANCE + timedelta(seconds=1)),
        "unsigned time": sign(SECRET, body, late).replace(
            f"t={int(late.timestamp())}", f"t={int(clock.now.timestamp())}"
        ),
    }[forged]
    answer = await shop.door(body, {HEADER: signature})
    assert (answer.status_code, answer.text) == (400, "not signed\n")
    assert await tier_of(shop, operator, pro) is PlanTier.PRO


async def test_an_event_of_no_payment_is_to_be_told_again(shop: Shop, clock: Clock) -> None:
    body = event(nowhere())
    assert (await shop.door(body, {HEADER: sign(SECRET, body, clock.now)})).status_code == 404


async def test_a_huge_event_is_not_read(shop: Shop, clock: Clock) -> None:
    body = b" " * 70_000
    assert (await shop.door(body, {HEADER: sign(SECRET, body, clock.now)})).status_code == 413


async def test_without_a_processor_there_is_no_door_and_no_page(ports: Ports) -> None:
    app = build_app(ports, Settings())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        assert (await client.post(EVENTS, content=b"{}")).status_code == 404
        assert (await client.get(f"/simulated-checkout/{nowhere()}")).status_code == 404


def test_cards_are_charged_where_the_settings_say_so() -> None:
    """Nowhere unless they do."""
    url = "postgresql://nowhere/none"
    assert make_ports(url, Settings(claira_payments="none")).payments is None
    payments = make_ports(
        url, Settings(claira_payments="simulated", claira_public_url="https://c.example.com")
    ).payments
    assert isinstance(payments, SimulatedPayments)


async def test_events_are_signed_and_sent_again_until_they_are_taken(ports: Ports, operator: Viewer, pro: Case) -> None:
    """The door is deaf at first, as after a restart."""
    heard: list[bytes] = []

    async def post(url: str, headers: dict[str, str], body: bytes) -> bool:
        heard.append(body)
        return len(heard) == 2

    shop = Shop(ports)
    payments = SimulatedPayments(ports.database, ports.clock, SITE, secret=SECRET, post=post)
    async with coming(shop, pro) as person:
        payment = payment_of(await begun(person))
    assert await payments.finish(payment, PAID, Delivery.AT_ONCE)
    await payments.delivered()
    assert heard == [event(payment)] * 2
    assert not await payments.finish(payment, PAID, Delivery.AT_ONCE)
    assert not await payments.finish(payment, CLOSED, Delivery.AT_ONCE)


@pytest.mark.parametrize("last", [PAID, CLOSED])
async def test_an_event_out_of_order_comes_after_the_next(ports: Ports, pro: Case, last: PaymentOutcome) -> None:
    shop = Shop(ports)
    async with coming(shop, pro) as person:
        payment = payment_of(await begun(person))
    assert await shop.payments.finish(payment, DECLINED, Delivery.OUT_OF_ORDER)
    assert await shop.payments.finish(payment, last, Delivery.TWICE)
    await shop.payments.delivered()
    assert [json.loads(body)["outcome"] for _, body in shop.sent] == [last, last, "declined"]


# ------------------------------------------------------------------------------------------------- the panel


@pytest.mark.parametrize(
    ("language", "waits", "closed"),
    [
        ("en", "Waiting for the payment", "The payment page is closed"),
        ("fr", "En attente du paiement", "La page de paiement est fermée"),
    ],
)
async def test_a_payment_is_waited_for_and_closed(
    shop: Shop, operator: Viewer, pro: Case, language: str, waits: str, closed: str
) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
        page = await person.read(path, language=language)
        assert headline(page) == waits
        assert urlsplit(page.one("a", id_="pay-page").attributes["href"]).path.endswith(str(payment_of(path)))
        sent = await send(person, f"{path}/close", fields(page, "/close"), language=language)
        assert headline(await person.read("/" + sent.target, language=language)) == closed
    assert await tier_of(shop, operator, pro) is PlanTier.PRO


async def test_a_declined_card_may_be_followed_by_another_until_the_hour_is_over(
    shop: Shop, pro: Case, clock: Clock
) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
        await take_event(shop.ports, PaymentEvent(payment_of(path), DECLINED))
        page = await person.read(path)
        assert headline(page) == "The card was declined"
        assert page.one("a", id_="pay-page")
        assert (await person.read("/settings")).one("div", id_="waiting")
        clock.now += CHECKOUT_LASTS
        page = await person.read(path)
        assert headline(page) == "The payment page is closed"
        assert not page.all("a", id_="pay-page")
        assert not (await person.read("/settings")).all("div", id_="waiting")


async def test_an_open_invoice_is_paid_by_its_number_and_leads_back_to_it(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        [first] = (await person.read("/invoices")).one("tbody").all("tr")
        document = first.one("a").attributes["href"].removeprefix(person.home)
        name = first.one("a").words
        form = fields(await person.read(document), "/pay")
        path = "/" + (await send(person, f"{document}/pay", form)).target
        waiting = await person.read(path)
        assert name in waiting.one("section", id_="checkout").one("dl").words
        assert await take_event(shop.ports, PaymentEvent(payment_of(path), PAID))
        back = await person.client.get(f"{person.home}{path}")
        assert back.status_code == 303
        paid = await person.read(back.headers["location"].removeprefix(person.home).partition("#")[0])
        assert notice(paid) == "The invoice is paid. The payment was received."
        assert not paid.all("form", look="pay")


async def test_a_double_click_begins_one_payment(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        assert (await send(person, CHANGE, form)).target == (await send(person, CHANGE, form)).target


async def test_another_change_leads_to_the_payment_that_waits_and_says_so(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
        other = await begun(person, "ENTERPRISE")
        assert other == f"{path}?instead=other"
        page = await person.read(other)
        assert notice(page) == "Another payment waits already. Pay it, or close it and begin again."
        assert "data-opens" not in page.one("a", id_="pay-page").attributes
        for address in ("/settings", f"{CHANGE}?tier=ENTERPRISE", "/plan/tokens"):
            told = (await person.read(address)).one("div", id_="waiting")
            assert told.words.startswith("A payment waits: the Business plan."), address


async def test_members_see_no_money_and_nothing_of_what_others_pay(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
    async with coming(shop, pro, Role.MEMBER) as member:
        assert (await member.get(path)).status_code == 404
        sent = await send(member, f"{path}/close", {})
        assert sent.status == 404
        assert "waiting" not in {each.attributes.get("id") for each in (await member.read("/settings")).all("div")}
    async with coming(shop, pro) as person:
        assert headline(await person.read(path)) == "Waiting for the payment"


async def test_a_payment_of_another_case_does_not_exist(shop: Shop, operator: Viewer, pro: Case) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
    other = await active_case(shop.ports, operator, PlanTier.PRO)
    async with coming(shop, other) as stranger:
        for address in (path, f"/checkout/{nowhere()}", "/checkout/none"):
            assert (await stranger.get(address)).status_code == 404
        assert (await send(stranger, f"{path}/close", {})).status == 404


async def test_only_our_own_pages_close_a_payment(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        path = await begun(person)
        answer = await person.client.post(f"{person.home}{path}/close", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert headline(await person.read(path)) == "Waiting for the payment"


async def test_a_processor_that_is_lost_is_told_and_nothing_is_changed(shop: Shop, operator: Viewer, pro: Case) -> None:
    """The same form, sent again, opens the page."""

    class Lost(SimulatedPayments):
        async def open_checkout(self, *_: object) -> str:
            raise PaymentUnavailable

    lost = Shop(shop.ports)
    lost.ports = replace(
        shop.ports, payments=Lost(shop.ports.database, shop.ports.clock, SITE, secret=SECRET, post=shop._keep)
    )
    lost.app = build_app(lost.ports, Settings())
    async with coming(lost, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        refused = await send(person, CHANGE, form)
        assert refused.status == 503
        assert refused.notice == "Nothing was changed. The payment page could not be opened. Try again."
        _, bought = await previewed(person, "/plan/tokens?tokens=10")
        assert (await send(person, "/plan/tokens", bought)).status == 503
    async with coming(shop, pro) as person:
        assert headline(await person.read(await begun(person))) == "Waiting for the payment"
    assert await tier_of(shop, operator, pro) is PlanTier.PRO


async def test_amounts_of_a_preview_add_up_with_tax(shop: Shop, operator: Viewer) -> None:
    """C6: the price that is promised is that of the page."""
    case = await registered_case(shop.ports, operator, organization="taxed")
    await change_contract(shop.ports, case.organization, tax_rate=Decimal("0.14975"))
    async with coming(shop, case) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert "$573.73" in page.one("fieldset", look="choices").words
        path = "/" + (await send(person, CHANGE, form)).target
        assert "$573.73" in (await person.read(path)).one("section", id_="checkout").words
        await shop.payments.finish(payment_of(path), PAID, Delivery.AT_ONCE)
        await shop.payments.delivered()
        [(headers, body)] = shop.sent
        assert (await shop.door(body, headers)).status_code == 204
        page = await person.read("/plan/tokens?tokens=100")
        assert "$11.50" in page.one("button", look="main").words
        assert list(amounts_of(page).values()) == ["$10.00", "$1.50", "$11.50"]


# ------------------------------------------------------------------------------------------------- the simulated page


async def test_the_simulated_page_says_what_it_is_in_both_languages(shop: Shop, pro: Case) -> None:
    async with coming(shop, pro) as person:
        path = f"/simulated-checkout/{payment_of(await begun(person))}"
    async with shop.client() as nobody:
        english = (await nobody.get(f"{path}?language=en_CA")).text
        french = (await nobody.get(f"{path}?language=fr_CA")).text
        assert "This is a simulation." in english
        assert "Ceci est une simulation." in french
        assert "4\u00a0999,00" in french
        assert (await nobody.get("/simulated-checkout/none")).status_code == 404
        assert (await nobody.post(path, data={"outcome": "free"}, headers=OURS)).status_code == 400
        left = await nobody.post(path, data={"outcome": "closed", "delivery": "late"}, headers=OURS)
        assert left.status_code == 303
        assert "This page is closed." in (await nobody.get(left.headers["location"])).text
    await shop.payments.close()


async def test_the_simulated_page_tells_of_money_that_was_given_back(shop: Shop, operator: Viewer, pro: Case) -> None:
    async with coming(shop, pro) as person:
        payment = payment_of(await begun(person))
    await Life(replace(shop.ports, payments=None), operator, pro.terms.uuid).upgrade(PlanTier.ENTERPRISE)
    assert await shop.payments.finish(payment, PAID, Delivery.AT_ONCE)
    await shop.payments.delivered()
    for headers, body in shop.sent:
        assert (await shop.door(body, headers)).is_success
    async with shop.client() as nobody:
        path = f"/simulated-checkout/{payment}?language=en_CA"
        assert "Paid." in (await nobody.get(path)).text
        while await refund(shop.ports):
            pass
        told = (await nobody.get(path)).text
    assert "The money was given back." in told
    assert "Paid." not in told

"""Where a payment is waited for in the panel: who sees what, and where it leads (C8, A2)."""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.payments import CHECKOUT_LASTS, PaymentEvent
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.organizations import change_contract
from app.services.payment_events import take_event
from app.services.ports import PaymentUnavailable
from app.services.simulated_payments import Delivery, SimulatedPayments
from tests.services.paying import DECLINED, PAID
from tests.stage import Clock, active_case, nowhere, registered_case
from tests.web.checkout.conftest import CHANGE, SECRET, Shop, begun, coming, headline, payment_of, tier_of
from tests.web.person import SITE
from tests.web.plan_forms import amounts_of, fields, notice, previewed, send


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


async def test_a_payment_that_was_begun_for_another_amount_says_so(shop: Shop, operator: Viewer) -> None:
    """C8: a second start returns the same page, whatever the plan costs by now."""
    pro = await active_case(shop.ports, operator, organization=str(uuid4()))
    async with coming(shop, pro) as person:
        path = await begun(person)
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        await change_contract(shop.ports, pro.organization, tax_rate=Decimal("0.15"))
        stale = await send(person, CHANGE, form)
        assert stale.status == 409
        assert stale.page.one("div", id_="waiting").words.startswith("A payment waits: the Business plan.")
        assert await begun(person) == f"{path}?instead=amount"
        page = await person.read(f"{path}?instead=amount")
        assert notice(page).startswith("This payment was begun before, for another amount. Close it and begin again")
        assert "$4,999.00" in page.one("section", id_="checkout").one("dl").words


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

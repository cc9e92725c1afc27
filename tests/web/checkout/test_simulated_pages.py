"""The page of the simulated processor: it says what it is, and what became of the money (C8)."""

from dataclasses import replace
from uuid import UUID

import httpx2
import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.payments import PaymentEvent
from app.domain.plans import PlanTier
from app.services.payment_events import take_event
from app.services.payments_due import refund
from app.services.simulated_payments import Delivery
from tests.plans import Life
from tests.services.paying import PAID
from tests.web.checkout.conftest import Shop, begun, coming, headline, payment_of
from tests.web.page_elements import Element, parsed
from tests.web.plan_forms import OURS, fields, send


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


async def pressed(shop: Shop, payment: UUID, language: str, **form: str) -> Element:
    """The page that a button of the simulated one leads to."""
    async with shop.client() as client:
        path = f"/simulated-checkout/{payment}?language={language}"
        sent = await client.post(path, data=form, headers=OURS)
        assert sent.status_code == 303
        return parsed((await client.get(sent.headers["location"])).text)


@pytest.mark.parametrize(
    ("language", "delivery", "told"),
    [
        ("en_CA", "out-of-order", "Paid. Claira hears of it only after the next event of another simulated page. "
                                  "You can close this tab."),
        ("fr_CA", "out-of-order", "Payé. Claira ne l’apprend qu’après le prochain événement d’une autre page "
                                  "simulée. Vous pouvez fermer cet onglet."),
        ("en_CA", "at-once", "Paid. Go back to Claira: the panel shows it by itself. You can close this tab."),
    ],
)  # fmt: skip
async def test_what_is_held_back_is_not_promised_to_show_by_itself(
    shop: Shop, pro: Case, language: str, delivery: str, told: str
) -> None:
    async with coming(shop, pro) as person:
        payment = payment_of(await begun(person))
    page = await pressed(shop, payment, language, outcome="paid", delivery=delivery)
    assert page.one("p", look="quiet").words == told
    async with shop.client() as client:  # in the other language, too
        other = page.one("a", look="lang").attributes["href"]
        again = parsed((await client.get(other)).text).one("p", look="quiet").words
    assert ("simul" in again) is (delivery == "out-of-order")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en_CA", "Claira hears of it only after the next event of a simulated page"),
        ("fr_CA", "Claira ne l’apprend qu’après le prochain événement d’une page simulée"),
    ],
)
async def test_out_of_order_says_what_it_waits_for(shop: Shop, pro: Case, language: str, told: str) -> None:
    async with coming(shop, pro) as person:
        payment = payment_of(await begun(person))
    async with shop.client() as client:
        page = parsed((await client.get(f"/simulated-checkout/{payment}?language={language}")).text)
    assert told in page.one("fieldset").words


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "It came after the payment page had been closed, or when what it was for could not be had any more. "),
        ("fr", "Il est arrivé après la fermeture de la page de paiement, ou alors que ce qu’il devait payer n’était "
               "plus possible. "),
    ],
)  # fmt: skip
async def test_what_was_paid_for_a_page_that_somebody_closed_is_told_as_it_was(
    shop: Shop, pro: Case, language: str, told: str
) -> None:
    """It was paid, nobody had heard of it yet, and it was closed in the panel; it could still be had."""
    async with coming(shop, pro) as person:
        path = await begun(person)
        page = await person.read(path)
        payment = payment_of(path)
        await pressed(shop, payment, "en_CA", outcome="paid", delivery="out-of-order")
        await send(person, f"{path}/close", fields(page, "/close"))
        await take_event(shop.ports, PaymentEvent(payment, PAID))
        page = await person.read(path, language=language)
        await refund(shop.ports)
    assert headline(page) == {"en": "The payment is given back", "fr": "Le paiement est remboursé"}[language]
    assert told in page.one("section", id_="checkout").words
    async with shop.client() as client:
        answer: httpx2.Response = await client.get(f"/simulated-checkout/{payment}?language={language}_CA")
    assert told in parsed(answer.text).one("p", look="quiet").words

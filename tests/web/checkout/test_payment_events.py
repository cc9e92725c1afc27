"""The door of payment events: nothing that is not signed changes anything (C8)."""

import json
from datetime import timedelta

import httpx2
import pytest

from app.adapters.payment_signatures import HEADER, TOLERANCE, sign
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.payments import PaymentOutcome
from app.domain.plans import PlanTier
from app.runtime.outside import make_ports
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.payment_events import EVENTS
from app.services.ports import Ports
from app.services.simulated_payments import Delivery, SimulatedPayments
from tests.services.paying import CLOSED, DECLINED, PAID
from tests.stage import Clock, nowhere
from tests.web.checkout.conftest import SECRET, Shop, begun, coming, event, payment_of, tier_of
from tests.web.person import SITE


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

"""Payments that race each other, and processes that die between a charge and what it was for (C8, K1).

Whatever happens, what the processor keeps is what invoices say was paid.
"""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.domain.cases import Case
from app.domain.payments import CHECKOUT_LASTS, Payment, PaymentEvent, PaymentStatus
from app.domain.refusals import PlanChangeRefused, PlanRefusal
from app.services.checkouts import close_checkout
from app.services.payment_events import take_event
from app.services.payments_due import collect, end_overdue, refund
from app.services.ports import Ports
from app.services.simulated_payments import set_card
from app.storage.simulated_payments import do_on_page
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once
from tests.faults.fault_payer import collect_all, simulated, upgrade
from tests.faults.fault_worker import Worker
from tests.plans import BUSINESS, PRO, Life, begun, work
from tests.services.effects import end_cycle
from tests.services.paying import CLOSED, DECLINED, PAID, Billed, billed, buying, stored_payments, upgrading
from tests.stage import Clock

APPLIED, NOT_APPLIED = PaymentStatus.APPLIED, PaymentStatus.NOT_APPLIED
CROWD = 8


@pytest.fixture
def shops(crowd: Crowd) -> Crowd:
    """The crowd with a processor, which all of them know."""
    return replace(crowd, members=[replace(each, payments=simulated(each)) for each in crowd.members])


async def paid_begin(shops: Crowd) -> Life:
    """A case on Pro that has paid for it."""
    return await begun(shops.one, shops.operator, PRO)


async def kept(ports: Ports) -> int:
    """Cents that the processor has taken and not given back."""
    return await number(ports, "select sum(received - refunded) from simulated_payments")


async def paid(ports: Ports) -> int:
    """Cents that invoices have received."""
    return await number(ports, "select sum(paid) from invoices")


async def number(ports: Ports, query: str) -> int:
    async with ports.database.writing() as connection:
        return int((await connection.execute(text(query))).scalar_one())


async def assert_money_is_right(shops: Crowd) -> None:
    await work(shops.one)
    assert await kept(shops.one) == await paid(shops.one)
    await assert_nothing_differs(shops.one)


async def pay_on_page(shops: Crowd, payment: Payment) -> None:
    """Nobody has heard of it yet."""
    async with shops.one.database.writing() as connection:
        assert await do_on_page(connection, payment.uuid, PAID)


async def test_of_many_starts_at_once_one_page_is_opened(shops: Crowd) -> None:
    for _ in range(ROUNDS):
        life = await paid_begin(shops)
        payments = await at_once(*(upgrading(life.by(shops.member(number))) for number in range(CROWD)))
        assert len({payment.uuid for payment in payments}) == 1
        assert len({payment.checkout for payment in payments}) == 1
        assert [each.status for each in await stored_payments(life)] == [APPLIED, PaymentStatus.OPEN]
    await assert_money_is_right(shops)


async def test_an_event_told_by_many_at_once_has_one_effect(shops: Crowd) -> None:
    for _ in range(ROUNDS):
        life = await paid_begin(shops)
        plan, tokens = await upgrading(life), await buying(life, 500)
        for payment in (plan, tokens):
            await pay_on_page(shops, payment)
        told = [PaymentEvent(payment.uuid, PAID) for payment in (plan, tokens)] * CROWD
        assert all(await at_once(*(take_event(shops.member(i), event) for i, event in enumerate(told))))
        assert (await life.see()).terms.tier is BUSINESS
        assert (await life.tank()).purchased == 500
        bills = await billed(life)
        assert sorted(each.total for each in bills) == [50_00, 499_00, 4_999_00]
        assert {each.status for each in bills} == {"PAID"}
    await assert_money_is_right(shops)


async def test_closing_races_paying(shops: Crowd) -> None:
    """Either it takes effect and is kept, or nothing changes and it is given back; never both, never neither."""
    for _ in range(6 * ROUNDS):
        life = await paid_begin(shops)
        payment = await buying(life, 500)
        await pay_on_page(shops, payment)
        events = [PaymentEvent(payment.uuid, outcome) for outcome in (PAID, DECLINED, CLOSED, PAID)]
        await at_once(
            *(take_event(shops.member(number), event) for number, event in enumerate(events)),
            close_checkout(shops.member(1), shops.operator, life.uuid, payment.uuid),
        )
        status = (await stored_payments(life))[-1].status
        assert status in (APPLIED, NOT_APPLIED)
        assert ((await life.tank()).purchased == 500) == (status is APPLIED)
        await assert_money_is_right(shops)


async def test_a_key_sent_many_times_at_once_charges_once(shops: Crowd) -> None:
    for _ in range(ROUNDS):
        life = await paid_begin(shops)
        results = await at_once(*(life.by(shops.member(i)).upgrade(BUSINESS, key="k") for i in range(CROWD)))
        assert all(isinstance(result, Case) for result in results)
        assert (await billed(life))[1:] == [Billed((await billed(life))[-1].number, "PAID", 4_999_00, 4_999_00)]
    await assert_money_is_right(shops)


async def test_many_upgrades_at_once_keep_the_money_of_one(shops: Crowd) -> None:
    """Each has a key of its own and is charged; what came too late is given back."""
    life = await paid_begin(shops)
    results = await at_once(*(life.by(shops.member(i)).upgrade(BUSINESS) for i in range(CROWD)))
    assert [isinstance(result, Case) for result in results].count(True) == 1
    await assert_money_is_right(shops)
    assert await kept(shops.one) == 499_00 + 4_999_00


async def test_a_simulated_card_declines_until_it_pays(shops: Crowd) -> None:
    """What was declined is asked for again as another payment; the same payment gets the same answer."""
    life = await paid_begin(shops)
    processor = simulated(shops.one)
    assert await set_card(shops.one, life.uuid, declines=True)
    assert await life.upgrade(BUSINESS, key="k") == PlanChangeRefused(PlanRefusal.CARD_DECLINED)
    assert not await set_card(shops.one, uuid4(), declines=True)
    same = uuid4()
    assert not await processor.charge(same, life.uuid, 100)
    assert await set_card(shops.one, life.uuid, declines=False)
    assert not await processor.charge(same, life.uuid, 100)
    assert isinstance(await life.upgrade(BUSINESS, key="k"), Case)
    await assert_money_is_right(shops)


async def test_workers_at_once_collect_and_give_back_once(shops: Crowd, clock: Clock) -> None:
    lives = [await paid_begin(shops) for _ in range(4)]
    payments = [await buying(life, 10) for life in lives]
    for life, payment in zip(lives, payments, strict=True):
        await pay_on_page(shops, payment)
        await close_checkout(shops.one, shops.operator, life.uuid, payment.uuid)
        await take_event(shops.one, PaymentEvent(payment.uuid, PAID))
        await end_cycle(life, clock) if life is lives[0] else await life.set()
    clock.now += CHECKOUT_LASTS
    rounds = [do(shops.member(i)) for i in range(4) for do in (collect, refund, end_overdue)]
    await at_once(*rounds)
    await assert_money_is_right(shops)
    assert {each.status for life in lives for each in await billed(life)} == {"PAID"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_call_killed_around_the_charge_charges_once_with_its_key(
    shops: Crowd, own_url: str, clock: Clock, after: bool
) -> None:
    life = await paid_begin(shops)
    for _ in range(2):
        Worker(upgrade, own_url, clock.now, after, shops.operator, life.uuid, "k").join()
    assert (await life.see()).terms.tier is PRO
    assert await kept(shops.one) == 499_00 + after * 4_999_00
    assert isinstance(await life.upgrade(BUSINESS, key="k"), Case)
    assert await kept(shops.one) == 499_00 + 4_999_00
    await assert_money_is_right(shops)


@pytest.mark.parametrize("after", [False, True])
async def test_a_call_killed_around_the_charge_and_never_made_again_costs_nothing(
    shops: Crowd, own_url: str, clock: Clock, after: bool
) -> None:
    life = await paid_begin(shops)
    Worker(upgrade, own_url, clock.now, after, shops.operator, life.uuid, "k").join()
    clock.now += CHECKOUT_LASTS
    await work(shops.one)
    ended = NOT_APPLIED if after else PaymentStatus.EXPIRED
    assert [each.status for each in await stored_payments(life)] == [APPLIED, ended]
    assert await kept(shops.one) == 499_00
    await assert_money_is_right(shops)


@pytest.mark.parametrize("after", [False, True])
async def test_a_worker_killed_around_the_charge_collects_once(
    shops: Crowd, own_url: str, clock: Clock, after: bool
) -> None:
    life = await paid_begin(shops)
    await end_cycle(life, clock)
    for _ in range(2):
        Worker(collect_all, own_url, clock.now, after).join()
    assert (await billed(life))[-1].status == "OPEN"
    await work(shops.one)
    assert (await billed(life))[-1].status == "PAID"
    assert await kept(shops.one) == 2 * 499_00
    await assert_money_is_right(shops)

"""Saved cards: charged in the call that changes something, once under its key, whoever is killed when (C8, K1)."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.payments import CHECKOUT_LASTS, PaymentEvent, PaymentOutcome, PaymentStatus
from app.domain.refusals import IdempotencyConflict, PlanChangeRefused, PlanRefusal
from app.services.payment_events import take_event
from app.services.ports import PaymentUnavailable, Ports
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, Life, work
from tests.services.paying import (
    Billed,
    Stored,
    Till,
    billed,
    buying,
    hear,
    on_pro,
    stored_payments,
)
from tests.stage import Clock

OPEN, APPLIED, NOT_APPLIED, REFUSED, EXPIRED = PaymentStatus


@pytest.fixture
async def pro(own_ports: Ports, own_operator: Viewer) -> tuple[Life, Till]:
    return await on_pro(own_ports, own_operator)


async def test_a_saved_card_is_charged_in_the_call(pro: tuple[Life, Till]) -> None:
    life, till = pro
    assert isinstance(await life.upgrade(BUSINESS), Case)
    assert (await billed(life))[-1] == Billed(2, "PAID", 4_999_00, 4_999_00)
    assert till.kept == 4_999_00


async def test_a_declined_card_changes_nothing_and_may_be_tried_again(pro: tuple[Life, Till]) -> None:
    life, till = pro
    till.declines = True
    assert await life.upgrade(BUSINESS, key="k") == PlanChangeRefused(PlanRefusal.CARD_DECLINED)
    assert (await life.see()).terms.tier is PRO
    assert len(await billed(life)) == 1
    till.declines = False
    assert isinstance(await life.upgrade(BUSINESS, key="k"), Case)
    assert [each.status for each in await stored_payments(life)] == [APPLIED, REFUSED, APPLIED]


async def test_a_call_that_died_after_the_charge_goes_on_with_its_key(pro: tuple[Life, Till]) -> None:
    """K1: however often it dies, the card is charged once; another input under the key is a conflict."""
    life, till = pro
    till.dies = True
    for _ in range(3):
        with pytest.raises(PaymentUnavailable):
            await life.upgrade(BUSINESS, key="k")
    assert (await life.see()).terms.tier is PRO
    assert await life.upgrade(ENTERPRISE, key="k") == IdempotencyConflict()
    till.dies = False
    assert isinstance(await life.upgrade(BUSINESS, key="k"), Case)
    assert isinstance(await life.upgrade(BUSINESS, key="k"), Case)
    assert till.charged == {next(iter(till.charged)): 4_999_00}
    assert (await stored_payments(life))[1:] == [Stored(APPLIED, 4_999_00, 0)]


@pytest.mark.parametrize("by_page", [False, True], ids=["saved card", "page"])
async def test_a_key_whose_payment_took_effect_by_an_event_is_remembered(pro: tuple[Life, Till], by_page: bool) -> None:
    """K1: the call again, by whatever way, is a replay; with another input a conflict; nothing is paid twice."""
    life, till = pro
    if by_page:
        await hear(life, till, await buying(life, 100, key="k"))
    else:
        till.dies = True
        with pytest.raises(PaymentUnavailable):
            await life.buy(100, key="k")
        till.dies = False
        assert await take_event(life.ports, PaymentEvent(next(iter(till.charged)), PaymentOutcome.PAID))
    for _ in range(2):
        again = await life.buy(100, key="k")
        assert isinstance(again, Case)
        assert await life.buy(200, key="k") == IdempotencyConflict()
    assert (await life.tank()).purchased == 100
    assert till.kept == 10_00
    assert isinstance(await life.buy(100, key="another"), Case)
    assert (await life.tank()).purchased == 200


async def test_a_charge_whose_call_never_came_back_is_given_back(pro: tuple[Life, Till], clock: Clock) -> None:
    """The sweep asks the processor; what was never charged just ends, and can not be charged later."""
    life, till = pro
    till.dies = True
    with pytest.raises(PaymentUnavailable):
        await life.upgrade(BUSINESS)
    till.dies = False
    till.fails.add(life.uuid)
    with pytest.raises(PaymentUnavailable):
        await life.buy(50)
    clock.now += CHECKOUT_LASTS
    await work(life.ports)
    assert (await stored_payments(life))[1:] == [Stored(NOT_APPLIED, 4_999_00, 0), Stored(EXPIRED, 5_00, 0)]
    assert till.kept == 0
    assert len(till.withdrawn) == 2


async def test_nothing_is_paid_where_nothing_is_due(pro: tuple[Life, Till]) -> None:
    """A downgrade and a total of 0.00 ask no card."""
    life, till = pro
    await life.downgrade(STARTER)
    await life.cancel()
    assert till.charged == {}

"""Payments of which no event was heard: whatever became of them meanwhile, no money is kept for nothing (C8)."""

import pytest

from app.domain.callers import Viewer
from app.domain.payments import CHECKOUT_LASTS, PaymentOutcome, PaymentStatus
from app.services.checkouts import close_checkout
from app.services.ports import Ports
from tests.plans import PRO, Life, work
from tests.services.paying import Stored, Till, buying, hear, on_pro, stored_payments, upgrading
from tests.stage import Clock

PAID, DECLINED, CLOSED = PaymentOutcome
OPEN, APPLIED, NOT_APPLIED, REFUSED, EXPIRED = PaymentStatus


@pytest.fixture
async def pro(own_ports: Ports, own_operator: Viewer) -> tuple[Life, Till]:
    return await on_pro(own_ports, own_operator)


async def test_declined_then_paid_by_another_card(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    payment = await upgrading(life)
    await hear(life, till, payment, DECLINED)
    till.charged[payment.uuid] = payment.amount
    await work(life.ports)
    assert payment.uuid not in till.withdrawn
    clock.now += CHECKOUT_LASTS
    await work(life.ports)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 0)
    assert till.kept == 0
    assert (await life.see()).terms.tier is PRO


async def test_paid_then_told_that_it_was_left(pro: tuple[Life, Till]) -> None:
    """In a second window, say: only the word of the payment was lost."""
    life, till = pro
    payment = await upgrading(life)
    till.charged[payment.uuid] = payment.amount
    await hear(life, till, payment, CLOSED)
    await work(life.ports)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 0)
    assert till.kept == 0


@pytest.mark.parametrize("lost", [False, True], ids=["answers", "is lost for a while"])
async def test_paid_then_closed(pro: tuple[Life, Till], lost: bool) -> None:
    life, till = pro
    payment = await upgrading(life)
    till.charged[payment.uuid] = payment.amount
    till.fails.update({payment.uuid} if lost else ())
    await close_checkout(life.ports, life.viewer, life.uuid, payment.uuid)
    till.fails.clear()
    await work(life.ports)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 0)
    assert till.kept == 0


async def test_paid_and_replaced_when_its_hour_was_over(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    first = await upgrading(life)
    till.charged[first.uuid] = first.amount
    clock.now += CHECKOUT_LASTS
    second = await upgrading(life)
    assert second.uuid != first.uuid
    await work(life.ports)
    assert till.refunded == {first.uuid: 4_999_00}
    assert second.uuid not in till.withdrawn


async def test_what_was_given_back_stays_known_and_is_given_back_once(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    payment = await buying(life, 10)
    till.charged[payment.uuid] = payment.amount
    clock.now += CHECKOUT_LASTS
    for _ in range(3):
        await work(life.ports)
        await hear(life, till, payment)
    await work(life.ports)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 1_00, 0)
    assert till.refunded == {payment.uuid: 1_00}

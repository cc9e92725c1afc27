"""Renewals by card: issued open, collected once, paid by an admin where the card was declined (C6, C8)."""

from dataclasses import replace

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.clocks import TestClock
from app.domain.payments import CHECKOUT_LASTS, PaymentStatus
from app.domain.refusals import NotFound
from app.services.checkouts import close_checkout, pay_invoice
from app.services.clocks import advance_test_clock, create_test_clock
from app.services.payments_due import collect, end_overdue, refund
from app.services.ports import PaymentUnavailable, Ports
from tests.plans import Life, begun, eastern, on_clock, work
from tests.services.effects import end_cycle
from tests.services.paying import (
    Billed,
    Till,
    billed,
    hear,
    latest_invoice,
    on_pro,
    paying,
    paying_latest,
    stored_payments,
    upgrading,
)
from tests.stage import Clock, nowhere

OPEN, APPLIED, NOT_APPLIED, REFUSED, EXPIRED = PaymentStatus


@pytest.fixture
async def pro(own_ports: Ports, own_operator: Viewer) -> tuple[Life, Till]:
    return await on_pro(own_ports, own_operator)


async def test_a_renewal_is_collected_once(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    await end_cycle(life, clock)
    assert (await billed(life))[-1].status == "OPEN"
    await work(life.ports)
    await work(life.ports)
    assert (await billed(life))[-1] == Billed(2, "PAID", 499_00, 499_00)
    assert till.kept == 499_00


async def test_a_declined_renewal_stays_open_until_an_admin_pays_it(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    till.declines = True
    await end_cycle(life, clock)
    asked = len(till.asked)
    await work(life.ports)
    await work(life.ports)
    assert len(till.asked) == asked + 1
    assert (await billed(life))[-1] == Billed(2, "OPEN", 499_00, 0)
    payment = await paying_latest(life)
    for _ in range(3):
        await hear(life, till, payment)
    assert (await billed(life))[-1] == Billed(2, "PAID", 499_00, 499_00)
    assert till.kept == 499_00
    paid = await latest_invoice(life)
    assert await pay_invoice(life.ports, life.viewer, key="again", case_uuid=life.uuid, invoice=paid) == NotFound()


async def test_what_is_collected_beside_a_page_is_given_back(pro: tuple[Life, Till], clock: Clock) -> None:
    """An admin pays an invoice while the worker charges the saved card for it: one of the two comes back."""
    life, till = pro
    await end_cycle(life, clock)
    payment = await paying_latest(life)
    await collect(life.ports)
    await hear(life, till, payment)
    await refund(life.ports)
    assert (await billed(life))[-1] == Billed(2, "PAID", 499_00, 499_00)
    assert till.kept == 499_00


async def test_a_worker_that_died_after_the_charge_collects_once(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    await end_cycle(life, clock)
    till.dies = True
    with pytest.raises(PaymentUnavailable):
        await collect(life.ports)
    till.dies = False
    await work(life.ports)
    assert till.kept == 499_00
    assert (await billed(life))[-1].status == "PAID"


async def test_an_advance_whose_last_collection_failed_collects_when_it_is_asked_for_again(
    own_ports: Ports, own_operator: Viewer
) -> None:
    """C10: the same key, by which the advance is known to have arrived, does what was left."""
    ports, begins = replace(own_ports, test_clocks=True), eastern(2031, 5, 1, 10)
    clock = await create_test_clock(ports, own_operator, key="clock", now=begins)
    assert isinstance(clock, TestClock)
    life, till = paying(await on_clock(ports, own_operator, clock.uuid))
    assert isinstance(await life.activate(), Case)
    till.fails.add(life.uuid)
    to = (await life.subscription()).cycle.ends_at
    for _ in range(2):
        with pytest.raises(PaymentUnavailable):
            await advance_test_clock(life.ports, own_operator, key="on", clock=clock.uuid, to=to)
    till.fails.clear()
    for _ in range(2):
        moved = await advance_test_clock(life.ports, own_operator, key="on", clock=clock.uuid, to=to)
        assert isinstance(moved, TestClock)
        assert moved.now == to
    assert (await billed(life))[-1] == Billed(2, "PAID", 499_00, 499_00)
    assert till.kept == 998_00


async def test_one_invoice_that_fails_keeps_no_other_from_being_collected(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    till = Till()
    lives = [paying(await begun(own_ports, own_operator), till)[0] for _ in range(3)]
    till.fails.add(lives[0].uuid)
    assert await collect(lives[0].ports) == 2
    assert [(await billed(life))[-1].status for life in lives] == ["OPEN", "PAID", "PAID"]
    with pytest.raises(PaymentUnavailable):
        await collect(lives[0].ports)
    till.fails.clear()
    assert await collect(lives[0].ports) == 1
    assert (await billed(lives[0]))[-1].status == "PAID"


async def test_one_refund_and_one_ending_that_fail_keep_no_other_from_being_done(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    till = Till()
    lives = [paying(await begun(own_ports, own_operator), till)[0] for _ in range(3)]
    payments = [await upgrading(life) for life in lives]
    for life, payment in zip(lives, payments, strict=True):
        await close_checkout(life.ports, life.viewer, life.uuid, payment.uuid)
        await hear(life, till, payment)
    till.fails.add(payments[0].uuid)
    assert await refund(lives[0].ports) == 2
    again = [await upgrading(life) for life in lives]
    clock.now += CHECKOUT_LASTS
    till.fails.add(again[1].uuid)
    assert await end_overdue(lives[0].ports) == 2
    with pytest.raises(PaymentUnavailable):
        await end_overdue(lives[0].ports)
    assert [(await stored_payments(life))[-1].status for life in lives] == [EXPIRED, OPEN, EXPIRED]


async def test_without_a_processor_changes_take_effect_and_invoices_stay_open(
    own_ports: Ports, own_operator: Viewer
) -> None:
    life = await begun(own_ports, own_operator)
    assert await billed(life) == [Billed(1, "OPEN", 499_00, 0)]
    assert [await collect(own_ports), await refund(own_ports), await end_overdue(own_ports)] == [0, 0, 0]
    assert await pay_invoice(own_ports, own_operator, key="k", case_uuid=life.uuid, invoice=nowhere()) == NotFound()

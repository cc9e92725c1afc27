"""Pages to pay on: nothing changes before it is paid, and what is paid takes effect once or is given back (C8)."""

from dataclasses import replace

import pytest

from app.domain.callers import Viewer
from app.domain.clocks import TestClock
from app.domain.payments import CHECKOUT_LASTS, PaymentEvent, PaymentOutcome, PaymentStatus
from app.domain.refusals import NotFound
from app.domain.subscriptions import ChangeOrigin, PlanEvent
from app.services.checkouts import close_checkout
from app.services.clocks import advance_test_clock, create_test_clock
from app.services.invoice_lists import find_pending_checkout
from app.services.payment_events import take_event
from app.services.payments_due import collect, refund
from app.services.ports import PaymentUnavailable, Ports
from tests.plans import BUSINESS, ENTERPRISE, PRO, Life, eastern, on_clock, registered, work
from tests.services.paying import (
    CLOSED,
    DECLINED,
    PAID,
    Billed,
    Stored,
    Till,
    activating,
    billed,
    buying,
    hear,
    on_pro,
    paying,
    reactivating,
    stored_payments,
    upgrading,
)
from tests.stage import Clock, nowhere

OPEN, APPLIED, NOT_APPLIED, REFUSED, EXPIRED = PaymentStatus


@pytest.fixture
async def pro(own_ports: Ports, own_operator: Viewer) -> tuple[Life, Till]:
    return await on_pro(own_ports, own_operator)


async def test_an_activation_waits_for_its_payment(own_ports: Ports, own_operator: Viewer) -> None:
    life, till = paying(await registered(own_ports, own_operator))
    payment = await activating(life)
    assert (payment.amount, payment.checkout) == (499_00, f"https://till.example.com/{payment.uuid}")
    assert not (await life.see()).terms.active
    assert await hear(life, till, payment)
    assert (await life.see()).terms.tier is PRO
    assert await billed(life) == [Billed(1, "PAID", 499_00, 499_00)]
    assert await stored_payments(life) == [Stored(APPLIED, 499_00, 0)]


async def test_a_case_comes_back_when_it_is_paid(pro: tuple[Life, Till]) -> None:
    life, till = pro
    await life.deactivate()
    payment = await reactivating(life)
    assert not (await life.see()).terms.active
    await hear(life, till, payment)
    assert [event.kind for event in await life.timeline()][-1] is PlanEvent.REACTIVATED


async def test_the_instant_of_the_event_is_that_of_the_change(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    payment = await upgrading(life)
    clock.pass_(minutes=40)
    await hear(life, till, payment)
    assert (await life.subscription()).cycle.starts_at == clock.now


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_an_event_told_many_times_has_one_effect(pro: tuple[Life, Till], times: int) -> None:
    life, till = pro
    payment = await buying(life, 700)
    for _ in range(times):
        assert await hear(life, till, payment)
    assert (await life.tank()).purchased == 700
    assert [each for each in await billed(life) if each.total == 70_00] == [Billed(2, "PAID", 70_00, 70_00)]
    assert (await stored_payments(life))[-1] == Stored(APPLIED, 70_00, 0)
    assert till.kept == 70_00


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([DECLINED], REFUSED),
        ([CLOSED], EXPIRED),
        ([DECLINED, CLOSED], EXPIRED),
        ([DECLINED, PAID], APPLIED),  # with another card
        ([PAID, DECLINED], APPLIED),  # the same, in the wrong order
        ([PAID, CLOSED], APPLIED),
        ([PAID, DECLINED, PAID, CLOSED], APPLIED),
        ([CLOSED, PAID], NOT_APPLIED),
        ([CLOSED, PAID, PAID, DECLINED], NOT_APPLIED),
    ],
)
async def test_events_in_any_order(pro: tuple[Life, Till], told: list[PaymentOutcome], status: PaymentStatus) -> None:
    """What is paid takes effect unless the page was closed before; then it is given back, once."""
    life, till = pro
    payment = await upgrading(life)
    for outcome in told:
        assert await hear(life, till, payment, outcome)
    assert ((await life.see()).terms.tier is BUSINESS) == (status is APPLIED)
    assert (await stored_payments(life))[-1] == Stored(status, 4_999_00, 4_999_00 if status is NOT_APPLIED else 0)
    await refund(life.ports)
    await refund(life.ports)
    assert till.kept == (4_999_00 if status is APPLIED else 0)


async def test_an_event_of_no_payment_is_told_so(pro: tuple[Life, Till]) -> None:
    life, _ = pro
    assert not await take_event(life.ports, PaymentEvent(nowhere(), PAID))


async def test_a_second_start_returns_the_page_that_waits(pro: tuple[Life, Till]) -> None:
    """Whatever it is for; of another purpose there may be one beside it."""
    life, _ = pro
    first = await upgrading(life)
    assert await upgrading(life) == first
    assert await upgrading(life, ENTERPRISE) == first
    tokens = await buying(life, 10)
    assert (await buying(life, 20)) == tokens
    assert await stored_payments(life) == [
        Stored(APPLIED, 499_00, 0), Stored(OPEN, 4_999_00, 0), Stored(OPEN, 1_00, 0),
    ]  # fmt: skip


async def test_a_page_that_could_not_be_opened_is_opened_by_the_next_start(pro: tuple[Life, Till]) -> None:
    life, till = pro
    till.fails.add(life.uuid)
    with pytest.raises(PaymentUnavailable):
        await upgrading(life)
    till.fails.clear()
    payment = await upgrading(life)
    assert payment.checkout
    assert (await stored_payments(life))[1:] == [Stored(OPEN, 4_999_00, 0)]


async def test_after_a_declined_card_the_page_still_waits(pro: tuple[Life, Till]) -> None:
    """C8: it takes another card, so whoever starts the same again is led to it."""
    life, till = pro
    payment = await buying(life, 10)
    await hear(life, till, payment, DECLINED)
    case = await life.see()
    waiting = await find_pending_checkout(life.ports, life.viewer, case)
    assert waiting is not None
    assert waiting.uuid == payment.uuid
    assert (await buying(life, 10)).uuid == payment.uuid
    await hear(life, till, payment)
    assert (await life.tank()).purchased == 10
    assert await find_pending_checkout(life.ports, life.viewer, case) is None


async def test_after_a_declined_card_something_else_closes_its_page(pro: tuple[Life, Till]) -> None:
    """The page takes no money any more; who was quick enough to pay on both gets one of them back."""
    life, till = pro
    first = await buying(life, 20)
    await hear(life, till, first, DECLINED)
    second = await buying(life, 10)
    assert second.uuid != first.uuid
    till.charged[first.uuid] = first.amount
    await work(life.ports)
    assert first.uuid in till.withdrawn
    assert second.uuid not in till.withdrawn
    assert till.refunded == {first.uuid: 2_00}
    await hear(life, till, second)
    await hear(life, till, first)
    await work(life.ports)
    assert (await life.tank()).purchased == 10
    assert till.refunded == {first.uuid: 2_00}


async def test_a_closed_page_changes_nothing_and_lets_another_be_opened(pro: tuple[Life, Till]) -> None:
    life, till = pro
    payment = await upgrading(life)
    assert await close_checkout(life.ports, life.viewer, life.uuid, payment.uuid) is None
    assert payment.uuid in till.withdrawn
    assert (await stored_payments(life))[-1].status is EXPIRED
    other = await upgrading(life, ENTERPRISE)
    await hear(life, till, payment)
    assert (await life.see()).terms.tier is PRO
    await hear(life, till, other)
    await refund(life.ports)
    assert (await life.see()).terms.tier is ENTERPRISE
    assert till.kept == other.amount
    assert await close_checkout(life.ports, life.viewer, life.uuid, other.uuid) is None
    assert (await stored_payments(life))[-1].status is APPLIED
    assert await close_checkout(life.ports, life.viewer, life.uuid, nowhere()) == NotFound()


async def test_a_page_whose_processor_is_lost_is_closed_all_the_same(pro: tuple[Life, Till]) -> None:
    life, till = pro
    payment = await upgrading(life)
    till.fails.add(payment.uuid)
    await close_checkout(life.ports, life.viewer, life.uuid, payment.uuid)
    await hear(life, till, payment)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 4_999_00)


async def test_a_page_lasts_an_hour(pro: tuple[Life, Till], clock: Clock) -> None:
    """Before and after a worker has looked, what is paid too late is given back."""
    life, till = pro
    first = await upgrading(life)
    clock.now += CHECKOUT_LASTS
    await hear(life, till, first)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 4_999_00)
    second = await upgrading(life)
    clock.now += CHECKOUT_LASTS
    await work(life.ports)
    assert (await stored_payments(life))[-1] == Stored(EXPIRED, 4_999_00, 0)
    await hear(life, till, second)
    await work(life.ports)
    assert till.kept == 0
    assert (await life.see()).terms.tier is PRO


async def test_a_page_whose_event_was_lost_is_found_out_by_its_time(pro: tuple[Life, Till], clock: Clock) -> None:
    life, till = pro
    payment = await upgrading(life)
    till.charged[payment.uuid] = payment.amount
    clock.now += CHECKOUT_LASTS
    await work(life.ports)
    assert till.refunded == {payment.uuid: 4_999_00}
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 0)


async def test_a_page_of_a_case_on_a_test_clock_lives_in_its_time(own_ports: Ports, own_operator: Viewer) -> None:
    """C10: the change has the instant of the clock, and the hour is one of the clock's."""
    ports = replace(own_ports, test_clocks=True)
    begins = eastern(2031, 5, 1, 10)
    clock = await create_test_clock(ports, own_operator, key="clock", now=begins)
    assert isinstance(clock, TestClock)
    life, till = paying(await on_clock(ports, own_operator, clock.uuid))
    await hear(life, till, await activating(life))
    assert (await life.subscription()).cycle.starts_at == begins
    payment = await upgrading(life)
    await work(life.ports)
    assert (await stored_payments(life))[-1].status is OPEN
    moved = await advance_test_clock(life.ports, own_operator, key="on", clock=clock.uuid, to=begins + CHECKOUT_LASTS)
    assert isinstance(moved, TestClock)
    await work(life.ports)
    assert (await stored_payments(life))[-1].status is EXPIRED
    await hear(life, till, payment)
    assert (await life.see()).terms.tier is PRO


async def test_what_can_not_be_had_any_more_is_given_back(pro: tuple[Life, Till]) -> None:
    """The case was upgraded further meanwhile."""
    life, till = pro
    payment = await upgrading(life)
    await life.by(replace(life.ports, payments=None)).upgrade(ENTERPRISE)
    await hear(life, till, payment)
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 4_999_00)
    await work(life.ports)
    assert till.refunded == {payment.uuid: 4_999_00}


async def test_a_right_that_was_taken_away_meanwhile_gives_the_money_back(pro: tuple[Life, Till]) -> None:
    """C9: who was let upgrade by a prompt is so no more once the switch is off."""
    life, till = pro
    payment = await upgrading(life, origin=ChangeOrigin.PROMPT)
    await life.set(prompts=False)
    await hear(life, till, payment)
    assert (await life.see()).terms.tier is PRO
    assert (await stored_payments(life))[-1] == Stored(NOT_APPLIED, 4_999_00, 4_999_00)


async def test_more_than_is_then_asked_for_is_given_back_and_less_is_collected(pro: tuple[Life, Till]) -> None:
    """Overage that is settled between the start and the payment is on the same invoice (C6)."""
    life, till = pro
    await life.set(overage=True)
    await life.spend_to(0)
    await life.spend(30)
    dear = await upgrading(life)
    assert dear.amount == 4_999_00 + 3_00
    await life.spend(20)
    await hear(life, till, dear)
    assert (await billed(life))[-1] == Billed(2, "OPEN", 5_004_00, 5_002_00)
    await collect(life.ports)
    assert (await billed(life))[-1] == Billed(2, "PAID", 5_004_00, 5_004_00)
    assert till.kept == 5_004_00

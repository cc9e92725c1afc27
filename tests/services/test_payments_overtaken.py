"""Checkouts that a change of their case has overtaken: nobody is led to them, and their money comes back (C8, C9)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus, PaymentMethod
from app.domain.invoices import InvoiceStatus
from app.domain.payments import Payment, PaymentStatus
from app.domain.refusals import IdempotencyConflict
from app.domain.subscriptions import ChangeOrigin
from app.services.invoice_lists import find_pending_checkout
from app.services.operators import mark_invoice
from app.services.organizations import set_monthly_invoicing
from app.services.ports import Ports
from tests.plans import BUSINESS, ENTERPRISE, INVOICE, PRO, STARTER, Life, registered, work
from tests.services.effects import end_cycle
from tests.services.paying import (
    Till,
    activating,
    billed,
    buying,
    hear,
    latest_invoice,
    on_pro,
    paying,
    paying_latest,
    reactivating,
    stored_payments,
    upgrading,
)
from tests.stage import Clock

OPEN, APPLIED, NOT_APPLIED, REFUSED, EXPIRED = PaymentStatus


@pytest.fixture
async def pro(own_ports: Ports, own_operator: Viewer) -> tuple[Life, Till]:
    return await on_pro(own_ports, own_operator)


async def prompted(life: Life) -> Payment:
    return await upgrading(life, origin=ChangeOrigin.PROMPT)


async def waits(life: Life) -> bool:
    return await find_pending_checkout(life.ports, life.viewer, await life.see()) is not None


@pytest.mark.parametrize(
    ("begin", "change"),
    [
        (upgrading, lambda life: life.upgrade(BUSINESS)),
        (upgrading, lambda life: life.upgrade(ENTERPRISE)),
        (upgrading, lambda life: life.deactivate()),
        (prompted, lambda life: life.set(prompts=False)),
        (buying, lambda life: life.upgrade(ENTERPRISE)),
        (buying, lambda life: life.deactivate()),
    ],
    ids=["had", "passed", "deactivated", "forbidden", "unlimited", "no tank"],
)
async def test_what_is_overtaken_waits_no_more_and_is_given_back(
    pro: tuple[Life, Till],
    begin: Callable[[Life], Awaitable[Payment]],
    change: Callable[[Life], Awaitable[object]],
) -> None:
    life, till = pro
    payment = await begin(life)
    await change(life)
    assert not await waits(life)
    kept, stands = till.kept, await life.see()
    await hear(life, till, payment)
    await work(life.ports)
    assert till.kept == kept
    assert (await life.see()).terms == stands.terms


@pytest.mark.parametrize(
    ("begin", "change"),
    [
        (lambda life: upgrading(life, ENTERPRISE), lambda life: life.upgrade(BUSINESS)),
        (upgrading, lambda life: life.set(prompts=False)),
        (upgrading, lambda life: life.downgrade(STARTER)),
        (prompted, lambda life: life.set(overage=True)),
        (buying, lambda life: life.upgrade(BUSINESS)),
    ],
    ids=["still higher", "from settings", "downgrade later", "other switch", "tokens"],
)
async def test_what_may_still_be_had_goes_on_waiting(
    pro: tuple[Life, Till],
    begin: Callable[[Life], Awaitable[Payment]],
    change: Callable[[Life], Awaitable[object]],
) -> None:
    life, till = pro
    payment = await begin(life)
    await change(life)
    assert await waits(life)
    await work(life.ports)
    await hear(life, till, payment)
    assert (await stored_payments(life))[1].status is APPLIED


async def test_a_reactivation_is_not_led_to_the_page_of_an_earlier_upgrade(pro: tuple[Life, Till]) -> None:
    life, till = pro
    await upgrading(life)
    await life.deactivate()
    payment = await reactivating(life, STARTER)
    assert payment.amount == 49_00
    await hear(life, till, payment)
    assert (await life.see()).terms.tier is STARTER


async def test_a_page_of_an_activation_never_reactivates(own_ports: Ports, own_operator: Viewer) -> None:
    life, till = paying(await registered(own_ports, own_operator))
    payment = await activating(life)
    await life.activate(PRO)
    await life.deactivate()
    kept = till.kept
    await hear(life, till, payment)
    await work(life.ports)
    assert (await life.see()).terms.status is CaseStatus.DEACTIVATED
    assert till.kept == kept


async def test_a_page_by_card_switches_no_case_from_monthly_invoices(pro: tuple[Life, Till]) -> None:
    """C6: neither the plan nor tokens that were to be paid by card before the case came back on invoices."""
    life, till = pro
    pages = [await upgrading(life), await buying(life, 300)]
    await set_monthly_invoicing(life.ports, (await life.see()).organization, True)
    await life.deactivate()
    assert isinstance(await life.reactivate(PRO, INVOICE), Case)
    for page in pages:
        await hear(life, till, page)
    await work(life.ports)
    assert (await life.subscription()).payment_method is PaymentMethod.MONTHLY_INVOICE
    assert (await life.tank()).purchased == 0
    assert till.kept == 0


async def test_what_was_overtaken_is_withdrawn_at_once(pro: tuple[Life, Till]) -> None:
    """Paid, and the event was lost: the processor is asked without waiting for the hour."""
    life, till = pro
    payment = await upgrading(life)
    till.charged[payment.uuid] = payment.amount
    await life.deactivate()
    await work(life.ports)
    assert payment.uuid in till.withdrawn
    assert till.refunded == {payment.uuid: 4_999_00}


def without_processor(life: Life) -> Life:
    return life.by(replace(life.ports, payments=None))


async def test_what_is_changed_while_there_is_no_processor_overtakes_as_well(pro: tuple[Life, Till]) -> None:
    """It may come back within the hour of a page."""
    life, till = pro
    payment = await upgrading(life)
    await without_processor(life).upgrade(ENTERPRISE)
    assert not await waits(life)
    await hear(life, till, payment)
    await work(life.ports)
    assert payment.uuid in till.refunded
    assert (await billed(life))[-1].status == "PAID"  # of the upgrade, collected since


async def test_a_key_that_was_paid_is_known_while_there_is_no_processor(pro: tuple[Life, Till]) -> None:
    """K1: the same tokens are not bought again, to be charged once there is one."""
    life, till = pro
    await hear(life, till, await buying(life, 300, key="k"))
    assert isinstance(await without_processor(life).buy(300, key="k"), Case)
    assert await without_processor(life).buy(400, key="k") == IdempotencyConflict()
    assert (await life.tank()).purchased == 300
    assert len(await billed(life)) == 2


@pytest.mark.parametrize("status", [InvoiceStatus.PAID, InvoiceStatus.VOID])
async def test_an_invoice_that_was_marked_waits_for_no_payment(
    pro: tuple[Life, Till], clock: Clock, status: InvoiceStatus
) -> None:
    """What is paid for it nevertheless is given back, and told as without effect."""
    life, till = pro
    till.declines = True
    await end_cycle(life, clock)
    await work(life.ports)
    payment = await paying_latest(life)
    assert await mark_invoice(life.ports, life.viewer, await latest_invoice(life), status) is status
    assert not await waits(life)
    kept = till.kept
    await hear(life, till, payment)
    await work(life.ports)
    assert (await stored_payments(life))[-1].status is NOT_APPLIED
    assert till.kept == kept

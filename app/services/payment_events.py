"""What the processor of cards tells (C8)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Case, CaseStatus
from app.domain.payments import Payment, PaymentEvent, PaymentOutcome, PaymentPurpose, PaymentStatus
from app.domain.refusals import Refusal
from app.services import purchases, subscriptions
from app.services.payments import settle
from app.services.ports import Ports
from app.storage import payments as stored
from app.storage.cases import find_case
from app.storage.invoices import receive

EVENTS = "/payments/events"
"""Where the processor sends them, below our address."""


async def take_event(ports: Ports, event: PaymentEvent) -> bool:
    """Lets what was paid for take effect, now (C8): once, however often, late and in whatever order it is told.

    False: there is no such payment.
    """
    async with ports.database.writing() as connection:
        payment = await stored.lock_payment(connection, event.payment)
        if payment is None:
            return False
        case = await find_case(connection, payment.case_uuid)
        assert case is not None
        now = case.now(ports.clock())
        if event.outcome is not PaymentOutcome.PAID:
            await _unpaid(connection, payment, event.outcome, now)
            return True
        if payment.wanted.purpose is PaymentPurpose.INVOICE:
            await take_payment(connection, payment, now)
            return True
        if payment.is_paid or not payment.may_take_effect(now):
            await settle(connection, payment, applied=False, now=now)
            return True
    if not isinstance(await _apply(ports, payment, case), Case):
        await _give_back(ports, payment.uuid, now)
    return True


async def _unpaid(connection: AsyncConnection, payment: Payment, outcome: PaymentOutcome, now: datetime) -> None:
    """A card was declined, or the page closed; told after something else, it changes nothing."""
    if payment.status is PaymentStatus.OPEN and outcome is PaymentOutcome.DECLINED:
        await stored.end_payment(connection, payment.uuid, PaymentStatus.DECLINED, closed=False, now=now)
    if payment.status in (PaymentStatus.OPEN, PaymentStatus.DECLINED) and outcome is PaymentOutcome.CLOSED:
        # Whether it was paid before, and the word of that was lost, only the processor can say.
        await stored.end_payment(connection, payment.uuid, PaymentStatus.EXPIRED, closed=False, now=now)


async def take_payment(connection: AsyncConnection, payment: Payment, now: datetime) -> None:
    """What a locked payment has brought for an invoice: as much as it still asks for, and the rest is given back."""
    assert payment.wanted.invoice_id is not None
    if payment.is_paid or not payment.may_take_effect(now):
        await settle(connection, payment, applied=False, now=now)
        return
    left = await receive(connection, payment.wanted.invoice_id, payment.amount, at=now)
    status = PaymentStatus.APPLIED if left < payment.amount else PaymentStatus.NOT_APPLIED
    await stored.end_payment(connection, payment.uuid, status, refund_due=left, closed=True, now=now)


async def _give_back(ports: Ports, payment: UUID, now: datetime) -> None:
    async with ports.database.writing() as connection:
        present = await stored.lock_payment(connection, payment)
        assert present is not None
        await settle(connection, present, applied=False, now=now)


async def _apply(ports: Ports, payment: Payment, case: Case) -> Case | Refusal:
    """With the right of whoever began it. What can not be had any more is given back."""
    wanted, viewer, uuid, key = payment.wanted, payment.viewer, payment.case_uuid, f"payment {payment.uuid}"
    if wanted.purpose is PaymentPurpose.TOKENS:
        assert wanted.tokens is not None
        return await purchases.buy_tokens(ports, viewer, key=key, case_uuid=uuid, tokens=wanted.tokens, paying=payment)
    assert wanted.tier is not None
    if wanted.payment_method is None:
        return await subscriptions.upgrade_plan(
            ports, viewer, key=key, case_uuid=uuid, tier=wanted.tier, origin=wanted.origin, paying=payment
        )
    change = subscriptions.activate_case
    if case.terms.status is CaseStatus.DEACTIVATED:
        change = subscriptions.reactivate_case
    return await change(
        ports, viewer, key=key, case_uuid=uuid, tier=wanted.tier, payment_method=wanted.payment_method, paying=payment
    )

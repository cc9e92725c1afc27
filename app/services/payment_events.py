"""What the processor of cards tells, and what is collected and given back later (C8)."""

from datetime import datetime
from uuid import UUID

from app.domain.cases import Case, CaseStatus
from app.domain.payments import Payment, PaymentPurpose, PaymentStatus
from app.domain.refusals import Refusal
from app.services import purchases, subscriptions
from app.services.payments import settle
from app.services.ports import Ports
from app.storage import invoices, payments as stored
from app.storage.cases import find_case

COLLECTED_TOGETHER = 100
"""Invoices, and refunds, that are taken on at a time."""


async def take_event(ports: Ports, payment_uuid: UUID, *, paid: bool) -> bool:
    """Lets what was paid for take effect, now (C8): once, however often and in whatever order it is told.

    paid False: the person has been declined or has gone away. False: there is no such payment.
    """
    async with ports.database.writing() as connection:
        payment = await stored.find_payment(connection, payment_uuid)
        if payment is None:
            return False
        if not paid:
            await stored.end_payment(connection, payment_uuid, PaymentStatus.DECLINED, now=ports.clock())
            return True
        if payment.status is PaymentStatus.APPLIED:
            return True
        if payment.status is not PaymentStatus.OPEN:
            await stored.owe_back(connection, payment_uuid)
            return True
        if payment.wanted.purpose is PaymentPurpose.INVOICE:
            assert payment.wanted.invoice_id is not None
            left = await invoices.receive(connection, payment.wanted.invoice_id, payment.amount, at=ports.clock())
            await stored.end_payment(
                connection, payment_uuid, PaymentStatus.APPLIED, refund_due=left, now=ports.clock()
            )
            return True
        case = await find_case(connection, payment.case_uuid)
    assert case is not None
    if not isinstance(await _apply(ports, payment, case), Case):
        async with ports.database.writing() as connection:
            await settle(connection, payment, applied=False, now=ports.clock())
    return True


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


async def collect(ports: Ports, *, clock_id: int | None = None) -> int:
    """Charges the saved cards for invoices that were issued open, each once; a declined one stays open (C8).

    clock_id None: of cases in real time. Returns how many were tried.
    """
    if ports.payments is None:
        return 0
    async with ports.database.reading() as connection:
        found = await invoices.find_to_collect(connection, clock_id=clock_id, most=COLLECTED_TOGETHER)
    for invoice in found:
        paid = await ports.payments.charge(invoice.uuid, invoice.case_uuid, invoice.owed)
        async with ports.database.writing() as connection:
            at: datetime = invoice.clock_now or ports.clock()
            await invoices.note_attempt(connection, invoice.invoice_id, at=at)
            if paid:
                await invoices.receive(connection, invoice.invoice_id, invoice.owed, at=at)
    return len(found)


async def refund(ports: Ports) -> int:
    """Gives back what was paid and could not be had. Returns how many payments."""
    if ports.payments is None:
        return 0
    async with ports.database.reading() as connection:
        found = await stored.find_refunds(connection, COLLECTED_TOGETHER)
    for payment, amount in found:
        await ports.payments.refund(payment, amount)
        async with ports.database.writing() as connection:
            await stored.note_refunded(connection, payment, amount)
    return len(found)

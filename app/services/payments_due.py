"""What is due in payments (C8): open invoices are collected, refunds given, and what nobody waits for is ended.

The processor is asked between two transactions. Whoever is killed there leaves a payment that the next round finds, and
for which the processor does the same again only once.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import SCHEDULER, Role, Viewer
from app.domain.payments import CHECKOUT_LASTS, Payment, PaymentPurpose, PaymentStatus, Wanted
from app.services.payment_events import take_payment
from app.services.payments import withdraw
from app.services.ports import Payments, Ports
from app.storage import collecting, payments as stored
from app.storage.collecting import ToCollect
from app.storage.keys import find_scheduler
from app.storage.payments import ToRefund

T = TypeVar("T")

TAKEN_TOGETHER = 100
"""Invoices, refunds and payments that are looked for at a time."""


async def collect(ports: Ports, *, clock_id: int | None = None) -> int:
    """Charges the saved cards for invoices that were issued open, each once; a declined one stays open (C8).

    clock_id None: of cases in real time. Returns how many were tried.
    """
    payments = ports.payments
    if payments is None:
        return 0

    async def find(after: int) -> Sequence[ToCollect]:
        async with ports.database.reading() as connection:
            return await collecting.find_to_collect(connection, clock_id=clock_id, after=after, most=TAKEN_TOGETHER)

    async def collect_one(invoice: ToCollect) -> None:
        await _collect(ports, payments, invoice)

    return await _batch(find, lambda invoice: invoice.invoice_id, collect_one)


async def _collect(ports: Ports, payments: Payments, invoice: ToCollect) -> None:
    at = invoice.clock_now or ports.clock()
    async with ports.database.writing() as connection:
        payment = await _begin(connection, invoice, at)
    if payment is None:
        return  # somebody else has tried it
    paid = await payments.charge(payment.uuid, invoice.case_uuid, payment.amount)
    async with ports.database.writing() as connection:
        present = await stored.lock_payment(connection, payment.uuid)
        assert present is not None
        await collecting.note_attempt(connection, invoice.invoice_id, at=at)
        if paid:
            await take_payment(connection, present, at)
        elif present.status is PaymentStatus.OPEN:
            await stored.end_payment(connection, payment.uuid, PaymentStatus.DECLINED, closed=True, now=at)


async def _begin(connection: AsyncConnection, invoice: ToCollect, at: datetime) -> Payment | None:
    """The payment of an invoice that still waits for its first attempt; that of one that ended halfway, if any."""
    owed = await collecting.claim_to_collect(connection, invoice.invoice_id)
    if owed is None:
        return None
    known = await stored.payment_of_key(connection, invoice.case_id, invoice.uuid)
    if known is not None:
        return known
    viewer = Viewer(await find_scheduler(connection), SCHEDULER, Role.OPERATOR, None)
    uuid = uuid4()
    await stored.store_payment(
        connection, invoice.case_id, viewer, Wanted(PaymentPurpose.INVOICE, invoice_id=invoice.invoice_id), uuid=uuid,
        key=invoice.uuid, amount=owed, checkout=None, now=at, expires_at=at + CHECKOUT_LASTS,
    )  # fmt: skip
    return await stored.find_payment(connection, uuid)


async def refund(ports: Ports) -> int:
    """Gives back what was paid and could not be had. Returns how many payments."""
    payments = ports.payments
    if payments is None:
        return 0

    async def find(after: int) -> Sequence[ToRefund]:
        async with ports.database.reading() as connection:
            return await stored.find_refunds(connection, after=after, most=TAKEN_TOGETHER)

    async def refund_one(due: ToRefund) -> None:
        await payments.refund(due.uuid, due.amount)
        async with ports.database.writing() as connection:
            await stored.note_refunded(connection, due.uuid)

    return await _batch(find, lambda due: due.payment_id, refund_one)


async def end_overdue(ports: Ports) -> int:
    """Withdraws what nobody is to pay any more: pages that were closed, overtaken or left, charges whose process died.

    What was received after all is given back. Returns how many.
    """
    if ports.payments is None:
        return 0

    async def find(after: int) -> Sequence[Payment]:
        async with ports.database.reading() as connection:
            return await stored.find_overdue(connection, ports.clock(), after=after, most=TAKEN_TOGETHER)

    async def end_one(overdue: Payment) -> None:
        await withdraw(ports, overdue)

    return await _batch(find, lambda overdue: overdue.payment_id, end_one)


async def _batch(
    find: Callable[[int], Awaitable[Sequence[T]]], place: Callable[[T], int], work: Callable[[T], Awaitable[None]]
) -> int:
    """Does the first that can be done, in the order of their places, which `find` begins after. Returns how many.

    What fails keeps nothing else from being done, and is raised where nothing else was.
    """
    done, failures, after = 0, list[Exception](), 0
    found: Sequence[T] = ()
    while not done and (after == 0 or len(found) == TAKEN_TOGETHER):
        found = await find(after)
        if not found:
            break
        for each in found:
            after = place(each)
            try:
                await work(each)
                done += 1
            except Exception as failure:
                failures.append(failure)
    if failures and not done:
        raise failures[0]
    return done

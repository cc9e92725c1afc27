"""Paying for a change by card: begun under the case's lock, charged outside of it, settled with the change (C8)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Viewer
from app.domain.cases import Case, Terms
from app.domain.languages import Language
from app.domain.payments import CHECKOUT_LASTS, Payment, PaymentStatus, Wanted
from app.domain.refusals import IdempotencyConflict
from app.services.ports import Ports
from app.storage import payments as stored
from app.storage.cases import find_case


class PayBy(Enum):
    """The card that was saved, in the call; or one that a person gives on the processor's page."""

    SAVED_CARD = auto()
    CHECKOUT = auto()


class AwaitsPayment(Exception):
    """Nothing has changed yet: a person has to pay on the page of this payment first."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(str(payment.uuid))
        self.payment = payment


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what on a locked case; amount in cents; key of the call."""

    case: Case
    viewer: Viewer
    wanted: Wanted
    amount: int
    key: UUID
    now: datetime


async def begin(connection: AsyncConnection, asked: Asked, by: PayBy) -> Payment | IdempotencyConflict:
    """The payment that the same call has begun before, or the live checkout of the purpose, or a new one (C8).

    A checkout whose card was declined makes way for one of something else, or by somebody with another right (C9).
    The processor is not asked yet: only once this is committed, so that whatever it is told can be found again.
    """
    case_id, wanted, now = asked.case.terms.case_id, asked.wanted, asked.now
    if by is PayBy.CHECKOUT:
        await stored.end_checkouts(connection, case_id, wanted.purpose, now)
    known = await stored.payment_of_key(connection, case_id, asked.key)
    if known is not None:
        return known if known.wanted == wanted else IdempotencyConflict()
    if by is PayBy.CHECKOUT:
        live = await stored.checkout_for(connection, case_id, wanted.purpose, now)
        if live is not None and (live.status is PaymentStatus.OPEN or live.wanted == wanted):
            return live
        if live is not None:
            await stored.end_payment(connection, live.uuid, PaymentStatus.EXPIRED, closed=False, now=now)
    uuid = uuid4()
    await stored.store_payment(
        connection, case_id, asked.viewer, wanted, uuid=uuid, key=asked.key, amount=asked.amount,
        checkout="" if by is PayBy.CHECKOUT else None, now=now, expires_at=now + CHECKOUT_LASTS,
    )  # fmt: skip
    found = await stored.find_payment(connection, uuid)
    assert found is not None
    return found


async def charge(ports: Ports, payment: Payment) -> bool:
    """Charges the saved card, once however often it is tried. False: it was declined, and the payment has ended."""
    assert ports.payments is not None
    if await ports.payments.charge(payment.uuid, payment.case_uuid, payment.amount):
        return True
    async with ports.database.writing() as connection:
        present = await stored.lock_payment(connection, payment.uuid)
        if present is not None and present.status is PaymentStatus.OPEN:
            await stored.end_payment(connection, payment.uuid, PaymentStatus.DECLINED, closed=True, now=ports.clock())
    return False


async def with_page(ports: Ports, payment: Payment, language: Language) -> Payment:
    """The same, with the address of its page; raises PaymentUnavailable, after which any start tries again."""
    if payment.checkout:
        return payment
    assert ports.payments is not None
    address = await ports.payments.open_checkout(payment.uuid, payment.case_uuid, payment.amount, language)
    async with ports.database.writing() as connection:
        await stored.store_checkout(connection, payment.uuid, address)
    return replace(payment, checkout=address)


async def settle(connection: AsyncConnection, payment: Payment, *, applied: bool, now: datetime) -> None:
    """Ends a locked payment that was received, with the change that it was for; what could not be had is given back.

    Said again, it changes nothing.
    """
    if payment.is_paid:
        return
    status = PaymentStatus.APPLIED if applied else PaymentStatus.NOT_APPLIED
    refund_due = None if applied else payment.amount
    await stored.end_payment(connection, payment.uuid, status, refund_due=refund_due, closed=True, now=now)


async def end_overtaken(connection: AsyncConnection, before: Terms, after: Terms, now: datetime) -> None:
    """Ends the checkouts of a locked case for which a change of it has left nothing to be had.

    Also where no card can be charged now: a processor may have been there before, and come back.
    """
    if (before.status, before.tier) == (after.status, after.tier) and after.auto_upgrade_allowed:
        return
    for begun in await stored.begun_checkouts(connection, after.case_id, now):
        if begun.wanted.is_overtaken(before, after):
            await stored.end_payment(connection, begun.uuid, PaymentStatus.EXPIRED, closed=False, now=now)


async def withdraw(ports: Ports, payment: Payment) -> None:
    """Lets nothing be paid for it any more; what has been received, and nobody told us of, is given back.

    Raises PaymentUnavailable.
    """
    assert ports.payments is not None
    received = await ports.payments.withdraw(payment.uuid)
    async with ports.database.writing() as connection:
        present = await stored.lock_payment(connection, payment.uuid)
        case = await find_case(connection, payment.case_uuid)
        assert case is not None
        if present is not None and not present.is_paid:
            status = PaymentStatus.NOT_APPLIED if received else PaymentStatus.EXPIRED
            now = case.now(ports.clock())
            await stored.end_payment(connection, payment.uuid, status, refund_due=received, closed=True, now=now)

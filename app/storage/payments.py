"""Payments by card."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.domain.payments import OpenInvoice, Payment, PaymentPurpose, PaymentStatus, Wanted
from app.domain.subscriptions import ChangeOrigin
from app.storage.reads import Reader
from app.storage.tables import callers, cases, invoices, payments, reservoirs, test_clocks

_SELECT = (
    select(
        payments.c.payment_id, payments.c.uuid, payments.c.case_id, cases.c.uuid.label("case_uuid"),
        payments.c.caller_id, callers.c.name, callers.c.organization_id, callers.c.language, payments.c.role,
        payments.c.purpose, payments.c.tier, payments.c.payment_method, payments.c.tokens, payments.c.invoice_id,
        payments.c.origin, payments.c.amount, payments.c.status, payments.c.checkout, payments.c.expires_at,
        invoices.c.uuid.label("invoice_uuid"), invoices.c.number.label("invoice_number"),
    )
    .join_from(payments, cases, cases.c.case_id == payments.c.case_id)
    .join(callers, callers.c.caller_id == payments.c.caller_id)
    .outerjoin(invoices, invoices.c.invoice_id == payments.c.invoice_id)
)  # fmt: skip


def _payment(row: Any) -> Payment:
    viewer = Viewer(row.caller_id, row.name, row.role, row.organization_id, row.language or Language.EN)
    collected = row.purpose is PaymentPurpose.INVOICE
    wanted = Wanted(
        row.purpose, row.tier, row.payment_method, row.tokens, row.invoice_id if collected else None,
        ChangeOrigin(row.origin),
    )  # fmt: skip
    return Payment(
        row.payment_id, row.uuid, row.case_id, row.case_uuid, viewer, wanted, row.amount, row.status, row.checkout,
        row.expires_at, OpenInvoice(row.invoice_uuid, row.invoice_number) if collected else None,
    )  # fmt: skip


_OF_UUID = _SELECT.where(payments.c.uuid == bindparam("wanted"))
_LOCKED = _OF_UUID.with_for_update(of=payments, key_share=True)
_OF_KEY = _SELECT.where(
    payments.c.case_id == bindparam("of_case"),
    payments.c.key == bindparam("key"),
    or_(payments.c.status == PaymentStatus.OPEN, payments.c.status == PaymentStatus.APPLIED),
)
_WAITING = or_(payments.c.status == PaymentStatus.OPEN, payments.c.status == PaymentStatus.DECLINED)
_BEGUN = _SELECT.where(
    payments.c.case_id == bindparam("of_case"),
    _WAITING,
    payments.c.checkout.is_not(None),
    payments.c.expires_at > bindparam("now"),
).order_by(payments.c.payment_id.desc())
_BEGUN_FOR = _BEGUN.where(payments.c.purpose == bindparam("purpose", type_=payments.c.purpose.type))
_LIVE = _BEGUN.where(payments.c.checkout != "")


async def find_payment(connection: Reader, uuid: UUID) -> Payment | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid})).one_or_none()
    return None if row is None else _payment(row)


async def lock_payment(connection: AsyncConnection, uuid: UUID) -> Payment | None:
    """As it stands once the lock is had. Whoever locks the case, too, locks that first."""
    row = (await connection.execute(_LOCKED, {"wanted": uuid})).one_or_none()
    return None if row is None else _payment(row)


async def payment_of_key(connection: Reader, case_id: int, key: UUID) -> Payment | None:
    """The one that a call with this key has begun and that is open, or has taken effect."""
    row = (await connection.execute(_OF_KEY, {"of_case": case_id, "key": key})).one_or_none()
    return None if row is None else _payment(row)


async def checkout_for(connection: Reader, case_id: int, purpose: PaymentPurpose, now: datetime) -> Payment | None:
    """The one that is under way, whether or not the address of its page is known yet, perhaps with a declined card."""
    row = (await connection.execute(_BEGUN_FOR, {"of_case": case_id, "purpose": purpose, "now": now})).one_or_none()
    return None if row is None else _payment(row)


async def begun_checkouts(connection: Reader, case_id: int, now: datetime) -> list[Payment]:
    """The same of every purpose, the latest first."""
    return [_payment(row) for row in await connection.execute(_BEGUN, {"of_case": case_id, "now": now})]


async def live_checkouts(connection: Reader, case_id: int, now: datetime) -> list[Payment]:
    """Pages on which somebody may still pay, the latest first; one for each purpose at most."""
    return [_payment(row) for row in await connection.execute(_LIVE, {"of_case": case_id, "now": now})]


async def store_payment(
    connection: AsyncConnection,
    case_id: int,
    viewer: Viewer,
    wanted: Wanted,
    *,
    uuid: UUID,
    key: UUID,
    amount: int,
    checkout: str | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Begins a payment, under the case's lock."""
    await connection.execute(
        insert(payments).values(
            uuid=uuid, case_id=case_id, caller_id=viewer.caller_id, role=viewer.role, purpose=wanted.purpose,
            tier=wanted.tier, payment_method=wanted.payment_method, tokens=wanted.tokens, invoice_id=wanted.invoice_id,
            origin=wanted.origin.value, amount=amount, refund_due=0, refunded=0, key=key, created_at=now,
            expires_at=expires_at, status=PaymentStatus.OPEN, closed=False, checkout=checkout,
        )
    )  # fmt: skip


async def store_checkout(connection: AsyncConnection, payment: UUID, address: str) -> None:
    """Where its page is."""
    await connection.execute(update(payments).where(payments.c.uuid == payment).values(checkout=address))


async def end_payment(
    connection: AsyncConnection,
    payment: UUID,
    status: PaymentStatus,
    *,
    refund_due: int | None = None,
    closed: bool,
    now: datetime,
) -> None:
    """What becomes of a locked one. refund_due: cents; None: as it stands.

    closed: nothing can be received for it that we do not know of. Else the processor is told to take nothing any more,
    and asked what it has taken: at once, of a declined checkout when its time is over.
    """
    values: dict[str, Any] = {"status": status, "closed": closed, "ended_at": now}
    if refund_due is not None:
        values["refund_due"] = refund_due
    await connection.execute(update(payments).where(payments.c.uuid == payment).values(values))


async def note_billed(connection: AsyncConnection, payment: UUID, invoice_id: int | None, excess: int) -> None:
    """The invoice of the change that was paid for, if it has one of its own, and how much is to be given back."""
    await connection.execute(
        update(payments).where(payments.c.uuid == payment).values(invoice_id=invoice_id, refund_due=excess)
    )


_REPLACED = (
    update(payments)
    .where(
        payments.c.case_id == bindparam("of_case"),
        payments.c.purpose == bindparam("of_purpose"),
        payments.c.checkout.is_not(None),
        _WAITING,
        payments.c.expires_at <= bindparam("now"),
    )
    .values(status=PaymentStatus.EXPIRED, ended_at=bindparam("now"))
)


async def end_checkouts(connection: AsyncConnection, case_id: int, purpose: PaymentPurpose, now: datetime) -> None:
    """Ends those of a purpose whose time is over, so that another one may take their place."""
    await connection.execute(_REPLACED, {"of_case": case_id, "of_purpose": purpose, "now": now})


async def end_invoice_checkouts(connection: AsyncConnection, invoice_id: int, now: datetime) -> None:
    """Ends those of an invoice that asks for nothing any more."""
    await connection.execute(
        update(payments)
        .where(payments.c.invoice_id == invoice_id, payments.c.checkout.is_not(None), _WAITING)
        .values(status=PaymentStatus.EXPIRED, ended_at=now)
    )


_OVERDUE = (
    _SELECT.join(reservoirs, reservoirs.c.case_id == payments.c.case_id)
    .outerjoin(test_clocks, test_clocks.c.clock_id == reservoirs.c.clock_id)
    .where(
        ~payments.c.closed,
        or_(
            payments.c.status == PaymentStatus.EXPIRED,
            payments.c.expires_at <= func.coalesce(test_clocks.c.now, bindparam("now", type_=DateTime(timezone=True))),
        ),
        payments.c.payment_id > bindparam("after", type_=BigInteger),
    )
    .order_by(payments.c.payment_id)
    .limit(bindparam("most", type_=BigInteger))
)


async def find_overdue(connection: Reader, now: datetime, *, after: int, most: int) -> list[Payment]:
    """Those that are not closed and that nobody is to pay any more: ended, or over by the time of their case.

    Only with larger ids than the one given.
    """
    return [_payment(row) for row in await connection.execute(_OVERDUE, {"now": now, "after": after, "most": most})]


class ToRefund(NamedTuple):
    """So many cents of a payment are to be given back."""

    payment_id: int
    uuid: UUID
    amount: int


_TO_REFUND = (
    select(payments.c.payment_id, payments.c.uuid, payments.c.refund_due)
    .where(payments.c.refund_due > 0, payments.c.payment_id > bindparam("after", type_=BigInteger))
    .order_by(payments.c.payment_id)
    .limit(bindparam("most", type_=BigInteger))
)


async def find_refunds(connection: Reader, *, after: int, most: int) -> list[ToRefund]:
    """The oldest first; only with larger ids than the one given."""
    return [ToRefund(*row) for row in await connection.execute(_TO_REFUND, {"after": after, "most": most})]


async def note_refunded(connection: AsyncConnection, payment: UUID) -> None:
    """What was due has been given back."""
    refunded = payments.c.refunded + payments.c.refund_due
    await connection.execute(update(payments).where(payments.c.uuid == payment).values(refund_due=0, refunded=refunded))

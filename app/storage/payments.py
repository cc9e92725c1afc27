"""Payments by card."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, bindparam, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.domain.payments import Payment, PaymentPurpose, PaymentStatus, Wanted
from app.domain.subscriptions import ChangeOrigin
from app.storage.reads import Reader
from app.storage.tables import callers, cases, payments

_SELECT = (
    select(
        payments.c.payment_id, payments.c.uuid, payments.c.case_id, cases.c.uuid.label("case_uuid"),
        payments.c.caller_id, callers.c.name, callers.c.organization_id, callers.c.language, payments.c.role,
        payments.c.purpose, payments.c.tier, payments.c.payment_method, payments.c.tokens, payments.c.invoice_id,
        payments.c.origin, payments.c.amount, payments.c.status, payments.c.checkout, payments.c.expires_at,
    )
    .join_from(payments, cases, cases.c.case_id == payments.c.case_id)
    .join(callers, callers.c.caller_id == payments.c.caller_id)
)  # fmt: skip


def _payment(row: Row[Any]) -> Payment:
    viewer = Viewer(row.caller_id, row.name, row.role, row.organization_id, row.language or Language.EN)
    wanted = Wanted(
        row.purpose, row.tier, row.payment_method, row.tokens, row.invoice_id, ChangeOrigin(row.origin)
    )  # fmt: skip
    return Payment(
        row.payment_id, row.uuid, row.case_id, row.case_uuid, viewer, wanted, row.amount, row.status, row.checkout,
        row.expires_at,
    )  # fmt: skip


_OF_UUID = _SELECT.where(payments.c.uuid == bindparam("wanted"))
_OF_KEY = _SELECT.where(
    payments.c.case_id == bindparam("of_case"),
    payments.c.key == bindparam("key"),
    payments.c.status == PaymentStatus.OPEN,
)
_LIVE = (
    _SELECT.where(
        payments.c.case_id == bindparam("of_case"),
        payments.c.status == PaymentStatus.OPEN,
        payments.c.checkout.is_not(None),
        payments.c.expires_at > bindparam("now"),
    )
    .order_by(payments.c.payment_id.desc())
)  # fmt: skip


async def find_payment(connection: Reader, uuid: UUID) -> Payment | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid})).one_or_none()
    return None if row is None else _payment(row)


async def payment_of_key(connection: Reader, case_id: int, key: UUID) -> Payment | None:
    """The open one that a call with this key has begun."""
    row = (await connection.execute(_OF_KEY, {"of_case": case_id, "key": key})).one_or_none()
    return None if row is None else _payment(row)


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
            origin=wanted.origin.value, amount=amount, refund_due=0, key=key, created_at=now, expires_at=expires_at,
            status=PaymentStatus.OPEN, checkout=checkout,
        )
    )  # fmt: skip


async def end_payment(
    connection: AsyncConnection, payment: UUID, status: PaymentStatus, *, refund_due: int | None = None, now: datetime
) -> bool:
    """False: it was not open any more, and stays what it became. refund_due: cents; None: as it stands."""
    values: dict[str, Any] = {"status": status, "ended_at": now}
    if refund_due is not None:
        values["refund_due"] = refund_due
    ended = update(payments).where(payments.c.uuid == payment, payments.c.status == PaymentStatus.OPEN)
    return (await connection.execute(ended.values(values))).rowcount == 1


async def owe_excess(connection: AsyncConnection, payment: UUID, cents: int) -> None:
    """What was paid is more than what it was for: so much is to be given back."""
    await connection.execute(update(payments).where(payments.c.uuid == payment).values(refund_due=cents))


async def owe_back(connection: AsyncConnection, payment: UUID) -> None:
    """What was received for a payment that had ended before is given back whole, unless it took effect."""
    owed = (
        update(payments)
        .where(
            payments.c.uuid == payment,
            payments.c.status.not_in([PaymentStatus.APPLIED, PaymentStatus.NOT_APPLIED]),
        )
        .values(refund_due=payments.c.amount, status=PaymentStatus.NOT_APPLIED)
    )
    await connection.execute(owed)


async def expire_checkouts(
    connection: AsyncConnection, case_id: int, now: datetime, *, purpose: PaymentPurpose, overdue: bool
) -> None:
    """Ends the live checkout of a purpose; overdue: only where its time is over."""
    stale = (payments.c.case_id == case_id, payments.c.purpose == purpose, payments.c.checkout.is_not(None))
    ended = update(payments).where(*stale, payments.c.status == PaymentStatus.OPEN)
    if overdue:
        ended = ended.where(payments.c.expires_at <= now)
    await connection.execute(ended.values(status=PaymentStatus.EXPIRED, ended_at=now))


_TO_REFUND = select(payments.c.uuid, payments.c.refund_due).where(payments.c.refund_due > 0).order_by(
    payments.c.payment_id
).limit(bindparam("most", type_=BigInteger))  # fmt: skip


async def find_refunds(connection: Reader, most: int) -> list[tuple[UUID, int]]:
    """Payments of which so many cents are to be given back."""
    return [(row.uuid, row.refund_due) for row in await connection.execute(_TO_REFUND, {"most": most})]


async def note_refunded(connection: AsyncConnection, payment: UUID, amount: int) -> None:
    """So many cents were given back."""
    rest = case((payments.c.refund_due > amount, payments.c.refund_due - amount), else_=0)
    await connection.execute(update(payments).where(payments.c.uuid == payment).values(refund_due=rest))

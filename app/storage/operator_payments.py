"""Payments that operators look after: those to be given back, and those that could not take effect (C8)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from app.domain.payments import PaymentPurpose, PaymentStatus
from app.storage.reads import Reader
from app.storage.tables import cases, organizations, payments


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """Amounts in cents. refund_due: still to be given back."""

    uuid: UUID
    purpose: PaymentPurpose
    status: PaymentStatus
    amount: int
    refund_due: int
    created_at: datetime
    ended_at: datetime | None
    case: str
    organization: str
    organization_uuid: UUID


_NEWEST = (
    select(
        payments.c.uuid, payments.c.purpose, payments.c.status, payments.c.amount, payments.c.refund_due,
        payments.c.created_at, payments.c.ended_at, cases.c.name.label("case"),
        organizations.c.name.label("organization"), organizations.c.uuid.label("organization_uuid"),
    )
    .join_from(payments, cases, cases.c.case_id == payments.c.case_id)
    .join(organizations, organizations.c.organization_id == cases.c.organization_id)
    .order_by(payments.c.payment_id.desc())
    .limit(bindparam("most"))
)  # fmt: skip
_TO_REFUND = _NEWEST.where(payments.c.refund_due > 0)
_NOT_APPLIED = _NEWEST.where(payments.c.status == PaymentStatus.NOT_APPLIED)


async def list_refunds(connection: Reader, *, most: int) -> list[ListedPayment]:
    """What is still to be given back, the newest first."""
    return [ListedPayment(**row._asdict()) for row in await connection.execute(_TO_REFUND, {"most": most})]


async def list_not_applied(connection: Reader, *, most: int) -> list[ListedPayment]:
    """What was paid and could not be had any more, the newest first."""
    return [ListedPayment(**row._asdict()) for row in await connection.execute(_NOT_APPLIED, {"most": most})]

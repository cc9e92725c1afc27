"""What was received for invoices: by card at their issue and after it, and elsewhere, as operators have marked (C8)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, literal_column, select

from app.domain.invoices import PaidBy, Received
from app.storage.reads import Reader
from app.storage.tables import invoices, payments

_AFTER_ISSUE = (
    select(
        payments.c.invoice_id, payments.c.ended_at,
        (payments.c.amount - payments.c.refund_due - payments.c.refunded).label("kept"),
    )
    .join_from(invoices, payments, payments.c.invoice_id == invoices.c.invoice_id)
    .where(
        invoices.c.invoice_id == any_(bindparam("wanted", type_=ARRAY(BigInteger))),
        # By card only: the payments of a case are found by an index of those that were applied.
        payments.c.case_id == invoices.c.case_id,
        payments.c.status == literal_column("'APPLIED'::payment_status"),
    )
    .order_by(payments.c.ended_at, payments.c.payment_id)
)  # fmt: skip


async def received_of(connection: Reader, rows: Sequence[Row[Any]]) -> dict[int, tuple[Received, ...]]:
    """rows: invoices. By their ids, the payments of those that any were received for, the oldest first."""
    after: dict[int, list[Received]] = {}
    if wanted := [row.invoice_id for row in rows if _paid_after_issue(row)]:
        for invoice_id, at, kept in await connection.execute(_AFTER_ISSUE, {"wanted": wanted}):
            if kept:
                after.setdefault(invoice_id, []).append(Received(at, kept, PaidBy.CARD))
    return {row.invoice_id: _received(row, after.get(row.invoice_id, [])) for row in rows if row.paid}


def _paid_after_issue(row: Row[Any]) -> bool:
    """Whether a card may have paid anything of it later than with what it bills."""
    return bool(row.paid > row.elsewhere and row.settled_at != row.issued_at)


def _received(row: Row[Any], by_card: Sequence[Received]) -> tuple[Received, ...]:
    at_issue = row.paid - row.elsewhere - sum(each.amount for each in by_card)
    first = [Received(row.issued_at, at_issue, PaidBy.CARD)] if at_issue else []
    last = [Received(row.settled_at, row.elsewhere, PaidBy.ELSEWHERE)] if row.elsewhere else []
    return (*first, *by_card, *last)

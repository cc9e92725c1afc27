"""What was received for invoices: by card, and elsewhere, as operators have marked (C8)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, func, literal_column, select

from app.domain.invoices import PaidBy, Received
from app.storage.reads import Reader
from app.storage.tables import invoices, payments

_BY_CARD = (
    select(
        payments.c.invoice_id,
        # An invoice is dated no earlier than the one before it, and nothing is received before it is issued (C6).
        func.greatest(payments.c.ended_at, invoices.c.issued_at),
        (payments.c.amount - payments.c.refund_due - payments.c.refunded).label("kept"),
    )
    .join_from(invoices, payments, payments.c.invoice_id == invoices.c.invoice_id)
    .where(
        invoices.c.invoice_id == any_(bindparam("wanted", type_=ARRAY(BigInteger))),
        # The payments of a case are found by an index of those that were applied.
        payments.c.case_id == invoices.c.case_id,
        payments.c.status == literal_column("'APPLIED'::payment_status"),
    )
    .order_by(payments.c.ended_at, payments.c.payment_id)
)  # fmt: skip


async def received_of(connection: Reader, rows: Sequence[Row[Any]]) -> dict[int, tuple[Received, ...]]:
    """rows: invoices. By their ids, the payments of those that any were received for, the oldest first."""
    received: dict[int, list[Received]] = {row.invoice_id: [] for row in rows if row.paid}
    if wanted := [row.invoice_id for row in rows if row.paid > row.elsewhere]:
        for invoice_id, at, kept in await connection.execute(_BY_CARD, {"wanted": wanted}):
            if kept:
                received[invoice_id].append(Received(at, kept, PaidBy.CARD))
    for row in rows:
        if row.elsewhere:
            received[row.invoice_id].append(Received(row.settled_at, row.elsewhere, PaidBy.ELSEWHERE))
    return {invoice_id: tuple(parts) for invoice_id, parts in received.items()}

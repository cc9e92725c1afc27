"""Payments by card, and what the simulated processor knows."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, Uuid, func, text

from app.domain.cases import PaymentMethod
from app.domain.payments import PaymentPurpose, PaymentStatus
from app.storage.tables.columns import CALLER_ROLE, PLAN_TIER, big, enum_of, identity, instant, metadata

_OPEN_OR_APPLIED = "status = ANY (ARRAY['OPEN'::payment_status, 'APPLIED'::payment_status])"
_OPEN_OR_DECLINED = "status = ANY (ARRAY['OPEN'::payment_status, 'DECLINED'::payment_status])"

payments = Table(
    "payments",
    metadata,
    identity("payment_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), nullable=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("invoice_id", BigInteger, ForeignKey("invoices.invoice_id")),
    big("amount"),
    big("refund_due"),
    big("refunded"),
    big("tokens", null=True),
    Column("key", Uuid, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("ended_at", null=True),
    Column("purpose", enum_of(PaymentPurpose, "payment_purpose"), nullable=False),
    Column("status", enum_of(PaymentStatus, "payment_status"), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("role", CALLER_ROLE, nullable=False),
    Column("origin", Text, nullable=False),
    Column("tier", PLAN_TIER),
    Column("payment_method", enum_of(PaymentMethod, "payment_method")),
    Column("checkout", Text),
    Index("one_payment_a_key", "case_id", "key", unique=True, postgresql_where=text(_OPEN_OR_APPLIED)),
    Index(
        "one_checkout_a_purpose",
        "case_id",
        "purpose",
        unique=True,
        postgresql_where=text(f"({_OPEN_OR_DECLINED}) AND (checkout IS NOT NULL)"),
    ),
    Index("payments_to_refund", "payment_id", postgresql_where=text("refund_due > 0")),
    Index("payments_not_closed", "payment_id", postgresql_where=text("NOT closed")),
)
simulated_cards = Table(
    "simulated_cards",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    Column("declines", Boolean, nullable=False),
)
simulated_payments = Table(
    "simulated_payments",
    metadata,
    Column("uuid", Uuid, primary_key=True),
    big("amount"),
    big("received"),
    big("refunded"),
    Column("ended", Boolean, nullable=False),
)

"""Invoices with their lines and numbers, and who wants them monthly."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Numeric, Table, Text, TextClause, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.bills import LineKind
from app.domain.invoices import InvoiceStatus
from app.storage.tables.columns import PLAN_TIER, big, enum_of, identity, instant, metadata

_WAITS = "(status = 'PENDING'::invoice_status) AND (month IS NOT NULL)"


def _of_kind(kind: LineKind) -> TextClause:
    return text(f"kind = '{kind}'::invoice_line_kind")


invoices = Table(
    "invoices",
    metadata,
    identity("invoice_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id"), nullable=False),
    Column("clock_id", BigInteger, ForeignKey("test_clocks.clock_id")),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id")),
    big("number", null=True),
    big("total", null=True),
    big("paid"),
    big("elsewhere"),
    Column("marked_by", BigInteger, ForeignKey("callers.caller_id")),
    big("issued_on", null=True),
    instant("issued_at", null=True),
    instant("settled_at", null=True),
    instant("attempted_at", null=True),
    Column("month", Date),
    Column("status", enum_of(InvoiceStatus, "invoice_status"), nullable=False),
    Column("rate", Numeric(6, 5)),
    Column("billed_to", Text),
    Index("invoices_by_number", "organization_id", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
    Index("invoices_by_issue", "organization_id", "issued_at", "invoice_id"),
    Index("invoices_in_order_of_issue", "issued_at", "invoice_id"),
    Index(
        "invoices_waiting",
        "organization_id",
        "month",
        unique=True,
        postgresql_where=text(f"{_WAITS} AND (clock_id IS NULL)"),
    ),
    Index(
        "invoices_waiting_on_clocks",
        "organization_id",
        "clock_id",
        "month",
        unique=True,
        postgresql_where=text(f"{_WAITS} AND (clock_id IS NOT NULL)"),
    ),
    Index(
        "invoices_to_collect",
        "invoice_id",
        postgresql_where=text("(status = 'OPEN'::invoice_status) AND (month IS NULL) AND (attempted_at IS NULL)"),
    ),
)
invoice_numbers = Table(
    "invoice_numbers",
    metadata,
    Column(
        "organization_id",
        BigInteger,
        ForeignKey("organizations.organization_id"),
        primary_key=True,
        autoincrement=False,
    ),
    big("last"),
)
invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    Column("line_id", BigInteger, primary_key=True),
    Column("invoice_id", BigInteger, ForeignKey("invoices.invoice_id"), nullable=False),
    big("quantity"),
    big("unit_price"),
    big("amount"),
    big("cycle_number", null=True),
    big("credit_of", null=True),
    big("entry", null=True),
    instant("effective_at"),
    instant("until", null=True),
    Column("kind", enum_of(LineKind, "invoice_line_kind"), nullable=False),
    Column("tier", PLAN_TIER),
    Column("rate", Numeric(6, 5)),
    Index("invoice_lines_by_invoice", "invoice_id", "case_id", "line_id"),
    Index("invoice_lines_of_case", "case_id", "invoice_id"),
    Index("one_plan_line_a_cycle", "case_id", "cycle_number", unique=True, postgresql_where=_of_kind(LineKind.PLAN)),
    Index(
        "one_overage_line_a_cycle", "case_id", "cycle_number", unique=True, postgresql_where=_of_kind(LineKind.OVERAGE)
    ),
    Index("one_line_a_purchase", "case_id", "entry", unique=True, postgresql_where=_of_kind(LineKind.TOKEN_PURCHASE)),
)
invoicing_requests = Table(
    "invoicing_requests",
    metadata,
    identity("request_id"),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), nullable=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    instant("asked_at"),
    instant("done_at", null=True),
    Column("done_by", BigInteger, ForeignKey("callers.caller_id")),
    Column("details", JSONB, nullable=False),
    Index("one_open_request_a_case", "case_id", unique=True, postgresql_where=text("done_at IS NULL")),
)

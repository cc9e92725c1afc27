"""The tables as SQLAlchemy sees them; migrations make them. `make check` compares the two."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    TableClause,
    Text,
    TextClause,
    UniqueConstraint,
    Uuid,
    column,
    func,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.announcements import Announcement
from app.domain.bills import LineKind
from app.domain.callers import Role
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.invoices import InvoiceStatus
from app.domain.languages import Language
from app.domain.ledger import EntryKind
from app.domain.payments import PaymentPurpose, PaymentStatus
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import TaskStatus

metadata = MetaData()


def _enum(values: type[StrEnum], name: str) -> Enum:
    return Enum(values, name=name, values_callable=lambda enum: [member.value for member in enum])


def _big(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null, primary_key=key, autoincrement=False)


def _instant(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=null)


def _identity(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True)


def _of_kind(kind: LineKind) -> TextClause:
    return text(f"kind = '{kind}'::invoice_line_kind")


_WAITS = "(status = 'PENDING'::invoice_status) AND (month IS NOT NULL)"
_OPEN_OR_APPLIED = "status = ANY (ARRAY['OPEN'::payment_status, 'APPLIED'::payment_status])"
_OPEN_OR_DECLINED = "status = ANY (ARRAY['OPEN'::payment_status, 'DECLINED'::payment_status])"
PLAN_TIER = _enum(PlanTier, "plan_tier")
CALLER_ROLE = _enum(Role, "caller_role")

organizations = Table(
    "organizations",
    metadata,
    _identity("organization_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("portal_url", Text, nullable=False),
    Column("nuix_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("monthly_invoicing", Boolean, nullable=False),
    Column("contract_id", Text),
    Column("tax_rate", Numeric(6, 5), nullable=False),
    UniqueConstraint("portal_url", "nuix_id"),
)
callers = Table(
    "callers",
    metadata,
    _identity("caller_id"),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id")),
    Column("name", Text, nullable=False),
    Column("language", _enum(Language, "language")),
    UniqueConstraint("organization_id", "name"),
)
api_keys = Table(
    "api_keys",
    metadata,
    _identity("api_key_id"),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("role", CALLER_ROLE, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    _instant("created_at"),
    _instant("revoked_at", null=True),
)
cases = Table(
    "cases",
    metadata,
    _identity("case_id"),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id"), nullable=False),
    Column("name", Text, nullable=False),
    _instant("registered_at"),
    Column("registration_key", Uuid, nullable=False, unique=True),
    Column("registration_input", Uuid, nullable=False),
    _instant("activated_at", null=True),
    Column("payment_method", _enum(PaymentMethod, "payment_method")),
    Column("scheduled_tier", PLAN_TIER),
    _big("scheduled_catalogue", null=True),
    Column("credit_left", Numeric(12, 2), nullable=False),
    _big("first_billed_cycle"),
    Index("cases_by_organization", "organization_id", "case_id"),
)
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id")),
    Column("role", CALLER_ROLE, nullable=False),
    Column("once", Boolean, nullable=False),
    _instant("expires_at"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id")),
    Column("role", CALLER_ROLE, nullable=False),
    _instant("expires_at"),
    Index("sessions_by_expiry", "expires_at"),
)
test_clocks = Table(
    "test_clocks",
    metadata,
    _identity("clock_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    _instant("now"),
    Column("creation_key", Uuid, nullable=False, unique=True),
    Column("creation_input", Uuid, nullable=False),
)
test_clock_advances = Table(
    "test_clock_advances",
    metadata,
    Column("clock_id", BigInteger, ForeignKey("test_clocks.clock_id"), primary_key=True, autoincrement=False),
    Column("key", Uuid, primary_key=True),
    Column("input", Uuid, nullable=False),
)
reservoirs = Table(
    "reservoirs",
    metadata,
    Column("case_id", BigInteger, ForeignKey("cases.case_id"), primary_key=True, autoincrement=False),
    _big("terms_version"),
    _big("balance", null=True),
    _big("held"),
    _big("purchased"),
    _big("cap", null=True),
    _big("entries"),
    _big("tasks"),
    _big("cycle_number"),
    _big("catalogue", null=True),
    _instant("changed_at"),
    Column("refilled_on", Date),
    Column("status", _enum(CaseStatus, "case_status"), nullable=False),
    Column("tier", PLAN_TIER),
    Column("overage_enabled", Boolean, nullable=False),
    Column("auto_upgrade_allowed", Boolean, nullable=False),
    _instant("cycle_ends_at", null=True),
    Column("clock_id", BigInteger, ForeignKey("test_clocks.clock_id")),
    _big("overage_ceiling", null=True),
    Index(
        "reservoirs_to_refill",
        "refilled_on",
        "case_id",
        postgresql_where=text("(refilled_on IS NOT NULL) AND (clock_id IS NULL)"),
    ),
    Index(
        "reservoirs_to_renew",
        "cycle_ends_at",
        "case_id",
        postgresql_where=text("(cycle_ends_at IS NOT NULL) AND (clock_id IS NULL)"),
    ),
    Index("reservoirs_by_clock", "clock_id", "case_id", postgresql_where=text("clock_id IS NOT NULL")),
)
cycles = Table(
    "cycles",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    _big("number", key=True),
    _big("catalogue"),
    _big("granted"),
    _instant("starts_at"),
    _instant("ends_at"),
    Column("month", Date, nullable=False),
    Column("anchor_day", SmallInteger, nullable=False),
    Column("tier", PLAN_TIER, nullable=False),
)
cycle_usage = Table(
    "cycle_usage",
    metadata,
    _big("case_id", key=True),
    _big("cycle_number", key=True),
    _big("charged"),
    _big("overage"),
    Column("category", _enum(UsageCategory, "usage_category"), primary_key=True),
    ForeignKeyConstraint(["case_id", "cycle_number"], ["cycles.case_id", "cycles.number"]),
)
task_rows = Table(
    "task_rows",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    _big("number", key=True),
    _instant("created_at"),
    _instant("reported_at", null=True),
    _instant("finished_at", null=True),
    _big("documents"),
    _big("succeeded", null=True),
    _big("failed", null=True),
    _big("skipped", null=True),
    _big("reserved"),
    _big("charged", null=True),
    _big("refunded", null=True),
    _big("overage", null=True),
    _big("provisional", null=True),
    _big("first_entry", null=True),
    _big("last_entry", null=True),
    _big("caller_id"),
    Column("key", Uuid, nullable=False),
    Column("kind", _enum(TaskKind, "task_kind"), nullable=False),
    Column("scope", _enum(TaskScope, "task_scope"), nullable=False),
    Column("mode", _enum(ScanMode, "scan_mode"), nullable=False),
    Column("status", _enum(TaskStatus, "task_status"), nullable=False),
    Column("active_fields", SmallInteger, nullable=False),
    Column("text_rate", SmallInteger, nullable=False),
    Column("image_rate", SmallInteger, nullable=False),
    Column("audio_rate", SmallInteger, nullable=False),
    Column("video_rate", SmallInteger, nullable=False),
    Column("name", Text),
    UniqueConstraint("case_id", "key", name="made_once"),
    Index("tasks_running", "case_id", postgresql_where=text("status = 'RUNNING'::task_status")),
)
task_documents = Table(
    "task_documents",
    metadata,
    _big("case_id", key=True),
    _big("task_number", key=True),
    Column("outcome", String, nullable=False),  # "char", one byte
    Column("document_id", Text(collation="C"), primary_key=True),
)
ledger_rows = Table(
    "ledger_rows",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    _big("sequence", key=True),
    _instant("occurred_at"),
    _big("cycle_number"),
    _big("task_number", null=True),
    _big("balance_change", null=True),
    _big("held_change"),
    _big("purchased_change", null=True),
    _big("provisional_change", null=True),
    _big("overage_change", null=True),
    _big("balance_after", null=True),
    _big("held_after"),
    _big("documents", null=True),
    _big("caller_id"),
    Column("kind", _enum(EntryKind, "entry_kind"), nullable=False),
    Column("category", _enum(UsageCategory, "usage_category")),
    Column("refill_date", Date),
    Index(
        "one_refill_a_date",
        "case_id",
        "refill_date",
        unique=True,
        postgresql_where=text("refill_date IS NOT NULL"),
    ),
    Index(
        "ledger_rare",
        "case_id",
        "kind",
        "sequence",
        postgresql_where=text("kind <> ALL (ARRAY['RESERVE'::entry_kind, 'CHARGE'::entry_kind, 'REFUND'::entry_kind])"),
    ),
)
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _big("case_id", key=True),
    Column("key", Uuid, primary_key=True),
    Column("input", Uuid, nullable=False),
    _big("task_number", null=True),
)
plan_changes = Table(
    "plan_changes",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    _big("number", key=True),
    _big("cycle_number"),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    _instant("occurred_at"),
    Column("charge", Numeric(12, 2), nullable=False),
    Column("credit", Numeric(12, 2), nullable=False),
    Column("kind", _enum(PlanEvent, "plan_event"), nullable=False),
    Column("tier", PLAN_TIER, nullable=False),
    Column("from_tier", PLAN_TIER),
)
invoices = Table(
    "invoices",
    metadata,
    _identity("invoice_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id"), nullable=False),
    Column("clock_id", BigInteger, ForeignKey("test_clocks.clock_id")),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id")),
    _big("number", null=True),
    _big("total", null=True),
    _big("paid"),
    _big("elsewhere"),
    Column("marked_by", BigInteger, ForeignKey("callers.caller_id")),
    _big("issued_on", null=True),
    _instant("issued_at", null=True),
    _instant("settled_at", null=True),
    _instant("attempted_at", null=True),
    Column("month", Date),
    Column("status", _enum(InvoiceStatus, "invoice_status"), nullable=False),
    Column("rate", Numeric(6, 5)),
    Column("billed_to", Text),
    Index("invoices_by_number", "organization_id", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
    Index("invoices_by_issue", "organization_id", "issued_at", "invoice_id"),
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
    _big("last"),
)
invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    Column("line_id", BigInteger, primary_key=True),
    Column("invoice_id", BigInteger, ForeignKey("invoices.invoice_id"), nullable=False),
    _big("quantity"),
    _big("unit_price"),
    _big("amount"),
    _big("cycle_number", null=True),
    _big("credit_of", null=True),
    _big("entry", null=True),
    _instant("effective_at"),
    _instant("until", null=True),
    Column("kind", _enum(LineKind, "invoice_line_kind"), nullable=False),
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
payments = Table(
    "payments",
    metadata,
    _identity("payment_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), nullable=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("invoice_id", BigInteger, ForeignKey("invoices.invoice_id")),
    _big("amount"),
    _big("refund_due"),
    _big("refunded"),
    _big("tokens", null=True),
    Column("key", Uuid, nullable=False),
    _instant("created_at"),
    _instant("expires_at"),
    _instant("ended_at", null=True),
    Column("purpose", _enum(PaymentPurpose, "payment_purpose"), nullable=False),
    Column("status", _enum(PaymentStatus, "payment_status"), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("role", CALLER_ROLE, nullable=False),
    Column("origin", Text, nullable=False),
    Column("tier", PLAN_TIER),
    Column("payment_method", _enum(PaymentMethod, "payment_method")),
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
    _big("amount"),
    _big("received"),
    _big("refunded"),
    Column("ended", Boolean, nullable=False),
)
invoicing_requests = Table(
    "invoicing_requests",
    metadata,
    _identity("request_id"),
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), nullable=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    _instant("asked_at"),
    _instant("done_at", null=True),
    Column("done_by", BigInteger, ForeignKey("callers.caller_id")),
    Column("details", JSONB, nullable=False),
    Index("one_open_request_a_case", "case_id", unique=True, postgresql_where=text("done_at IS NULL")),
)
outages = Table("outages", metadata, Column("day", Date, primary_key=True))
visits = Table(
    "visits",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), primary_key=True, autoincrement=False),
    _big("opened_at_entry"),
    _big("previous_entry", null=True),
    _instant("seen_at"),
)
outbox = Table(
    "outbox",
    metadata,
    _identity("outbox_id"),
    _big("case_id", null=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("what", _enum(Announcement, "announcement"), nullable=False),
)


def _view(name: str, rows: Table) -> TableClause:
    """What is read: the same columns, with 0 where a row holds null to take no space."""
    return table(name, *(column(each.name, each.type) for each in rows.columns))


tasks = _view("tasks", task_rows)
ledger_entries = _view("ledger_entries", ledger_rows)

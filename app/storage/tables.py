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
    UniqueConstraint,
    Uuid,
    column,
    func,
    table,
    text,
)

from app.domain.announcements import Announcement
from app.domain.callers import Role
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.languages import Language
from app.domain.ledger import EntryKind
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
    Index("cases_by_organization", "organization_id", "case_id"),
)
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id"), nullable=False),
    Column("role", CALLER_ROLE, nullable=False),
    Column("once", Boolean, nullable=False),
    _instant("expires_at"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id"), nullable=False),
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

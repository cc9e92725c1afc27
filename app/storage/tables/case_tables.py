"""Organizations, their cases with reservoirs and cycles, and the time they live in."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from app.domain.announcements import Announcement
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.rates import UsageCategory
from app.domain.subscriptions import PlanEvent
from app.storage.tables.columns import PLAN_TIER, big, enum_of, identity, instant, metadata

organizations = Table(
    "organizations",
    metadata,
    identity("organization_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    Column("portal_url", Text, nullable=False),
    Column("nuix_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("monthly_invoicing", Boolean, nullable=False),
    Column("contract_id", Text),
    Column("tax_rate", Numeric(6, 5), nullable=False),
    UniqueConstraint("portal_url", "nuix_id"),
)
cases = Table(
    "cases",
    metadata,
    identity("case_id"),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id"), nullable=False),
    Column("name", Text, nullable=False),
    instant("registered_at"),
    Column("registration_key", Uuid, nullable=False, unique=True),
    Column("registration_input", Uuid, nullable=False),
    instant("activated_at", null=True),
    Column("payment_method", enum_of(PaymentMethod, "payment_method")),
    Column("scheduled_tier", PLAN_TIER),
    big("scheduled_catalogue", null=True),
    Column("credit_left", Numeric(12, 2), nullable=False),
    big("first_billed_cycle"),
    Index("cases_by_organization", "organization_id", "case_id"),
)
test_clocks = Table(
    "test_clocks",
    metadata,
    identity("clock_id"),
    Column("uuid", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    instant("now"),
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
    big("terms_version"),
    big("balance", null=True),
    big("held"),
    big("purchased"),
    big("cap", null=True),
    big("entries"),
    big("tasks"),
    big("cycle_number"),
    big("catalogue", null=True),
    instant("changed_at"),
    Column("refilled_on", Date),
    Column("status", enum_of(CaseStatus, "case_status"), nullable=False),
    Column("tier", PLAN_TIER),
    Column("overage_enabled", Boolean, nullable=False),
    Column("auto_upgrade_allowed", Boolean, nullable=False),
    instant("cycle_ends_at", null=True),
    Column("clock_id", BigInteger, ForeignKey("test_clocks.clock_id")),
    big("overage_ceiling", null=True),
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
    big("number", key=True),
    big("catalogue"),
    big("granted"),
    instant("starts_at"),
    instant("ends_at"),
    Column("month", Date, nullable=False),
    Column("anchor_day", SmallInteger, nullable=False),
    Column("tier", PLAN_TIER, nullable=False),
)
cycle_usage = Table(
    "cycle_usage",
    metadata,
    big("case_id", key=True),
    big("cycle_number", key=True),
    big("charged"),
    big("overage"),
    Column("category", enum_of(UsageCategory, "usage_category"), primary_key=True),
    ForeignKeyConstraint(["case_id", "cycle_number"], ["cycles.case_id", "cycles.number"]),
)
plan_changes = Table(
    "plan_changes",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    big("number", key=True),
    big("cycle_number"),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    instant("occurred_at"),
    Column("charge", Numeric(12, 2), nullable=False),
    Column("credit", Numeric(12, 2), nullable=False),
    Column("kind", enum_of(PlanEvent, "plan_event"), nullable=False),
    Column("tier", PLAN_TIER, nullable=False),
    Column("from_tier", PLAN_TIER),
)
outages = Table("outages", metadata, Column("day", Date, primary_key=True))
outbox = Table(
    "outbox",
    metadata,
    identity("outbox_id"),
    big("case_id", null=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("what", enum_of(Announcement, "announcement"), nullable=False),
)

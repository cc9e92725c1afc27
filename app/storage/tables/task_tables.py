"""Tasks with their documents, the ledger, and the keys of commands. Rows are written; the views over them are read."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    TableClause,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    table,
    text,
)

from app.domain.ledger import EntryKind
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.tasks import TaskStatus
from app.storage.tables.columns import big, enum_of, instant, metadata

task_rows = Table(
    "task_rows",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    big("number", key=True),
    instant("created_at"),
    instant("reported_at", null=True),
    instant("finished_at", null=True),
    big("documents"),
    big("succeeded", null=True),
    big("failed", null=True),
    big("skipped", null=True),
    big("reserved"),
    big("charged", null=True),
    big("refunded", null=True),
    big("overage", null=True),
    big("provisional", null=True),
    big("first_entry", null=True),
    big("last_entry", null=True),
    big("caller_id"),
    Column("key", Uuid, nullable=False),
    Column("kind", enum_of(TaskKind, "task_kind"), nullable=False),
    Column("scope", enum_of(TaskScope, "task_scope"), nullable=False),
    Column("mode", enum_of(ScanMode, "scan_mode"), nullable=False),
    Column("status", enum_of(TaskStatus, "task_status"), nullable=False),
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
    big("case_id", key=True),
    big("task_number", key=True),
    Column("outcome", String, nullable=False),  # "char", one byte
    Column("document_id", Text(collation="C"), primary_key=True),
)
ledger_rows = Table(
    "ledger_rows",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    big("sequence", key=True),
    instant("occurred_at"),
    big("cycle_number"),
    big("task_number", null=True),
    big("balance_change", null=True),
    big("held_change"),
    big("purchased_change", null=True),
    big("provisional_change", null=True),
    big("overage_change", null=True),
    big("balance_after", null=True),
    big("held_after"),
    big("documents", null=True),
    big("caller_id"),
    Column("kind", enum_of(EntryKind, "entry_kind"), nullable=False),
    Column("category", enum_of(UsageCategory, "usage_category")),
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
    big("case_id", key=True),
    Column("key", Uuid, primary_key=True),
    Column("input", Uuid, nullable=False),
    big("task_number", null=True),
)


def _view(name: str, rows: Table) -> TableClause:
    """What is read: the same columns, with 0 where a row holds null to take no space."""
    return table(name, *(column(each.name, each.type) for each in rows.columns))


tasks = _view("tasks", task_rows)
ledger_entries = _view("ledger_entries", ledger_rows)

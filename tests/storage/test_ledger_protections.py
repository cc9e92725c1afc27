"""What the database itself refuses, whoever asks (L1): these statements come as the service's own user."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.ports import Ports
from tests.stage import active_case, bulk, created, report, succeeded

CHANGES = {
    "update ledger_entries set held_change = 0": "append-only: UPDATE is refused",
    "update ledger_entries set occurred_at = occurred_at where case_id = {case}": "append-only: UPDATE is refused",
    "delete from ledger_entries where case_id = {case} and sequence = 2": "append-only: DELETE is refused",
    "update ledger_rows set overage_change = null": "append-only: UPDATE is refused",
    "truncate ledger_rows": "append-only: TRUNCATE is refused",
    "truncate reservoirs cascade": "append-only: TRUNCATE is refused",
    "update task_documents set outcome = 'f' where case_id = {case}": "append-only: UPDATE is refused",
    "delete from task_documents where case_id = {case}": "append-only: DELETE is refused",
    "truncate task_documents": "append-only: TRUNCATE is refused",
}


@pytest.fixture
async def case_id(ports: Ports, operator: Viewer) -> int:
    """A case on Pro with three entries: filled 10,000, reserved 2, charged 1."""
    case = await active_case(ports, operator, PlanTier.PRO)
    task = await created(ports, operator, case, bulk(ScanMode.TEXT, 2))
    await report(ports, operator, task, succeeded(["a"]))
    return case.terms.case_id


@pytest.fixture
def connection(shared_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Whatever a test does is rolled back."""
    with psycopg.connect(shared_url) as connected:
        yield connected
        connected.rollback()


@pytest.mark.parametrize("statement", CHANGES)
async def test_what_was_entered_stays(case_id: int, connection: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(errors.RestrictViolation, match=CHANGES[statement]):
        connection.execute(sql.SQL(statement).format(case=case_id))


ENTRY = {
    "sequence": 4, "occurred_at": "2026-03-03", "cycle_number": 1, "task_number": 1, "caller_id": 1,
    "balance_change": 1, "held_change": -1, "purchased_change": None, "provisional_change": None,
    "overage_change": None, "balance_after": 9_999, "held_after": 0, "kind": "REFUND", "category": None,
}  # fmt: skip


def insert(connection: psycopg.Connection[Any], case_id: int, **changed: object) -> None:
    entry = {"case_id": case_id, **ENTRY, **changed}
    statement = sql.SQL("insert into ledger_rows ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, entry)), sql.SQL(", ").join(map(sql.Placeholder, entry))
    )
    connection.execute(statement, entry)


async def test_the_next_entry_that_follows_is_taken(case_id: int, connection: psycopg.Connection[Any]) -> None:
    """So that the refusals below are about what they change."""
    insert(connection, case_id)


async def test_after_an_unlimited_time_the_sum_goes_on_from_the_last_balance(
    case_id: int, connection: psycopg.Connection[Any]
) -> None:
    """L7: balance 9,998 before; entries without a balance count as 0; the clamp to 5,000 is -4,998."""
    insert(connection, case_id, balance_change=None, balance_after=None)
    clamp = {"sequence": 5, "kind": "DOWNGRADE_CLAMP", "task_number": None, "held_change": 0}
    with pytest.raises(errors.CheckViolation), connection.transaction():
        insert(connection, case_id, **clamp, balance_change=5_000, balance_after=5_000)
    insert(connection, case_id, **clamp, balance_change=-4_998, balance_after=5_000)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"balance_change": None}, errors.CheckViolation),
        ({"balance_after": None}, errors.CheckViolation),
        ({"sequence": 5}, errors.CheckViolation),
        ({"sequence": 0}, errors.CheckViolation),
        ({"sequence": -1}, errors.CheckViolation),
        ({"sequence": 2**62}, errors.CheckViolation),
        ({"sequence": 3, "balance_after": 9_999, "held_after": 1, "held_change": -1}, errors.UniqueViolation),
        ({"balance_after": 10_000}, errors.CheckViolation),
        ({"balance_after": 9_998}, errors.CheckViolation),
        ({"held_after": 1}, errors.CheckViolation),
        ({"balance_change": -9_999, "balance_after": -1}, errors.CheckViolation),
        ({"held_change": -2, "held_after": -1}, errors.CheckViolation),
        ({"overage_change": -1}, errors.CheckViolation),
        ({"purchased_change": 0}, errors.CheckViolation),
        ({"provisional_change": 0}, errors.CheckViolation),
        ({"overage_change": 0}, errors.CheckViolation),
        ({"balance_change": 0, "held_change": 0, "balance_after": 9_998, "held_after": 1}, errors.CheckViolation),
        ({"kind": "CHARGE"}, errors.CheckViolation),
        ({"category": "TEXT_SCAN"}, errors.CheckViolation),
        ({"task_number": None}, errors.CheckViolation),
        ({"kind": "DAILY_REFILL"}, errors.CheckViolation),
        ({"kind": "GIFT"}, errors.InvalidTextRepresentation),
        ({"case_id": 2**40, "sequence": 1, "balance_after": 1, "held_change": 0, "held_after": 0},
         errors.ForeignKeyViolation),
    ],
)  # fmt: skip
async def test_an_entry_that_does_not_follow_is_refused(
    case_id: int, connection: psycopg.Connection[Any], wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        insert(connection, **{"case_id": case_id, **wrong})


@pytest.mark.parametrize(
    "change",
    [
        "balance = -1",
        "held = -1",
        "purchased = -1",
        "purchased = balance + held + 1",
        "balance = cap + 1, purchased = 0",
        "balance = null",
        "cap = null",
        "tier = null",
        "status = 'DEACTIVATED'",
    ],
)
async def test_a_reservoir_that_cannot_be_is_refused(
    case_id: int, connection: psycopg.Connection[Any], change: str
) -> None:
    """L2, L3, L6, L7."""
    with pytest.raises(errors.CheckViolation):
        connection.execute(f"update reservoirs set {change} where case_id = {case_id}")


@pytest.mark.parametrize(
    "change",
    [
        "charged = charged + 2",
        "refunded = -1",
        "succeeded = 3",
        "succeeded = null, failed = 3",
        "failed = -1",
        "failed = 0",
        "refunded = 2",
        "provisional = 2",
        "status = 'COMPLETED'",
        "status = 'COMPLETED', finished_at = now()",
        "documents = 0",
    ],
)
async def test_a_task_that_cannot_be_is_refused(case_id: int, connection: psycopg.Connection[Any], change: str) -> None:
    with pytest.raises(errors.CheckViolation):
        connection.execute(f"update task_rows set {change} where case_id = {case_id}")


async def test_one_key_has_one_effect(case_id: int, connection: psycopg.Connection[Any]) -> None:
    """K1."""
    [key] = connection.execute("select key from idempotency_keys where case_id = %s limit 1", [case_id]).fetchone() or [
        0
    ]
    assert isinstance(key, UUID)
    with pytest.raises(errors.UniqueViolation):
        connection.execute(
            "insert into idempotency_keys (case_id, key, input) values (%s, %s, %s)", [case_id, key, uuid4()]
        )


async def test_one_key_makes_one_task(case_id: int, connection: psycopg.Connection[Any]) -> None:
    """K1: two tasks of a case never have one key, and none has no key."""
    columns = "number, created_at, documents, reserved, caller_id, key, kind, scope, mode, active_fields, text_rate, "
    columns += "image_rate, audio_rate, video_rate"
    again = f"insert into task_rows (case_id, {columns}) select case_id, {columns} from task_rows where case_id = %s"
    with pytest.raises(errors.UniqueViolation, match="made_once"), connection.transaction():
        connection.execute(again.replace("select case_id, number", "select case_id, number + 1").encode(), [case_id])
    with pytest.raises(errors.NotNullViolation):
        connection.execute("update task_rows set key = null where case_id = %s", [case_id])


@pytest.mark.parametrize(("view", "rows"), [("tasks", "task_rows"), ("ledger_entries", "ledger_rows")])
async def test_what_is_read_has_every_column_and_zeros(
    connection: psycopg.Connection[Any], view: str, rows: str
) -> None:
    """A view that lacks a column of its table, or has them in another order, would be read wrongly."""
    columns = (
        "select column_name, data_type from information_schema.columns where table_name = %s order by ordinal_position"
    )
    assert connection.execute(columns, [view]).fetchall() == connection.execute(columns, [rows]).fetchall()


async def test_one_document_has_one_outcome(case_id: int, connection: psycopg.Connection[Any]) -> None:
    """T4."""
    with pytest.raises(errors.UniqueViolation):
        connection.execute("insert into task_documents values (%s, 1, 'f', 'a')", [case_id])


async def test_every_id_and_every_count_has_64_bits(connection: psycopg.Connection[Any]) -> None:
    """Smaller are rates of a document, fields of a task and days of a month. Money has cents."""
    found = connection.execute(
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'"
        " and data_type in ('integer', 'smallint', 'numeric', 'real', 'double precision')"
        " and table_name <> 'alembic_version'"
    )
    assert {row[0] for row in found} == {
        "cycles.anchor_day", "tasks.active_fields", "tasks.text_rate", "tasks.image_rate", "tasks.audio_rate",
        "tasks.video_rate", "task_rows.active_fields", "task_rows.text_rate", "task_rows.image_rate",
        "task_rows.audio_rate", "task_rows.video_rate", "cases.credit_left", "plan_changes.charge",
        "plan_changes.credit", "organizations.tax_rate", "invoices.rate", "invoice_lines.rate",
    }  # fmt: skip

"""Reading the ledger; writing it is the business of the functions alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.rates import UsageCategory
from app.storage.cycles import first_day
from app.storage.tables import callers, cycles, ledger_entries as entries, tasks

_SELECT = select(entries, callers.c.name.label("actor")).join_from(
    entries, callers, entries.c.caller_id == callers.c.caller_id
)


def _entry(row: Any) -> LedgerEntry:
    return LedgerEntry(
        sequence=row.sequence,
        kind=row.kind,
        balance_change=row.balance_change,
        held_change=row.held_change,
        purchased_change=row.purchased_change,
        provisional_change=row.provisional_change,
        overage_change=row.overage_change,
        balance_after=row.balance_after,
        held_after=row.held_after,
        documents=row.documents,
        category=row.category,
        task_number=row.task_number,
        cycle_number=row.cycle_number,
        actor=row.actor,
        occurred_at=row.occurred_at,
    )


def _filtered(
    query: Select[Any],
    case_id: int,
    kinds: Sequence[EntryKind] | None,
    month: Month | None,
    task_number: int | None,
    category: UsageCategory | None,
) -> Select[Any]:
    query = query.where(entries.c.case_id == case_id)
    if kinds is not None:
        query = query.where(entries.c.kind.in_(kinds))
    if month is not None:
        of_month = select(cycles.c.number).where(cycles.c.case_id == case_id, cycles.c.month == first_day(month))
        query = query.where(entries.c.cycle_number.in_(of_month))
    if category is not None:
        query = query.where(entries.c.category == category)
    if task_number is not None:
        # No index holds entries by their task: they are few among those between its first and its last.
        of_task = (tasks.c.case_id == case_id) & (tasks.c.number == task_number)
        first = select(tasks.c.first_entry).where(of_task).scalar_subquery()
        last = select(func.coalesce(tasks.c.last_entry, tasks.c.first_entry)).where(of_task).scalar_subquery()
        query = query.where(entries.c.task_number == task_number, entries.c.sequence.between(first, last))
    return query


async def find_entry(connection: AsyncConnection, case_id: int, sequence: int) -> LedgerEntry | None:
    query = _SELECT.where(entries.c.case_id == case_id, entries.c.sequence == sequence)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _entry(row)


async def page_of_entries(
    connection: AsyncConnection,
    case_id: int,
    *,
    kinds: Sequence[EntryKind] | None = None,
    month: Month | None = None,
    task_number: int | None = None,
    category: UsageCategory | None = None,
    after: int | None,
    limit: int,
) -> list[LedgerEntry]:
    """Newest first, before the sequence given. A month goes by the stored cycle, never by time (C4)."""
    query = _filtered(_SELECT, case_id, kinds, month, task_number, category)
    query = query.order_by(entries.c.sequence.desc()).limit(limit)
    if after is not None:
        query = query.where(entries.c.sequence < after)
    return [_entry(row) for row in await connection.execute(query)]


async def count_entries(
    connection: AsyncConnection,
    case_id: int,
    *,
    kinds: Sequence[EntryKind] | None = None,
    month: Month | None = None,
    task_number: int | None = None,
    category: UsageCategory | None = None,
) -> int:
    """How many entries there are; of a whole case, `Case.entries` says it without counting."""
    query = _filtered(select(func.count()).select_from(entries), case_id, kinds, month, task_number, category)
    return int((await connection.execute(query)).scalar_one())

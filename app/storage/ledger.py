"""Reading the ledger; writing it is the business of the functions alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.storage.cycles import first_day
from app.storage.tables import callers, cycles, ledger_entries as entries

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


def _filtered(query: Select[Any], case_id: int, kinds: Sequence[EntryKind] | None, month: Month | None) -> Select[Any]:
    query = query.where(entries.c.case_id == case_id)
    if kinds is not None:
        query = query.where(entries.c.kind.in_(kinds))
    if month is not None:
        of_month = select(cycles.c.number).where(cycles.c.case_id == case_id, cycles.c.month == first_day(month))
        query = query.where(entries.c.cycle_number.in_(of_month))
    return query


async def find_entry(connection: AsyncConnection, case_id: int, sequence: int) -> LedgerEntry | None:
    query = _SELECT.where(entries.c.case_id == case_id, entries.c.sequence == sequence)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _entry(row)


async def page_of_entries(
    connection: AsyncConnection,
    case_id: int,
    *,
    kinds: Sequence[EntryKind] | None,
    month: Month | None,
    after: int | None,
    limit: int,
) -> list[LedgerEntry]:
    """Newest first, before the sequence given. A month goes by the stored cycle, never by time (C4)."""
    query = _filtered(_SELECT, case_id, kinds, month).order_by(entries.c.sequence.desc()).limit(limit)
    if after is not None:
        query = query.where(entries.c.sequence < after)
    return [_entry(row) for row in await connection.execute(query)]


async def count_entries(
    connection: AsyncConnection, case_id: int, *, kinds: Sequence[EntryKind] | None, month: Month | None
) -> int:
    query = _filtered(select(func.count()).select_from(entries), case_id, kinds, month)
    return int((await connection.execute(query)).scalar_one())

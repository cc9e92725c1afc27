"""Reading the ledger; writing it is the business of the functions alone."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select

from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.rates import UsageCategory
from app.storage.cycles import first_day
from app.storage.reads import Reader
from app.storage.tables import callers, cycles, ledger_entries as entries, tasks

SELECT_ENTRIES = select(entries, callers.c.name.label("actor")).join_from(
    entries, callers, entries.c.caller_id == callers.c.caller_id
)


def entry_of(row: Any) -> LedgerEntry:
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
    query: Select[Any], kinds: Sequence[EntryKind] | None, category: UsageCategory | None, given: frozenset[str]
) -> Select[Any]:
    """given: what else the entries are chosen by. Takes the case as `of_case`, and values of these names."""
    of_case: BindParameter[int] = bindparam("of_case")
    query = query.where(entries.c.case_id == of_case)
    if kinds is not None:
        query = query.where(or_(False, *(entries.c.kind == kind for kind in kinds)))
    if "month" in given:
        of_month = select(cycles.c.number).where(cycles.c.case_id == of_case, cycles.c.month == bindparam("month"))
        query = query.where(entries.c.cycle_number.in_(of_month))
    if category is not None:
        query = query.where(entries.c.category == category)
    if "overage" in given:
        query = query.where(entries.c.overage_change > bindparam("overage"))
    if "task" in given:
        # No index holds entries by their task: they are few among those between its first and its last.
        task: BindParameter[int] = bindparam("task")
        of_task = (tasks.c.case_id == of_case) & (tasks.c.number == task)
        first = select(tasks.c.first_entry).where(of_task).scalar_subquery()
        last = select(func.coalesce(tasks.c.last_entry, tasks.c.first_entry)).where(of_task).scalar_subquery()
        query = query.where(entries.c.task_number == task, entries.c.sequence.between(first, last))
    if "after" in given:
        query = query.where(entries.c.sequence < bindparam("after"))
    return query


def _asked(case_id: int, month: Month | None, task_number: int | None, after: int | None = None) -> dict[str, Any]:
    values = {"month": month and first_day(month), "task": task_number, "after": after}
    return {"of_case": case_id, **{name: value for name, value in values.items() if value is not None}}


@lru_cache(maxsize=256)
def _page(kinds: tuple[EntryKind, ...] | None, category: UsageCategory | None, given: frozenset[str]) -> Select[Any]:
    query = _filtered(SELECT_ENTRIES, kinds, category, given)
    return query.order_by(entries.c.sequence.desc()).limit(bindparam("most"))


@lru_cache(maxsize=256)
def _count(kinds: tuple[EntryKind, ...] | None, category: UsageCategory | None, given: frozenset[str]) -> Select[Any]:
    return _filtered(select(func.count()).select_from(entries), kinds, category, given)


_ONE = SELECT_ENTRIES.where(entries.c.case_id == bindparam("of_case"), entries.c.sequence == bindparam("wanted"))


async def find_entry(connection: Reader, case_id: int, sequence: int) -> LedgerEntry | None:
    row = (await connection.execute(_ONE, {"of_case": case_id, "wanted": sequence})).one_or_none()
    return None if row is None else entry_of(row)


async def page_of_entries(
    connection: Reader,
    case_id: int,
    *,
    kinds: Sequence[EntryKind] | None = None,
    month: Month | None = None,
    task_number: int | None = None,
    category: UsageCategory | None = None,
    overage: bool = False,
    after: int | None,
    limit: int,
) -> list[LedgerEntry]:
    """Newest first, before the sequence given. A month goes by the stored cycle, never by time (C4).

    overage: only entries that settled some.
    """
    asked = _asked(case_id, month, task_number, after)
    if overage:
        asked["overage"] = 0
    query = _page(None if kinds is None else tuple(kinds), category, frozenset(asked))
    return [entry_of(row) for row in await connection.execute(query, {**asked, "most": limit})]


_AFTER = (
    SELECT_ENTRIES.where(entries.c.case_id == bindparam("of_case"), entries.c.sequence > bindparam("after"))
    .order_by(entries.c.sequence)
    .limit(bindparam("most"))
)


async def entries_after(connection: Reader, case_id: int, sequence: int, *, limit: int) -> list[LedgerEntry]:
    """Oldest first, after the sequence given."""
    rows = await connection.execute(_AFTER, {"of_case": case_id, "after": sequence, "most": limit})
    return [entry_of(row) for row in rows]


async def count_entries(
    connection: Reader,
    case_id: int,
    *,
    kinds: Sequence[EntryKind] | None = None,
    month: Month | None = None,
    task_number: int | None = None,
    category: UsageCategory | None = None,
) -> int:
    """How many entries there are; of a whole case, `Case.entries` says it without counting."""
    asked = _asked(case_id, month, task_number)
    query = _count(None if kinds is None else tuple(kinds), category, frozenset(asked))
    return int((await connection.execute(query, asked)).scalar_one())

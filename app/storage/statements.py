"""What statements and receipts need beside the rows themselves: entries by task, plans of cycles, who began a task."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Integer, cast, column, func, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import EntryGroup
from app.domain.plans import PlanTier
from app.domain.tasks import Task
from app.storage.tables import callers, cycles, ledger_entries as entries, tasks as task_table

_WANTED = ("number", "first", "last")


async def entries_of_tasks(
    connection: AsyncConnection, case_id: int, tasks: Sequence[Task]
) -> dict[int, list[EntryGroup]]:
    """The entries of each task by its number, grouped by kind, category and whether they are for documents.

    Those between the task's first entry and its last, both included: what was written since the task was read is not
    among them. One statement, however many tasks.
    """
    groups: dict[int, list[EntryGroup]] = {task.number: [] for task in tasks}
    ranges = [
        (task.number, task.first_entry, task.last_entry or task.first_entry)
        for task in tasks
        if task.first_entry is not None
    ]
    if not ranges:
        return groups
    wanted = values(*(column(name, BigInteger) for name in _WANTED), name="wanted").data(ranges)
    for_documents = entries.c.documents.is_not(None)
    query = (
        select(
            entries.c.task_number,
            entries.c.kind,
            entries.c.category,
            cast(func.sum(entries.c.documents), BigInteger).label("documents"),
            cast(func.sum(func.abs(entries.c.held_change + entries.c.provisional_change)), BigInteger).label("tokens"),
            func.min(entries.c.sequence).label("first"),
            func.max(entries.c.sequence).label("last"),
            cast(func.count(), Integer).label("entries"),
        )
        .join_from(wanted, entries, entries.c.task_number == wanted.c.number)
        .where(entries.c.case_id == case_id, entries.c.sequence.between(wanted.c.first, wanted.c.last))
        .group_by(entries.c.task_number, entries.c.kind, entries.c.category, for_documents)
        .order_by(func.min(entries.c.sequence))
    )
    for row in await connection.execute(query):
        group = EntryGroup(row.kind, row.category, row.documents, row.tokens, row.first, row.last, row.entries)
        groups[row.task_number].append(group)
    return groups


async def tiers_of_cycles(connection: AsyncConnection, case_id: int, numbers: Sequence[int]) -> dict[int, PlanTier]:
    """The plans of some cycles by their numbers."""
    query = select(cycles.c.number, cycles.c.tier).where(cycles.c.case_id == case_id, cycles.c.number.in_(numbers))
    return {row.number: row.tier for row in await connection.execute(query)}


async def creator_of_task(connection: AsyncConnection, case_id: int, number: int) -> str:
    """The caller that created a task which exists, by name."""
    query = (
        select(callers.c.name)
        .join_from(task_table, callers, task_table.c.caller_id == callers.c.caller_id)
        .where(task_table.c.case_id == case_id, task_table.c.number == number)
    )
    return str((await connection.execute(query)).scalar_one())

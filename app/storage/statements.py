"""What statements and receipts need beside the rows themselves: entries by task, plans of cycles, who began a task."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, cast, column, func, select, true

from app.domain.ledger import EntryGroup
from app.domain.plans import PlanTier
from app.domain.tasks import Task
from app.storage.reads import Reader
from app.storage.tables import callers, cycles, ledger_entries as entries, tasks as task_table

_wanted = (
    func.unnest(*(bindparam(name, type_=ARRAY(BigInteger)) for name in ("numbers", "firsts", "lasts")))
    .table_valued(column("number", BigInteger), column("first", BigInteger), column("last", BigInteger))
    .render_derived(name="wanted")
)
# Lateral, so that of each task its own stretch of the ledger is read: by a join, the planner may choose to read it all.
_grouped = (
    select(
        entries.c.kind,
        entries.c.category,
        cast(func.sum(entries.c.documents), BigInteger).label("documents"),
        cast(func.sum(func.abs(entries.c.held_change + entries.c.provisional_change)), BigInteger).label("tokens"),
        cast(func.sum(entries.c.provisional_change), BigInteger).label("provisional"),
        func.min(entries.c.sequence).label("first"),
        func.max(entries.c.sequence).label("last"),
        func.count().label("entries"),
    )
    .where(entries.c.case_id == bindparam("case_id", type_=BigInteger))
    .where(entries.c.sequence.between(_wanted.c.first, _wanted.c.last))
    .where(entries.c.task_number == _wanted.c.number)
    .group_by(entries.c.kind, entries.c.category, entries.c.documents.is_not(None))
    .lateral("grouped")
)
_GROUPS = select(_wanted.c.number, _grouped).join_from(_wanted, _grouped, true()).order_by(_grouped.c.first)


async def entries_of_tasks(connection: Reader, case_id: int, tasks: Sequence[Task]) -> dict[int, list[EntryGroup]]:
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
    numbers, firsts, lasts = map(list, zip(*ranges, strict=True))
    asked = {"case_id": case_id, "numbers": numbers, "firsts": firsts, "lasts": lasts}
    for row in await connection.execute(_GROUPS, asked):
        group = EntryGroup(
            row.kind, row.category, row.documents, row.tokens, row.provisional, row.first, row.last, row.entries
        )
        groups[row.number].append(group)
    return groups


_TIERS = select(cycles.c.number, cycles.c.tier).where(
    cycles.c.case_id == bindparam("of_case"), cycles.c.number == any_(bindparam("numbers", type_=ARRAY(BigInteger)))
)


async def tiers_of_cycles(connection: Reader, case_id: int, numbers: Sequence[int]) -> dict[int, PlanTier]:
    """The plans of some cycles by their numbers."""
    rows = await connection.execute(_TIERS, {"of_case": case_id, "numbers": list(numbers)})
    return {row.number: row.tier for row in rows}


_CREATOR = (
    select(callers.c.name)
    .join_from(task_table, callers, task_table.c.caller_id == callers.c.caller_id)
    .where(task_table.c.case_id == bindparam("of_case"), task_table.c.number == bindparam("wanted"))
)


async def creator_of_task(connection: Reader, case_id: int, number: int) -> str:
    """The caller that created a task which exists, by name."""
    return str((await connection.execute(_CREATOR, {"of_case": case_id, "wanted": number})).scalar_one())

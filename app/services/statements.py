"""The statement of a case: its ledger by page, every entry with what it takes to tell it (L1, C4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.plans import PlanTier
from app.domain.rates import UsageCategory
from app.domain.tasks import Task
from app.services.paging import DEFAULT_PAGE
from app.services.ports import Ports
from app.storage import cases, cycles, ledger, tasks as stored_tasks
from app.storage.reads import Reader
from app.storage.statements import tiers_of_cycles

FILLS = (EntryKind.ACTIVATION_FILL, EntryKind.REACTIVATION_FILL, EntryKind.UPGRADE_FILL)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries are asked for; None: all. before: only those with smaller numbers. overage: those with some."""

    kinds: Sequence[EntryKind] | None = None
    month: Month | None = None
    task_number: int | None = None
    category: UsageCategory | None = None
    before: int | None = None
    overage: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """What entries are told with: their tasks by number, the plans of their cycles by cycle number, for fills."""

    tasks: Mapping[int, Task]
    tiers: Mapping[int, PlanTier]


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of entries, newest first. months: the one before and after that asked for, or None and the latest."""

    case: Case
    as_of: datetime
    entries: Sequence[LedgerEntry]
    has_more: bool
    telling: Telling
    task: Task | None
    months: tuple[Month | None, Month | None]


async def find_statement(ports: Ports, viewer: Viewer, uuid: UUID, selection: Selection) -> Statement | None:
    """None: the case does not exist, or not for this viewer (A2). A task that does not exist has no entries."""
    async with ports.database.snapshot() as connection:
        case = await cases.find_case(connection, uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        case_id, month = case.terms.case_id, selection.month
        rows = await ledger.page_of_entries(
            connection,
            case_id,
            kinds=selection.kinds,
            month=month,
            task_number=selection.task_number,
            category=selection.category,
            overage=selection.overage,
            after=selection.before,
            limit=DEFAULT_PAGE + 1,
        )
        entries = rows[:DEFAULT_PAGE]
        number = selection.task_number
        telling = await telling_of(connection, case_id, entries, also=() if number is None else (number,))
        return Statement(
            case=case,
            as_of=case.now(ports.clock()),
            entries=entries,
            has_more=len(rows) > DEFAULT_PAGE,
            telling=telling,
            task=None if number is None else telling.tasks.get(number),
            months=(
                (None, await cycles.latest_month(connection, case_id))
                if month is None
                else await cycles.neighbours(connection, case_id, month)
            ),
        )


async def telling_of(
    connection: Reader,
    case_id: int,
    entries: Iterable[LedgerEntry],
    *,
    also: Iterable[int] = (),
    known: Iterable[Task] = (),
) -> Telling:
    """What the entries are told with, and the tasks of the numbers given besides; known ones are not read again."""
    entries = list(entries)
    numbers = {entry.task_number for entry in entries if entry.task_number is not None}.union(also)
    tasks = {task.number: task for task in known if task.number in numbers}
    if unknown := sorted(numbers - tasks.keys()):
        tasks |= await stored_tasks.tasks_by_number(connection, case_id, unknown)
    filled = {entry.cycle_number for entry in entries if entry.kind in FILLS}
    return Telling(
        tasks=tasks,
        tiers=await tiers_of_cycles(connection, case_id, sorted(filled)) if filled else {},
    )

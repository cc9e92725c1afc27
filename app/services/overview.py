"""Everything that the Usage page of a case shows, out of one snapshot: figures that are seen together fit together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus
from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.months import UsageMonth
from app.domain.receipts import Receipt
from app.domain.tasks import RunningTasks, Task
from app.services.ports import Ports
from app.services.receipts import receipts_of
from app.services.statements import Telling, telling_of
from app.services.usage import month_of
from app.storage import cases, ledger, tasks
from app.storage.reads import Reader

RUNNING_SHOWN = 5
FINISHED_SHOWN = 5
ENTRIES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Overview:
    """month is None for a case that was never activated, and where the month asked for holds no cycle.

    latest: the latest month, whichever is shown, where overage or a deactivation is to be told. cleared: the entry of a
    deactivation, if it took any tokens.
    """

    case: Case
    as_of: datetime
    month: UsageMonth | None
    latest: UsageMonth | None
    in_progress: RunningTasks
    running: Sequence[Task]
    finished: Sequence[Receipt]
    entries: Sequence[LedgerEntry]
    telling: Telling
    cleared: LedgerEntry | None


async def find_overview(ports: Ports, viewer: Viewer, uuid: UUID, month: Month | None) -> Overview | None:
    """Of the month, or of the latest one. None: the case does not exist, or not for this viewer (A2)."""
    async with ports.database.snapshot() as connection:
        case = await cases.find_case(connection, uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        case_id = case.terms.case_id
        usage = await month_of(connection, case_id, month)
        running = await tasks.page_of_tasks(connection, case_id, running=True, after=None, limit=RUNNING_SHOWN)
        finished = await tasks.page_of_tasks(connection, case_id, running=False, after=None, limit=FINISHED_SHOWN)
        entries = await ledger.page_of_entries(connection, case_id, after=None, limit=ENTRIES_SHOWN)
        return Overview(
            case=case,
            as_of=case.now(ports.clock()),
            month=usage,
            latest=await _latest(connection, case, usage),
            in_progress=await tasks.running_tasks(connection, case_id),
            running=running,
            finished=await receipts_of(connection, case_id, finished),
            entries=entries,
            telling=await telling_of(connection, case_id, entries, known=[*running, *finished]),
            cleared=await _cleared(connection, case),
        )


async def _latest(connection: Reader, case: Case, shown: UsageMonth | None) -> UsageMonth | None:
    told = case.terms.overage_enabled or case.terms.status is CaseStatus.DEACTIVATED
    if shown is None or shown.next is None or not told:
        return shown
    return await month_of(connection, case.terms.case_id, None)


async def _cleared(connection: Reader, case: Case) -> LedgerEntry | None:
    if case.terms.status is not CaseStatus.DEACTIVATED:
        return None
    kinds = [EntryKind.DEACTIVATION_CLEAR]
    found = await ledger.page_of_entries(connection, case.terms.case_id, kinds=kinds, after=None, limit=1)
    return found[0] if found else None

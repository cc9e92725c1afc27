"""The tasks of a case for its people: those that run, those that ended with their receipts, and one of them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.receipts import Receipt
from app.domain.tasks import Task, TaskStatus
from app.services.paging import DEFAULT_PAGE
from app.services.ports import Ports
from app.services.receipts import receipts_of
from app.storage import cases, tasks as stored
from app.storage.reads import Reader
from app.storage.statements import creator_of_task

MOST_RUNNING_ABOVE = 10
"""Running tasks shown before those that ended; the list of running tasks has them all."""


@dataclass(frozen=True, slots=True)
class TaskList:
    """One page, newest first. more_running: not all running tasks are on it; has_more: older ones follow."""

    case: Case
    as_of: datetime
    running: Sequence[Task]
    finished: Sequence[Receipt]
    more_running: bool
    has_more: bool


@dataclass(frozen=True, slots=True)
class TaskFound:
    """A task with all there is to know of it; creator is the name of the caller who created it."""

    case: Case
    as_of: datetime
    receipt: Receipt
    creator: str


async def find_tasks(
    ports: Ports, viewer: Viewer, uuid: UUID, *, status: TaskStatus | None, before: int | None
) -> TaskList | None:
    """Tasks of one status, or of all: then the running ones come first, on the first page only.

    None: the case does not exist, or not for this viewer (A2).
    """
    async with ports.database.snapshot() as connection:
        case = await _visible_case(connection, viewer, uuid)
        if case is None:
            return None
        case_id = case.terms.case_id
        running: Sequence[Task] = []
        more_running = False
        if status is None and before is None:
            running = await stored.page_of_tasks(
                connection, case_id, running=True, after=None, limit=MOST_RUNNING_ABOVE + 1
            )
            more_running, running = len(running) > MOST_RUNNING_ABOVE, running[:MOST_RUNNING_ABOVE]
        room = DEFAULT_PAGE - len(running)
        only_ended = False if status is None else None
        rows = await stored.page_of_tasks(
            connection, case_id, status=status, running=only_ended, after=before, limit=room + 1
        )
        shown = rows[:room]
        if status is TaskStatus.RUNNING:
            running, shown = shown, []
        finished = await receipts_of(connection, case_id, shown)
        return TaskList(case, case.now(ports.clock()), running, finished, more_running, len(rows) > room)


async def find_task(ports: Ports, viewer: Viewer, uuid: UUID, number: int) -> TaskFound | None:
    """None: the case or the task does not exist, or not for this viewer (A2)."""
    async with ports.database.snapshot() as connection:
        case = await _visible_case(connection, viewer, uuid)
        if case is None:
            return None
        case_id = case.terms.case_id
        found = await stored.tasks_by_number(connection, case_id, [number])
        if number not in found:
            return None
        (receipt,) = await receipts_of(connection, case_id, [found[number]])
        return TaskFound(case, case.now(ports.clock()), receipt, await creator_of_task(connection, case_id, number))


async def _visible_case(connection: Reader, viewer: Viewer, uuid: UUID) -> Case | None:
    case = await cases.find_case(connection, uuid)
    return case if case is not None and viewer.sees(case.organization.organization_id) else None

"""Refund receipts of tasks, each as of the moment that its task was read (T3)."""

from collections.abc import Sequence

from app.domain.cases import Case
from app.domain.receipts import Receipt, receipt
from app.domain.tasks import Task
from app.services.ports import Ports
from app.storage import statements as stored
from app.storage.reads import Reader


async def find_receipt(ports: Ports, case: Case, task: Task) -> Receipt:
    """The receipt of a task of the case; of a running one, what it is so far."""
    async with ports.database.reading() as connection:
        return (await receipts_of(connection, case.terms.case_id, [task]))[0]


async def receipts_of(connection: Reader, case_id: int, tasks: Sequence[Task]) -> list[Receipt]:
    """One for each of the tasks, in their order, out of one statement.

    Only entries up to a task's last one are read: what came in since the task was read belongs to a later receipt.
    """
    groups = await stored.entries_of_tasks(connection, case_id, tasks)
    return [receipt(task, groups[task.number]) for task in tasks]

"""A process of its own that reports a task of many documents, and says how much memory it needed at most.

Arguments: database address, number of the caller, uuid of the case, number of documents, documents in a call. Writes
the peak in KiB after a tenth of the calls and after all, and the seconds that all took.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import tasks
from app.services.ports import Ports
from app.storage.database import Database


def peak() -> int:
    """From the kernel's own page of this program; getrusage would count what the parent had before it became this."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


async def run(url: str, caller: int, case: UUID, documents: int, in_a_call: int) -> tuple[int, int, float]:
    """Creates the task, reports every document as an image and every tenth as failed, and ends it."""
    ports = Ports(Database(url), lambda: datetime.now(UTC))
    await ports.database.open()
    viewer = Viewer(caller, "reporter", Role.OPERATOR, None)
    request = TaskRequest(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, documents)
    task = await tasks.create_task(ports, viewer, key="create", case_uuid=case, task=request)
    assert isinstance(task, Task)
    began, early = time.monotonic(), 0
    for first in range(0, documents, in_a_call):
        names = [f"document {number:09}" for number in range(first, first + in_a_call)]
        outcomes = [
            OutcomeGroup(DocumentStatus.FAILED, None, names[::10]),
            OutcomeGroup(DocumentStatus.SUCCEEDED, ScanMode.IMAGE, [name for i, name in enumerate(names) if i % 10]),
        ]
        result = await tasks.record_outcomes(
            ports, viewer, key=f"report {first}", case_uuid=case, number=task.number, outcomes=outcomes
        )
        assert isinstance(result, Task), result
        if not early and first + in_a_call >= documents // 10:
            early = peak()
    seconds = time.monotonic() - began
    ended = await tasks.finish_task(
        ports, viewer, key="finish", case_uuid=case, number=task.number, end=TaskEnd.COMPLETED
    )
    assert isinstance(ended, Task)
    assert (ended.succeeded, ended.failed, ended.charged) == (documents * 9 // 10, documents // 10, documents * 9 // 2)
    await ports.database.close()
    return early, peak(), seconds


if __name__ == "__main__":
    url, caller, case, documents, in_a_call = sys.argv[1:]
    json.dump(asyncio.run(run(url, int(caller), UUID(case), int(documents), int(in_a_call))), sys.stdout)

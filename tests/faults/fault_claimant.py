"""A process of its own that claims tokens: started by a test, it says "ready", waits for a line, and goes.

Arguments: database address, number of the caller, uuid of the case, first key, number of keys. Writes what it got.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskRequest
from app.services import tasks
from app.services.ports import Ports
from app.storage.database import Database

WORK = TaskRequest(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, 50)


async def claim(url: str, caller: int, case: UUID, keys: range) -> list[str]:
    """Asks for every key at once; a number of a task, or the name of a refusal, for each."""
    ports = Ports(Database(url), lambda: datetime.now(UTC))
    await ports.database.open()
    viewer = Viewer(caller, "claimant", Role.OPERATOR, None)
    await ports.terms(case, viewer)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    results = await asyncio.gather(
        *(tasks.create_task(ports, viewer, key=f"key {key}", case_uuid=case, task=WORK) for key in keys)
    )
    await ports.database.close()
    return [str(result.number) if isinstance(result, Task) else type(result).__name__ for result in results]


if __name__ == "__main__":
    url, caller, case, first, count = sys.argv[1:]
    keys = range(int(first), int(first) + int(count))
    json.dump(asyncio.run(claim(url, int(caller), UUID(case), keys)), sys.stdout)

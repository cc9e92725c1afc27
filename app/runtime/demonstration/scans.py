"""What is scanned in the present of the demonstration: a folder by the example client, and four exhibits."""

import asyncio
import importlib.util
from contextlib import suppress
from pathlib import Path

from app.domain.callers import Viewer
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.runtime.demonstration.cases import FIRST
from app.services import cases, tasks
from app.services.ports import Ports
from examples.bulk_scan import WouldNotRun, scan
from examples.claira_api import Api

SCANNED_PACKAGE = "alembic"
"""The folder of files that the example client scans: a package that every installation holds."""

_SCAN = "Installation files"
_LOOKED_AT = 100
"""Tasks, the latest."""


async def scan_once(ports: Ports, viewer: Viewer, graphql: str, key: str) -> None:
    """Lets the example client scan a folder on the first case over HTTP, unless it has done so lately.

    It finds its own task again, so that it never does so twice; only looking takes less time.
    """
    case = await cases.find_case(ports, viewer, FIRST.uuid)
    assert case is not None
    latest = await tasks.page_of_tasks(ports, case, status=None, after=None, size=_LOOKED_AT)
    if not any(task.name == _SCAN for task in latest.rows):
        with suppress(WouldNotRun):  # whoever tried things out has used the tokens up
            await asyncio.to_thread(_scan, graphql, key, str(case.terms.uuid))


async def scan_exhibits(ports: Ports, viewer: Viewer) -> None:
    """A cancelled task of four documents on the first case, small enough to follow each token of its receipt.

    It reserves 80 tokens, charges 1 for a text and 5 for an image, and gives 74 back (T3). Done once: its keys repeat.
    """
    uuid = FIRST.uuid
    exhibits = TaskRequest(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, documents=4)
    task = await tasks.create_task(
        ports, viewer, key="exhibits", case_uuid=uuid, task=exhibits, name="Exhibits 41 to 44"
    )
    if not isinstance(task, Task):
        return  # whoever tried things out has used the tokens up
    outcomes = [
        OutcomeGroup(DocumentStatus.SUCCEEDED, ScanMode.TEXT, ["Exhibit 41"]),
        OutcomeGroup(DocumentStatus.SUCCEEDED, ScanMode.IMAGE, ["Exhibit 42"]),
        OutcomeGroup(DocumentStatus.FAILED, None, ["Exhibit 43"]),
    ]
    await tasks.record_outcomes(ports, viewer, key="exhibits", case_uuid=uuid, number=task.number, outcomes=outcomes)
    await tasks.finish_task(ports, viewer, key="exhibits", case_uuid=uuid, number=task.number, end=TaskEnd.CANCELLED)


def _scan(graphql: str, key: str, case: str) -> None:
    found = importlib.util.find_spec(SCANNED_PACKAGE)
    assert found is not None
    assert found.origin is not None
    with Api(graphql, key, say=lambda _: None) as api:
        scan(Path(found.origin).parent, api, case=case, name=_SCAN)

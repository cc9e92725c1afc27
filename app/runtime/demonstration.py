"""The demonstration that `make run` shows: cases on every plan, and a real scan by the example client."""

import asyncio
import importlib.util
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, CaseStatus, PaymentMethod
from app.domain.languages import Language
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Refusal
from app.domain.sessions import LinkRefusal
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import cases, keys, sessions, subscriptions, tasks
from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable
from examples.bulk_scan import scan
from examples.claira_api import Api

CALLER = "Demonstration"
SCANNED_PACKAGE = "alembic"
"""The folder of files that the example client scans: a package that every installation holds."""


@dataclass(frozen=True, slots=True)
class DemonstrationCase:
    uuid: UUID
    name: str
    tier: PlanTier | None


CASES: Sequence[DemonstrationCase] = (
    DemonstrationCase(UUID("6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a01"), "Okafor v. Saint-Laurent Shipping", PlanTier.PRO),
    DemonstrationCase(UUID("6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a02"), "Tremblay c. Énergie Boréale", PlanTier.BUSINESS),
    DemonstrationCase(UUID("6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a03"), "In re Harrow Pension Plan", PlanTier.STARTER),
    DemonstrationCase(UUID("6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a04"), "Castellan Foods Recall", PlanTier.ENTERPRISE),
    DemonstrationCase(UUID("6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a05"), "Lindqvist v. Aurora Mining", None),
)


async def new_operator_key(ports: Ports) -> str:
    """The key of this run; the one of the run before is revoked."""
    return await keys.create_key(
        ports,
        name=CALLER,
        role=Role.OPERATOR,
        organization_id=None,
        secret=lambda: secrets.token_urlsafe(32),
        revoke_others=True,
    )


async def load_cases(ports: Ports, viewer: Viewer) -> None:
    """Registers and activates the cases; a case that stands is left as it is."""
    for wanted in CASES:
        case = await cases.find_case(ports, viewer, wanted.uuid)
        if case is None:
            case = _done(
                await cases.register_case(
                    ports,
                    viewer,
                    key=f"demonstration-{wanted.uuid}",
                    uuid=wanted.uuid,
                    name=wanted.name,
                    organization_nuix_id="1001",
                    organization_name="Marchand & Lowe LLP",
                    portal_url="https://discover.example.com",
                )
            )
        if wanted.tier is not None and case.terms.status is CaseStatus.NOT_ACTIVATED:
            _done(
                await subscriptions.activate_case(
                    ports,
                    viewer,
                    key="demonstration",
                    case_uuid=wanted.uuid,
                    tier=wanted.tier,
                    payment_method=PaymentMethod.CARD,
                )
            )


async def scan_once(ports: Ports, viewer: Viewer, graphql: str, key: str) -> None:
    """Lets the example client scan a folder on the first case over HTTP, unless that case has had a task."""
    case = await cases.find_case(ports, viewer, CASES[0].uuid)
    if case is None or await tasks.count_tasks(ports, case, status=None):
        return
    await asyncio.to_thread(_scan, graphql, key, str(case.terms.uuid))


@asynccontextmanager
async def panel_link(ports: Ports) -> AsyncIterator[str]:
    """The token of a link into the first case as its admin, which works any number of times while the block runs."""
    token = await sessions.make_link(
        ports,
        case_uuid=CASES[0].uuid,
        user=CALLER,
        role=Role.CASE_ADMIN,
        language=Language.EN,
        secret=lambda: secrets.token_urlsafe(32),
        life=None,
    )
    assert not isinstance(token, LinkRefusal), token
    try:
        yield token
    finally:
        with suppress(DatabaseUnavailable):  # after a kill, too, the next run drops it
            await sessions.drop_reusable_links(ports)


async def scan_exhibits(ports: Ports, viewer: Viewer) -> None:
    """A cancelled task of four documents on the first case, small enough to follow each token of its receipt.

    It reserves 80 tokens, charges 1 for a text and 5 for an image, and gives 74 back (T3). Done once: its keys repeat.
    """
    uuid = CASES[0].uuid
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
        scan(Path(found.origin).parent, api, case=case, name="Installation files")


def _done(result: Case | Refusal) -> Case:
    assert isinstance(result, Case), f"the demonstration was refused: {result}"
    return result

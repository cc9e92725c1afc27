"""Time, callers, cases and tasks, set up for a test in one line."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Refusal
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import cases, subscriptions, tasks
from app.services.keys import authenticate, create_key
from app.services.ports import Ports
from app.storage.database import Database


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def opened(url: str, clock: Callable[[], datetime]) -> AsyncIterator[Ports]:
    ports = Ports(Database(url), clock)
    await ports.database.open()
    try:
        yield ports
    finally:
        await ports.database.close()


async def new_viewer(
    ports: Ports, role: Role = Role.OPERATOR, organization_id: int | None = None
) -> tuple[Viewer, str]:
    """A caller of its own, with its key."""
    key = await create_key(
        ports, name=f"caller {uuid4()}", role=role, organization_id=organization_id, secret=lambda: uuid4().hex
    )
    viewer = await authenticate(ports, key)
    assert viewer is not None
    return viewer, key


async def registered_case(ports: Ports, operator: Viewer, *, organization: str = "1") -> Case:
    """A new case of an organization of the test portal."""
    case = await cases.register_case(
        ports,
        operator,
        key=str(uuid4()),
        uuid=uuid4(),
        name="Roe v. Doe",
        organization_nuix_id=organization,
        organization_name=f"Organization {organization}",
        portal_url="https://portal.example.com",
    )
    assert isinstance(case, Case)
    return case


async def active_case(
    ports: Ports, operator: Viewer, tier: PlanTier = PlanTier.PRO, *, overage: bool = False, organization: str = "1"
) -> Case:
    """A new case on a plan, its tank full."""
    case = await registered_case(ports, operator, organization=organization)
    activated = await subscriptions.activate_case(
        ports, operator, key="activate", case_uuid=case.terms.uuid, tier=tier, payment_method=PaymentMethod.CARD
    )
    assert isinstance(activated, Case)
    if overage:
        await cases.update_case_settings(
            ports, operator, key="overage", case_uuid=case.terms.uuid, overage_enabled=True, auto_upgrade_allowed=None
        )
    return await reread(ports, operator, activated)


async def reread(ports: Ports, viewer: Viewer, case: Case) -> Case:
    """The case as it stands now."""
    found = await cases.find_case(ports, viewer, case.terms.uuid)
    assert found is not None
    return found


def bulk(mode: ScanMode = ScanMode.TEXT, documents: int = 1) -> TaskRequest:
    return TaskRequest(TaskKind.SCAN, TaskScope.BULK, mode, documents)


async def create(
    ports: Ports, viewer: Viewer, case: Case, task: TaskRequest, *, key: str | None = None
) -> Task | Refusal:
    return await tasks.create_task(
        ports, viewer, key=key or str(uuid4()), case_uuid=case.terms.uuid, task=task, name=None
    )


async def created(ports: Ports, viewer: Viewer, case: Case, task: TaskRequest) -> Task:
    """A task that must be allowed."""
    result = await create(ports, viewer, case, task)
    assert isinstance(result, Task), result
    return result


def succeeded(documents: Sequence[str], mode: ScanMode | None = None) -> OutcomeGroup:
    return OutcomeGroup(DocumentStatus.SUCCEEDED, mode, documents)


def failed(documents: Sequence[str]) -> OutcomeGroup:
    return OutcomeGroup(DocumentStatus.FAILED, None, documents)


def skipped(documents: Sequence[str]) -> OutcomeGroup:
    return OutcomeGroup(DocumentStatus.SKIPPED, None, documents)


def named(count: int, start: int = 0) -> list[str]:
    """Ids of documents."""
    return [f"doc-{number:06d}" for number in range(start, start + count)]


async def report(
    ports: Ports, viewer: Viewer, task: Task, *groups: OutcomeGroup, key: str | None = None
) -> Task | Refusal:
    return await tasks.record_outcomes(
        ports, viewer, key=key or str(uuid4()), case_uuid=task.case_uuid, number=task.number, outcomes=groups
    )


async def finish(
    ports: Ports, viewer: Viewer, task: Task, end: TaskEnd = TaskEnd.COMPLETED, *, key: str | None = None
) -> Task | Refusal:
    return await tasks.finish_task(
        ports, viewer, key=key or str(uuid4()), case_uuid=task.case_uuid, number=task.number, end=end
    )


def nowhere() -> UUID:
    """The uuid of a case that does not exist."""
    return uuid4()

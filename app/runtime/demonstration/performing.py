"""Steps of the demonstration, done through the services in the time of a test clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.cases import Case
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.runtime.demonstration.cases import Lived
from app.runtime.demonstration.deeds import do
from app.runtime.demonstration.people import People
from app.runtime.demonstration.steps import Begun, Changed, Part, PlannedTask, Reported, Step
from app.services import tasks
from app.services.ports import Ports


@dataclass
class Performer:
    """Does the steps of one case, each once however often it is asked to: its keys are those of the plan."""

    ports: Ports
    case: Lived
    people: People
    _numbers: dict[int, int | None] = field(default_factory=dict)
    """Of the tasks that run, as the service counts them; None: it was refused."""

    async def perform(self, steps: Sequence[Step]) -> None:
        """One after the other."""
        for step in steps:
            await self._do(step)

    async def _do(self, step: Step) -> None:
        match step:
            case Changed(number=number, deed=deed):
                changed = await do(
                    deed, self.ports, self.people.admin, case_uuid=self._uuid, key=f"demonstration {number}"
                )
                assert isinstance(changed, Case), f"{self.case.name}: {deed} was refused: {changed}"
            case Begun(task=task):
                await self._begin(task)
            case Reported():
                await self._report(step)

    @property
    def _uuid(self) -> UUID:
        return self.case.uuid

    async def _begin(self, task: PlannedTask) -> int | None:
        """None: it was refused, as tasks are that come when tokens are short."""
        begun = await tasks.create_task(
            self.ports, self.people.scanner, key=_key(task), case_uuid=self._uuid, task=task.request, name=task.name
        )
        number = begun.number if isinstance(begun, Task) else None
        self._numbers[task.number] = number
        return number

    async def _report(self, step: Reported) -> None:
        task, part = step.task, step.part
        known = task.number in self._numbers  # not where the load goes on from where it was cut short
        number = self._numbers[task.number] if known else await self._begin(task)
        if number is None:
            return
        key = f"{_key(task)}, from document {part.first}"
        reported = await tasks.record_outcomes(
            self.ports, self.people.scanner, key=key, case_uuid=self._uuid, number=number,
            outcomes=outcomes(self.case.story.letters, task, part),
        )  # fmt: skip
        assert isinstance(reported, Task), f"{self.case.name}: {task.name} was refused: {reported}"
        if step.end is not None:
            await tasks.finish_task(
                self.ports, self.people.scanner, key=_key(task), case_uuid=self._uuid, number=number, end=step.end
            )


def outcomes(letters: str, task: PlannedTask, part: Part) -> list[OutcomeGroup]:
    """Of the documents of a part, under the numbers that productions give them."""
    first = task.number * 10_000 + part.first
    ids = iter(range(first, first + part.succeeded + part.failed + part.skipped))

    def group(status: DocumentStatus, documents: int, mode: ScanMode | None = None) -> OutcomeGroup:
        return OutcomeGroup(status, mode, [f"{letters}-{next(ids):08d}" for _ in range(documents)])

    succeeded = (
        [group(DocumentStatus.SUCCEEDED, part.succeeded)]
        if part.modes is None
        else [group(DocumentStatus.SUCCEEDED, documents, mode) for mode, documents in part.modes.items()]
    )
    return [
        *succeeded,
        group(DocumentStatus.FAILED, part.failed),
        group(DocumentStatus.SKIPPED, part.skipped),
    ]


def _key(task: PlannedTask) -> str:
    return f"demonstration {task.number}"

"""What happens in a case of the demonstration, one step after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.rates import ScanMode
from app.domain.tasks import TaskEnd, TaskRequest
from app.runtime.demonstration.deeds import Deed


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """number: of the plan, which is part of its keys. modes: of its documents, where they are to be found out."""

    number: int
    name: str
    request: TaskRequest
    modes: Sequence[float]


@dataclass(frozen=True, slots=True)
class Part:
    """How many documents of a task a report is about, from the first one on. modes None: the task's own."""

    first: int
    succeeded: int
    failed: int
    skipped: int
    modes: Mapping[ScanMode, int] | None


@dataclass(frozen=True, slots=True)
class Changed:
    """number: of the deed in its story."""

    at: datetime
    number: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class Begun:
    at: datetime
    task: PlannedTask


@dataclass(frozen=True, slots=True)
class Reported:
    """end None: the task goes on, or nobody ever ends it."""

    at: datetime
    task: PlannedTask
    part: Part
    end: TaskEnd | None


Step = Changed | Begun | Reported

"""Tasks of the demonstration, made up: what they are about, how large they are, and what becomes of their documents."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.domain.plans import Feature, Plan, PlanTier
from app.domain.rates import RESOLVED_MODES, ScanMode, TaskScope
from app.domain.tasks import TaskEnd, TaskRequest
from app.runtime.demonstration.cases import Story
from app.runtime.demonstration.steps import Part, PlannedTask, Reported
from app.runtime.demonstration.work import LAST_HOURS, Work

_SIZES = {PlanTier.STARTER: 0.3, PlanTier.PRO: 1.0, PlanTier.BUSINESS: 2.6, PlanTier.ENTERPRISE: 6.0}
"""How large tasks are, beside those of a case on Pro."""

_FEWEST = 3
"""Documents that a bulk scan is worth while for."""

_CANCELLED, _ABANDONED, _IN_TWO = 0.04, 0.008, 0.3  # shares of tasks
_CHECKED = 4
"""Times that documents are checked before they are produced."""

_MANY = 100
"""Documents that may be reported in two parts."""


@dataclass(frozen=True, slots=True)
class Report:
    """back: tokens that were set aside for the task and not charged, known once the last report is in."""

    step: Reported
    back: int


class Tasks:
    """The tasks of one case, one after the other."""

    def __init__(self, story: Story, chance: Random) -> None:
        self._story, self._chance = story, chance
        self._begun: Counter[Work] = Counter()

    def next(self, plan: Plan, room: int | None, *, hurry: float) -> PlannedTask | None:
        """room: tokens that it may reserve; None: any number. Returns None where that is too little.

        hurry: from 0 to 1, before a production.
        """
        chance = self._chance
        allowed = [work for work in self._story.work if work.fields is None or Feature.MULTI_CODE in plan.features]
        work = chance.choices(allowed, [work.often for work in allowed])[0]
        documents = 1
        if not work.single:
            usual = chance.triangular(work.least, work.most) * _SIZES[plan.tier]
            documents = max(_FEWEST, round(usual * (1 + hurry)))
        request = _request(work, documents)
        if room is not None and request.tokens > room:
            request = _request(work, room // request.price.reserve)
            if request.documents < _FEWEST:
                return None
        return self._named(work, request)

    def last(self, room: int) -> PlannedTask:
        """The one that takes it all."""
        documents = room // _request(LAST_HOURS, 1).tokens
        return self._named(LAST_HOURS, _request(LAST_HOURS, documents))

    def _named(self, work: Work, request: TaskRequest) -> PlannedTask:
        chance = self._chance
        self._begun[work] += 1
        name = chance.choice(work.names).format(
            batch=self._begun[work], person=chance.choice(self._story.people), year=chance.randrange(2016, 2025),
            production=f"{1 + self._begun[work] // _CHECKED:03d}",
        )  # fmt: skip
        return PlannedTask(self._begun.total(), name, request, work.modes)


def plan_reports(
    chance: Random, task: PlannedTask, times: Sequence[datetime], *, completed: bool = False
) -> Iterator[Report]:
    """times: when something can be reported, at least one. completed: it is not left half done."""
    kind = 1.0 if completed else chance.random()
    end: TaskEnd | None = TaskEnd.COMPLETED
    done = task.request.documents
    if task.request.scope is TaskScope.BULK and kind < _CANCELLED + _ABANDONED:
        end = TaskEnd.CANCELLED if kind < _CANCELLED else None
        done = max(1, round(done * chance.uniform(0.15, 0.7)))
    ends = [done]
    if done > _MANY and len(times) > 1 and chance.random() < _IN_TWO:
        ends.insert(0, round(done * chance.uniform(0.35, 0.75)))
    left, first = task.request.tokens, 0
    for at, until in zip(times, ends, strict=False):
        part = _part(chance, task, first, until)
        left -= _charged(task.request, part)
        last, first = until == done, until
        yield Report(Reported(at, task, part, end if last else None), left if last else 0)


def _request(work: Work, documents: int) -> TaskRequest:
    scope = TaskScope.SINGLE if work.single else TaskScope.BULK
    return TaskRequest(work.kind, scope, work.mode, documents, work.fields or 1)


def _part(chance: Random, task: PlannedTask, first: int, until: int) -> Part:
    auto, documents = task.request.mode is ScanMode.AUTO, until - first
    failed = skipped = 0
    if task.request.scope is TaskScope.BULK:
        failed = round(documents * chance.triangular(0, 0.035, 0.004))
        skipped = round(documents * chance.triangular(0, 0.05 if auto else 0.02, 0.002))
    succeeded = documents - failed - skipped
    if not auto:
        return Part(first, succeeded, failed, skipped, None)
    media = [round(succeeded * share * chance.uniform(0.6, 1.4)) for share in task.modes[1:]]
    modes = dict(zip(RESOLVED_MODES, (succeeded - sum(media), *media), strict=True))
    return Part(first, succeeded, failed, skipped, modes)


def _charged(request: TaskRequest, part: Part) -> int:
    """Tokens."""
    if part.modes is None:
        return part.succeeded * request.price.charges[0]
    return sum(part.modes[mode] * charge for mode, charge in zip(RESOLVED_MODES, request.price.charges, strict=True))

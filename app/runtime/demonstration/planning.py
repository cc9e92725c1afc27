"""The year of a case, made up from its story by a seed: the same days give the same year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from app.domain.cycles import EASTERN, eastern_date, refill_instant
from app.runtime.demonstration.cases import Lived
from app.runtime.demonstration.rhythm import activity, haste, is_working_day, working_day
from app.runtime.demonstration.steps import Begun, Changed, PlannedTask, Step
from app.runtime.demonstration.tank import Tank
from app.runtime.demonstration.task_planning import Report, Tasks, plan_reports

_FIRST, _LAST = time(9, 5), time(14, 40)
"""In New York, between which the first moment of a day lies."""

_APART = (25 * 60, 150 * 60)
"""Seconds, at least and at most, from one moment to the next."""

_THREE = 0.4
"""The share of working days that have three moments; the others have two, as moving a clock takes time."""

_QUIET = 0.25
"""How much is done in a case that is as good as over."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """declined_at: the renewal whose card is declined."""

    case: Lived
    steps: tuple[Step, ...]
    declined_at: datetime | None

    def is_declined_between(self, before: datetime, until: datetime) -> bool:
        return self.declined_at is not None and before < self.declined_at <= until


def plan_case(case: Lived, first: date, last: date) -> PlannedCase:
    """Both days included. A longer history begins like a shorter one."""
    year = _Year(case, first)
    steps = [step for number in range((last - first).days + 1) for step in year.day(first + timedelta(days=number))]
    return PlannedCase(case, tuple(steps), year.declined_at)


def moments(day: date) -> list[datetime]:
    """When things are done on a day, in all cases alike."""
    chance = Random(f"moments of {day}")  # noqa: S311 (nothing secret)
    first, last = (datetime.combine(day, wall, EASTERN) for wall in (_FIRST, _LAST))
    at = first + timedelta(seconds=chance.randrange(int((last - first).total_seconds())))
    found = [at]
    for _ in range(2 if is_working_day(day) and chance.random() < _THREE else 1):
        at += timedelta(seconds=chance.randrange(*_APART))
        found.append(at)
    return found


class _Year:
    """A case from day to day."""

    def __init__(self, case: Lived, first: date) -> None:
        self.declined_at: datetime | None = None
        self._first, self._story = first, case.story
        self._chance = Random(f"year of {case.uuid}")  # noqa: S311 (nothing secret)
        self._tank = Tank()
        self._tasks = Tasks(case.story, self._chance)
        self._productions = [self._working_day(day) for day in case.story.productions]

    def day(self, day: date) -> list[Step]:
        """What happens on it, in the order of time."""
        self._pass_night(day)
        times = moments(day)
        changes_at = self._chance.randrange(len(times) - 1)
        wanted = self._wanted(day, len(times))
        steps: list[Step] = []
        waiting: defaultdict[datetime, list[Report]] = defaultdict(list)
        for place, at in enumerate(times):
            for report in waiting[at]:
                steps.append(report.step)
                self._tank.give_back(report.back)
            if place == changes_at:
                steps += self._changes(day, at)
            if place == 0 and self._rushes(day):
                steps += self._rush(times, waiting)
            for _ in range(wanted[place]):
                steps += self._begin(day, times[place:], waiting)
        return steps

    def _pass_night(self, day: date) -> None:
        """Midnight, and then 09:00."""
        while ended_at := self._tank.renew(refill_instant(day)):
            from_ = self._story.declined_from
            if from_ is not None and self.declined_at is None and eastern_date(ended_at) >= self._day(from_):
                self.declined_at = ended_at
        self._tank.refill()

    def _changes(self, day: date, at: datetime) -> list[Step]:
        found: list[Step] = []
        for number, (planned, deed) in enumerate(self._story.deeds):
            if self._working_day(planned) == day:
                self._tank.change(deed, at)
                found.append(Changed(at, number, deed))
        return found

    def _wanted(self, day: date, times: int) -> list[int]:
        """How many tasks are begun at each moment of the day; none at the last, as all end on their day."""
        expected = self._story.pace * activity(day, self._productions)
        if self._story.quiet_from is not None and day >= self._day(self._story.quiet_from):
            expected *= _QUIET
        wanted = [0] * times
        for _ in range(int(expected + self._chance.random())):
            wanted[self._chance.randrange(times - 1)] += 1
        return wanted

    def _begin(self, day: date, times: Sequence[datetime], waiting: defaultdict[datetime, list[Report]]) -> list[Step]:
        """times: the present and the rest of the day."""
        if self._tank.plan is None:
            return []
        task = self._tasks.next(self._tank.plan, self._tank.room(), hurry=haste(day, self._productions))
        if task is None:
            return []
        return self._run(task, times, waiting, plan_reports(self._chance, task, times[1:]))

    def _rushes(self, day: date) -> bool:
        return self._story.rush is not None and self._working_day(self._story.rush) == day

    def _rush(self, times: Sequence[datetime], waiting: defaultdict[datetime, list[Report]]) -> list[Step]:
        room = self._tank.room()
        assert room is not None, "what is unlimited is never used up"
        task = self._tasks.last(room)
        return self._run(task, times, waiting, plan_reports(self._chance, task, times[1:], completed=True))

    def _run(
        self,
        task: PlannedTask,
        times: Sequence[datetime],
        waiting: defaultdict[datetime, list[Report]],
        reports: Iterable[Report],
    ) -> list[Step]:
        self._tank.take(task.request.tokens)
        for report in reports:
            waiting[report.step.at].append(report)
        return [Begun(times[0], task)]

    def _day(self, number: int) -> date:
        return self._first + timedelta(days=number)

    def _working_day(self, number: int) -> date:
        return working_day(self._day(number))

"""All cases of the demonstration together: who does what at which moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.runtime.demonstration.planning import PlannedCase
from app.runtime.demonstration.steps import Changed, Reported, Step


def timetable(
    planned: Iterable[PlannedCase], *, since: datetime, until: datetime
) -> Sequence[tuple[datetime, Mapping[UUID, Sequence[Step]]]]:
    """The moments from one to the other with the steps of each case, in order.

    What would only be done later is not begun: nothing runs at the end.
    """
    moments: defaultdict[datetime, defaultdict[UUID, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for each in planned:
        for step in _ended_by(until, each.steps):
            if step.at >= since:
                moments[step.at][each.case.uuid].append(step)
    return sorted(moments.items())


def _ended_by(until: datetime, steps: Sequence[Step]) -> Iterator[Step]:
    late = {step.task.number for step in steps if isinstance(step, Reported) and step.at > until}
    for step in steps:
        if step.at <= until if isinstance(step, Changed) else step.task.number not in late:
            yield step

"""Every 09:00 Eastern from 2020 to 2040, lived through by the pure domain; prints the host's zone and what it counted.

A program of its own, because a process has one host's zone. When summer time begins and ends is written down here by
the law, so that nothing is compared with itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain.clocks import next_due
from app.domain.cycles import Cycle, due_day, refills_between
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan
from app.domain.reservoirs import done_from

NEW_YORK = ZoneInfo("America/New_York")
PRO = plan(PlanTier.PRO)
DAY = timedelta(days=1)
LAST_YEAR = 2040


def nine(day: date) -> datetime:
    """Summer time is from the second Sunday of March, 02:00, to the first Sunday of November, 02:00."""
    begins, ends = (date(day.year, month, 1) for month in (3, 11))
    begins += (13 - begins.weekday()) * DAY
    ends += (6 - ends.weekday()) * DAY
    return datetime(day.year, day.month, day.day, 13 if begins <= day < ends else 14, tzinfo=UTC)


def live(begun: datetime, until: datetime) -> tuple[list[tuple[date, datetime]], list[Cycle]]:
    """A case on Pro as a test clock lives through it: its refills with their instants, and its cycles."""
    refills: list[tuple[date, datetime]] = []
    cycles = [Cycle.beginning(1, PRO, CURRENT_CATALOGUE, begun)]
    done = done_from(PRO, begun)
    while (now := next_due(done, cycles[-1].ends_at, None, abandoned_after=DAY)) is not None and now < until:
        if done is not None and done < due_day(now):
            done = due_day(now)
            refills.append((done, now))
        if cycles[-1].ends_at <= now:
            cycles.append(cycles[-1].following(PlanTier.PRO, CURRENT_CATALOGUE))
    return refills, cycles


def check(begun: datetime, until: datetime) -> tuple[int, int]:
    """Raises AssertionError at whatever is not as it must be; answers how many refills and cycles there were."""
    refills, cycles = live(begun, until)
    day = begun.astimezone(NEW_YORK).date() - DAY
    expected = []
    while nine(day) < until:
        if nine(day) > begun:
            expected.append((day, nine(day)))
        day += DAY
    assert refills == expected, (begun, "one refill a date, at its 09:00")
    assert all(before.ends_at == after.starts_at for before, after in pairwise(cycles)), (begun, "gap or overlap")
    assert all(cycle.starts_at < cycle.ends_at for cycle in cycles), (begun, "empty")
    assert [cycle.number for cycle in cycles] == list(range(1, len(cycles) + 1)), (begun, "numbers")
    for cycle in cycles[:-1]:
        within = sum(cycle.starts_at <= now < cycle.ends_at for _, now in refills)
        within += cycle.starts_at == nine(cycle.starts_at.astimezone(NEW_YORK).date())  # filled at 09:00: done by that
        assert refills_between(cycle.starts_at, cycle.ends_at) == within, (cycle, "refills counted")
    return len(refills), len(cycles)


def beginnings() -> Iterator[tuple[datetime, datetime]]:
    """When cases are activated, and until when they are looked at."""
    end = datetime(LAST_YEAR + 1, 1, 1, 5, tzinfo=UTC)
    yield datetime(2020, 1, 1, 5, tzinfo=UTC), end
    for late in range(-2, 3):
        begun = nine(date(2026, 3, 8)) + timedelta(microseconds=late)
        yield begun, begun + 100 * DAY
    for year in range(2020, LAST_YEAR + 1):
        for month, fold in ((3, 0), (3, 1), (11, 0), (11, 1)):
            first = 7 - date(year, month, 1).weekday()
            change = first + 7 if month == 3 else first
            hour = 2 if month == 3 else 1  # skipped, and repeated
            wall = datetime(year, month, change, hour, 30, tzinfo=NEW_YORK, fold=fold)
            yield wall.astimezone(UTC), wall.astimezone(UTC) + 70 * DAY
    ends_of_months = [date(year, month, day) for year, month in ((2026, 12), (2027, 1)) for day in (29, 30, 31)]
    leap_days = [date(year, 2, 29) for year in range(2020, LAST_YEAR + 1, 4)]
    for day, days in [(day, 100) for day in ends_of_months] + [(day, 430) for day in leap_days]:
        for hour in (0, 9):
            begun = datetime(day.year, day.month, day.day, hour, 59, tzinfo=NEW_YORK).astimezone(UTC)
            yield begun, begun + days * DAY


if __name__ == "__main__":
    counted = [check(begun, until) for begun, until in beginnings()]
    here = datetime(2026, 1, 15, tzinfo=UTC).astimezone().utcoffset()
    print(here, len(counted), *map(sum, zip(*counted, strict=True)), *counted[0])  # noqa: T201  # the figure is what it is run for

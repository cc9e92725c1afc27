"""The year of the demonstration is made up the same way each time, and looks like that of a law firm."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from app.domain.cycles import EASTERN, eastern_date
from app.runtime.demonstration.cases import LIVED, Lived
from app.runtime.demonstration.planning import plan_case
from app.runtime.demonstration.rhythm import activity, holidays, is_working_day, working_day
from app.runtime.demonstration.steps import Begun, Changed, Reported
from app.runtime.demonstration.timetable import timetable

FIRST, LAST = date(2025, 11, 21), date(2026, 11, 21)


@pytest.mark.parametrize("case", LIVED, ids=lambda case: case.story.letters)
def test_the_same_days_give_the_same_year_and_a_longer_one_begins_like_it(case: Lived) -> None:
    year = plan_case(case, FIRST, LAST)
    assert plan_case(case, FIRST, LAST) == year
    half = plan_case(case, FIRST, date(2026, 5, 20)).steps
    assert year.steps[: len(half)] == half
    assert len(half) < len(year.steps)


@pytest.mark.parametrize("case", LIVED, ids=lambda case: case.story.letters)
def test_steps_are_in_the_order_of_time_and_plans_change_on_working_days(case: Lived) -> None:
    steps = plan_case(case, FIRST, LAST).steps
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    changes = [step for step in steps if isinstance(step, Changed)]
    assert [step.deed for step in changes] == [deed for _, deed in case.story.deeds]
    assert all(is_working_day(eastern_date(step.at)) for step in changes)


def test_weekends_and_holidays_are_quiet_and_much_is_done_before_a_production() -> None:
    steps = [step for case in LIVED for step in plan_case(case, FIRST, LAST).steps if isinstance(step, Begun)]
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
    begun = Counter(is_working_day(eastern_date(step.at)) for step in steps)
    off = sum(not is_working_day(day) for day in days)
    assert begun[False] / off < 0.3 * begun[True] / (len(days) - off)
    due = date(2026, 6, 18)  # a Thursday
    assert activity(due, [due]) > 2 * activity(due, [])
    assert activity(due + timedelta(days=1), [due]) < activity(due + timedelta(days=1), [])


def test_nothing_runs_at_the_end_and_nothing_is_done_before_the_beginning() -> None:
    since, until = (datetime(2026, 6, day, 13, tzinfo=EASTERN) for day in (2, 18))
    moments = timetable([plan_case(case, FIRST, LAST) for case in LIVED], since=since, until=until)
    assert [at for at, _ in moments] == sorted({at for at, _ in moments})
    assert all(since <= at <= until for at, _ in moments)
    steps = [(case, step) for _, cases in moments for case, steps in cases.items() for step in steps]
    begun = {(case, step.task.number) for case, step in steps if isinstance(step, Begun)}
    reported = {(case, step.task.number) for case, step in steps if isinstance(step, Reported)}
    assert begun
    assert begun <= reported


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2024, 3, 29), "Good Friday"),
        ((2026, 4, 3), "Good Friday"),
        ((2027, 3, 26), "Good Friday"),
        ((2026, 5, 18), "Victoria Day"),
        ((2027, 5, 24), "Victoria Day"),
        ((2026, 9, 7), "Labour Day"),
        ((2026, 10, 12), "Thanksgiving"),
        ((2026, 12, 29), "between Christmas and New Year"),
    ],
)
def test_offices_are_closed_on_holidays(day: tuple[int, int, int], name: str) -> None:
    assert date(*day) in holidays(day[0]), name


def test_a_day_off_gives_way_to_the_next_working_day() -> None:
    assert working_day(date(2026, 12, 24)) == date(2027, 1, 4)
    assert working_day(date(2026, 11, 20)) == date(2026, 11, 20)

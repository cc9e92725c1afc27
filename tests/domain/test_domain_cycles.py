"""Cycles and 09:00 in New York (C1, C5, L4)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cycles import (
    Cycle,
    anchor_day,
    cycle_end,
    due_day,
    eastern_date,
    plan_tokens,
    refill_instant,
    refills_between,
)
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan

laws = settings(max_examples=150, derandomize=True, deadline=None)
NEW_YORK = ZoneInfo("America/New_York")
CHANGES = [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
"""When clocks jumped from 02:00 to 03:00, and went back from 02:00 to 01:00."""

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=7_300)).map(lambda passed: FIRST + passed)
near_changes = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-3 * 24 * 60, 3 * 24 * 60),
)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """An instant by the wall clock of New York, in UTC."""
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=NEW_YORK).astimezone(UTC)


def ends(began: datetime, cycles: int) -> list[datetime]:
    """The ends of so many cycles, each beginning where the last one ends."""
    anchor, found = anchor_day(began), [began]
    for _ in range(cycles):
        found.append(cycle_end(found[-1], anchor))
    return found[1:]


@pytest.mark.parametrize(
    ("began", "days"),
    [
        (local(2026, 1, 31, 10), [(2026, 2, 28), (2026, 3, 31), (2026, 4, 30), (2026, 5, 31)]),
        (local(2027, 12, 31, 10), [(2028, 1, 31), (2028, 2, 29), (2028, 3, 31)]),
        (local(2028, 2, 29, 0), [(2028, 3, 29), (2028, 4, 29)]),
        (local(2028, 1, 30, 23, 59, 59), [(2028, 2, 29), (2028, 3, 30)]),
        (local(2026, 1, 29, 0), [(2026, 2, 28), (2026, 3, 29)]),
        (local(2026, 12, 15, 8), [(2027, 1, 15)]),
        (local(2026, 3, 8, 0), [(2026, 4, 8)]),
        (local(2026, 10, 1, 0), [(2026, 11, 1), (2026, 12, 1)]),
        (local(2100, 1, 31, 12), [(2100, 2, 28), (2100, 3, 31)]),
    ],
)
def test_cycles_end_at_eastern_midnight_of_the_anchor_day_without_drifting(
    began: datetime, days: list[tuple[int, int, int]]
) -> None:
    """C1: clamped to short months, back on the anchor day in the next long one."""
    assert ends(began, len(days)) == [local(*day) for day in days]


@pytest.mark.parametrize(
    ("began", "anchor"),
    [
        (datetime(2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC), 8),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), 8),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), 1),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 1),
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), 31),
        (datetime(2026, 3, 9, 3, 59, tzinfo=UTC), 8),
    ],
)
def test_the_anchor_day_is_the_local_day_in_the_skipped_and_the_repeated_hour(began: datetime, anchor: int) -> None:
    """C1: 01:59:59 and 03:00 on 8 March; 01:30 twice on 1 November; late evenings are no next day."""
    assert anchor_day(began) == anchor
    first = cycle_end(began, anchor)
    assert first.astimezone(NEW_YORK).time() == time(0)
    assert first.astimezone(NEW_YORK).day == min(anchor, 30)


@pytest.mark.parametrize(
    ("began", "length"),
    [
        (local(2026, 1, 31, 10), 28),
        (local(2026, 3, 1, 0), 31),
        (local(2026, 3, 8, 1, 30), 31),
        (local(2026, 10, 15, 23, 59), 31),
        (local(2026, 11, 1, 1, 30), 30),
        (local(2028, 2, 1, 12), 29),
    ],
)
def test_the_length_of_a_cycle_is_counted_in_local_dates(began: datetime, length: int) -> None:
    """C1: an hour more or less, or a late start, makes no other number of days."""
    assert (eastern_date(ends(began, 1)[0]) - eastern_date(began)).days == length


@laws
@given(instants | near_changes)
def test_every_cycle_ends_after_it_begins_on_the_anchor_day_or_the_last_of_the_month(began: datetime) -> None:
    """C1, for eighteen renewals of any start."""
    boundaries = [began, *ends(began, 18)]
    for starts_at, ends_at in pairwise(boundaries):
        day, end = starts_at.astimezone(NEW_YORK), ends_at.astimezone(NEW_YORK)
        assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == 1
        assert end.time() == time(0)
        assert end.day == anchor_day(began) or (end.day < anchor_day(began) and (end + timedelta(days=1)).day == 1)


def test_every_date_from_2020_to_2040_has_exactly_one_nine_o_clock() -> None:
    """L4: found by walking through all the hours, not by asking for the wall time."""
    hours = (datetime(2020, 1, 1, 5, tzinfo=UTC) + timedelta(hours=n) for n in range(21 * 366 * 24))
    nines = [hour for hour in hours if hour.astimezone(NEW_YORK).hour == 9]
    per_date = Counter(nine.astimezone(NEW_YORK).date() for nine in nines)
    assert set(per_date.values()) == {1}
    dates = [date(2020, 1, 1) + timedelta(days=n) for n in range((date(2041, 1, 1) - date(2020, 1, 1)).days)]
    assert [refill_instant(day) for day in dates] == nines[: len(dates)]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (local(2026, 3, 3, 8, 59, 59, 999_999), date(2026, 3, 2)),
        (local(2026, 3, 3, 9), date(2026, 3, 3)),
        (local(2026, 3, 3, 23, 59, 59), date(2026, 3, 3)),
        (local(2026, 3, 4), date(2026, 3, 3)),
        (local(2026, 1, 1, 8), date(2025, 12, 31)),
        (datetime(2026, 3, 8, 12, 59, 59, tzinfo=UTC), date(2026, 3, 7)),
        (datetime(2026, 3, 8, 13, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 11, 1, 13, 59, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 11, 1, 14, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_the_date_that_is_due_is_the_last_whose_nine_has_come(now: datetime, due: date) -> None:
    """L4: 09:00 is 13:00 UTC in summer and 14:00 UTC in winter."""
    assert due_day(now) == due


@laws
@given(instants | near_changes)
def test_what_is_due_was_due_since_its_nine_and_until_the_next(now: datetime) -> None:
    due = due_day(now)
    assert refill_instant(due) <= now < refill_instant(due + timedelta(days=1))


def test_a_renewal_goes_on_from_the_end_on_the_same_anchor_and_a_beginning_takes_its_own() -> None:
    """C1: 31 January, 28 February, 31 March; begun anew on 10 March, 10 April."""
    first = Cycle.beginning(1, plan(PlanTier.PRO), CURRENT_CATALOGUE, local(2026, 1, 31, 10))
    second = first.following(PlanTier.BUSINESS, CURRENT_CATALOGUE)
    assert (first.starts_at, first.ends_at, first.tier) == (local(2026, 1, 31, 10), local(2026, 2, 28), PlanTier.PRO)
    assert (second.number, second.anchor_day, second.tier) == (2, 31, PlanTier.BUSINESS)
    assert (second.starts_at, second.ends_at) == (local(2026, 2, 28), local(2026, 3, 31))
    anew = Cycle.beginning(3, plan(PlanTier.BUSINESS), CURRENT_CATALOGUE, local(2026, 3, 10, 15))
    assert (anew.anchor_day, anew.ends_at) == (10, local(2026, 4, 10))


def naive_count(starts_at: datetime, ends_at: datetime) -> int:
    """Looks at every minute: slow, and plainly right."""
    minute = starts_at.replace(second=0, microsecond=0)
    if minute < starts_at:
        minute += timedelta(minutes=1)
    found = 0
    while minute < ends_at:
        wall = minute.astimezone(NEW_YORK)
        found += (wall.hour, wall.minute) == (9, 0)
        minute += timedelta(minutes=1)
    return found


@settings(max_examples=60, derandomize=True, deadline=None)
@given(near_changes, st.integers(0, 4 * 24 * 60), st.sampled_from([0, 1, 59_999_999]))
def test_nine_o_clocks_are_counted_as_a_naive_loop_does_across_a_clock_change(
    starts_at: datetime, minutes: int, microseconds: int
) -> None:
    """C5."""
    begun = starts_at + timedelta(microseconds=microseconds)
    ended = begun + timedelta(minutes=minutes)
    assert refills_between(begun, ended) == naive_count(begun, ended)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "count"),
    [
        (local(2026, 3, 7, 9), local(2026, 3, 8, 9), 1),
        (local(2026, 3, 7, 9), local(2026, 3, 8, 9, 0, 0, 1), 2),
        (local(2026, 3, 7, 9, 0, 0, 1), local(2026, 3, 8, 9), 0),
        (local(2026, 10, 31, 9), local(2026, 11, 1, 9), 1),
        (local(2026, 3, 8, 9), local(2026, 3, 8, 9), 0),
        (local(2026, 3, 9, 9), local(2026, 3, 7, 9), 0),
        (local(2026, 3, 1), local(2026, 4, 1), 31),
        (local(2026, 11, 1), local(2026, 12, 1), 30),
        (local(2028, 2, 1), local(2028, 3, 1), 29),
    ],
)
def test_a_cycle_holds_the_nine_at_its_start_but_not_the_one_at_its_end(
    starts_at: datetime, ends_at: datetime, count: int
) -> None:
    assert refills_between(starts_at, ends_at) == count


@laws
@given(st.lists(instants, min_size=2, max_size=6).map(sorted))
def test_the_nines_of_consecutive_cycles_add_up(boundaries: list[datetime]) -> None:
    """C5: wherever an upgrade cuts a cycle, each 09:00 lies in exactly one part."""
    parts = [refills_between(starts_at, ends_at) for starts_at, ends_at in pairwise(boundaries)]
    assert sum(parts) == refills_between(boundaries[0], boundaries[-1])


@pytest.mark.parametrize(
    ("tier", "tokens"),
    [
        (PlanTier.STARTER, 1_000),
        (PlanTier.PRO, 10_000 + 28 * 500),
        (PlanTier.BUSINESS, 50_000 + 28 * 7_500),
        (PlanTier.ENTERPRISE, None),
    ],
)
def test_plan_tokens_are_the_cap_and_a_refill_for_every_nine(tier: PlanTier, tokens: int | None) -> None:
    """C5: from 31 January 08:59 to 28 February there are 28."""
    assert plan_tokens(plan(tier), local(2026, 1, 31, 8, 59), local(2026, 2, 28)) == tokens


def test_what_is_unlimited_in_any_way_has_no_plan_tokens() -> None:
    began, ended = local(2026, 1, 31), local(2026, 2, 28)
    assert plan_tokens(replace(plan(PlanTier.PRO), cap=None), began, ended) is None
    assert plan_tokens(replace(plan(PlanTier.PRO), daily_refill=None), began, ended) is None

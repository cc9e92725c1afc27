"""Test clocks: where they may start and go, and when something falls due on them (C10)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.clocks import EARLIEST, LATEST, LONGEST_ADVANCE, TestClock, check_advance, check_start, next_due
from app.domain.refusals import Flaw
from tests.domain.standing import local

laws = settings(max_examples=200, derandomize=True, deadline=None)
DAY = timedelta(days=1)
TICK = timedelta.resolution
NOON = local(2026, 3, 3, 12)


def standing_at(now: datetime) -> TestClock:
    return TestClock(1, UUID(int=1), now)


@pytest.mark.parametrize(
    ("now", "fits"), [(EARLIEST, True), (LATEST, True), (NOON, True), (EARLIEST - TICK, False), (LATEST + TICK, False)]
)
def test_a_clock_starts_within_two_centuries(now: datetime, *, fits: bool) -> None:
    flaw = check_start(now)
    assert (flaw is None) is fits
    assert flaw is None or (flaw.field, flaw.flaw) == ("now", Flaw.CLOCK_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("now", "to", "flaw"),
    [
        (NOON, NOON, None),
        (NOON, NOON + TICK, None),
        (NOON, NOON + LONGEST_ADVANCE, None),
        (NOON, NOON - TICK, Flaw.NOT_FORWARD),
        (NOON, NOON + LONGEST_ADVANCE + TICK, Flaw.CLOCK_OUT_OF_RANGE),
        (LATEST - DAY, LATEST, None),
        (LATEST - DAY, LATEST + TICK, Flaw.CLOCK_OUT_OF_RANGE),
    ],
)
def test_a_clock_goes_forward_and_not_without_end(now: datetime, to: datetime, flaw: Flaw | None) -> None:
    found = check_advance(standing_at(now), to)
    assert (found and (found.field, found.flaw)) == (flaw and ("to", flaw))


@pytest.mark.parametrize(
    ("refilled_on", "ends_at", "quiet_since", "due"),
    [
        (None, None, None, None),
        (date(2026, 3, 2), None, None, local(2026, 3, 3, 9)),
        (date(2026, 3, 7), None, None, datetime(2026, 3, 8, 13, tzinfo=UTC)),
        (date(2026, 10, 31), None, None, datetime(2026, 11, 1, 14, tzinfo=UTC)),
        (None, local(2026, 4, 3), None, local(2026, 4, 3)),
        (None, None, local(2026, 3, 7, 12), local(2026, 3, 8, 13)),
        (date(2026, 3, 3), local(2026, 4, 3), local(2026, 3, 3, 8), local(2026, 3, 4, 8)),
        (date(2026, 3, 3), local(2026, 3, 4), local(2026, 3, 3, 10), local(2026, 3, 4)),
        (date(2026, 3, 3), local(2026, 4, 3), local(2026, 3, 3, 10), local(2026, 3, 4, 9)),
        (date(2026, 3, 3), local(2026, 4, 3), local(2026, 3, 3, 9), local(2026, 3, 4, 9)),
    ],
)
def test_the_first_of_refill_end_of_cycle_and_abandonment_falls_due_next(
    refilled_on: date | None, ends_at: datetime | None, quiet_since: datetime | None, due: datetime | None
) -> None:
    """C10: 24 hours are hours, 09:00 is wall time."""
    assert next_due(refilled_on, ends_at, quiet_since, abandoned_after=DAY) == due


@laws
@given(
    st.dates(date(2000, 1, 1), date(2019, 12, 31)),
    st.integers(0, 7_300 * 86_400).map(lambda seconds: EARLIEST + timedelta(seconds=seconds)),
    st.integers(0, 7_300 * 86_400).map(lambda seconds: EARLIEST + timedelta(seconds=seconds)),
)
def test_nothing_falls_due_earlier_than_what_is_next(refilled_on: date, ends_at: datetime, quiet: datetime) -> None:
    due = next_due(refilled_on, ends_at, quiet, abandoned_after=DAY)
    alone = [
        next_due(refilled_on, None, None, abandoned_after=DAY),
        next_due(None, ends_at, None, abandoned_after=DAY),
        next_due(None, None, quiet, abandoned_after=DAY),
    ]
    assert due in alone
    assert all(due <= other for other in alone if other is not None and due is not None)

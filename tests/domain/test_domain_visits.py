"""Visits: an opening ends after half an hour without the panel, and the next one looks back to it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.visits import NOTED_EVERY, OPENING_ENDS, Visit, seen
from tests.domain.standing import local

laws = settings(max_examples=200, derandomize=True, deadline=None)
TEN = local(2026, 3, 3, 10)
TICK = timedelta.resolution
LAST = Visit(TEN, 7, 3)


def test_the_first_opening_has_nothing_to_look_back_to() -> None:
    assert seen(None, TEN, 7) == Visit(TEN, 7, None)


@pytest.mark.parametrize(
    ("away", "entries", "visit"),
    [
        (timedelta(0), 9, LAST),
        (NOTED_EVERY - TICK, 9, LAST),
        (NOTED_EVERY, 9, Visit(TEN + NOTED_EVERY, 7, 3)),
        (OPENING_ENDS - TICK, 9, Visit(TEN + OPENING_ENDS - TICK, 7, 3)),
        (OPENING_ENDS, 9, Visit(TEN + OPENING_ENDS, 9, 7)),
        (timedelta(days=3), 7, Visit(TEN + timedelta(days=3), 7, 7)),
        (-timedelta(minutes=5), 9, LAST),
    ],
)
def test_an_opening_goes_on_until_the_panel_is_away_for_half_an_hour(
    away: timedelta, entries: int, visit: Visit
) -> None:
    assert seen(LAST, TEN + away, entries) == visit


@laws
@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 5)), min_size=1, max_size=30))
def test_whoever_looks_sees_the_entries_since_the_opening_before(steps: list[tuple[int, int]]) -> None:
    """However often the panel asks, what it looks back to is the beginning of the last opening but one."""
    now, entries = TEN, 0
    visit: Visit | None = None
    openings: list[int] = []
    for seconds, added in steps:
        now, entries = now + timedelta(seconds=seconds), entries + added
        before = visit
        visit = seen(before, now, entries)
        if before is None or now - before.seen_at >= OPENING_ENDS:
            openings.append(entries)
        assert visit.opened_at_entry == openings[-1]
        assert visit.previous_entry == (openings[-2] if len(openings) > 1 else None)
        assert timedelta(0) <= now - visit.seen_at < NOTED_EVERY

"""Fills, refills and when the next one comes (L2-L7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cycles import due_day, eastern_date
from app.domain.plans import PlanTier, plan
from app.domain.reservoirs import RefillsUntil, Reservoir, done_from, next_refill_at, refills_until

laws = settings(max_examples=300, derandomize=True, deadline=None)
NEW_YORK = ZoneInfo("America/New_York")
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=7_300)).map(lambda passed: FIRST + passed)
tokens = st.integers(0, 70_000)
PRO, BUSINESS = plan(PlanTier.PRO), plan(PlanTier.BUSINESS)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """An instant by the wall clock of New York, in UTC."""
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("tank", "added"),
    [
        (Reservoir(9_200, 0, 0, 10_000), 500),
        (Reservoir(9_800, 0, 0, 10_000), 200),
        (Reservoir(9_500, 0, 0, 10_000), 500),
        (Reservoir(9_501, 0, 0, 10_000), 499),
        (Reservoir(10_000, 0, 0, 10_000), 0),
        (Reservoir(0, 0, 0, 10_000), 500),
        (Reservoir(12_000, 0, 3_000, 10_000), 500),
        (Reservoir(13_000, 0, 3_000, 10_000), 0),
        (Reservoir(3_000, 6_800, 0, 10_000), 200),
        (Reservoir(0, 10_000, 0, 10_000), 0),
        (Reservoir(2_000, 9_000, 0, 10_000), 0),
        (Reservoir(2_000, 9_000, 1_500, 10_000), 500),
        (Reservoir(None, 9_700, 0, None), 300),
    ],
)
def test_a_refill_fills_what_granted_tokens_leave_of_the_cap(tank: Reservoir, added: int) -> None:
    """L4: bought tokens stand above the cap, held ones are still in the tank; never below 0. L7: null counts as 0."""
    assert tank.refill_tokens(PRO) == added


@pytest.mark.parametrize("tier", [PlanTier.STARTER, PlanTier.ENTERPRISE])
@pytest.mark.parametrize("balance", [None, 0, 400])
def test_starter_and_enterprise_are_never_refilled(tier: PlanTier, balance: int | None) -> None:
    sold = plan(tier)
    assert Reservoir(balance, 0, 0, sold.cap).refill_tokens(sold) == 0


def test_business_gets_its_own_refill() -> None:
    assert Reservoir(1_000, 0, 0, 50_000).refill_tokens(BUSINESS) == 7_500


def test_what_is_unlimited_in_any_way_needs_no_refill() -> None:
    tank = Reservoir(1_000, 0, 0, 10_000)
    assert tank.refill_tokens(replace(PRO, cap=None)) == tank.refill_tokens(replace(PRO, daily_refill=None)) == 0


@pytest.mark.parametrize(
    ("tank", "cap", "added"),
    [
        (Reservoir(2_000, 6_000, 1_000, 10_000), 50_000, 43_000),
        (Reservoir(0, 0, 0, 0), 1_000, 1_000),
        (Reservoir(1_000, 0, 0, 1_000), 10_000, 9_000),
        (Reservoir(1_500, 0, 500, 1_000), 10_000, 9_000),
        (Reservoir(9_000, 5_000, 0, 10_000), 10_000, 0),
        (Reservoir(5_000, 0, 0, 10_000), None, 0),
        (Reservoir(None, 300, 0, None), 10_000, 9_700),
    ],
)
def test_a_fill_goes_to_the_cap_and_leaves_bought_and_held_tokens_as_they_are(
    tank: Reservoir, cap: int | None, added: int
) -> None:
    """L5: Pro with 6,000 held, 1,000 bought and 2,000 free becomes Business with balance 45,000."""
    assert tank.fill_tokens(cap) == added


@laws
@given(tokens, tokens, tokens)
def test_fills_and_refills_never_put_granted_tokens_above_the_cap(balance: int, held: int, purchased: int) -> None:
    """L2, L4, L5: what stood above before stays, but nothing is added to it; a fill ends exactly at its limit."""
    tank = Reservoir(balance, held, purchased, PRO.cap)
    for target in (PRO, BUSINESS):
        assert target.cap is not None
        assert target.daily_refill is not None
        limit = target.cap + purchased
        assert balance + held + tank.fill_tokens(target.cap) == max(balance + held, limit)
        refilled = tank.refill_tokens(target)
        assert 0 <= refilled <= target.daily_refill
        assert refilled == 0 or balance + held + refilled <= limit
        assert refilled == target.daily_refill or balance + held + refilled >= limit


@pytest.mark.parametrize(
    ("tank", "fill"),
    [
        (Reservoir(2_500, 2_500, 0, 10_000), 0.5),
        (Reservoir(0, 0, 0, 10_000), 0.0),
        (Reservoir(12_000, 0, 2_000, 10_000), 1.0),
        (Reservoir(None, 2_500, 0, 10_000), 0.25),
        (Reservoir(0, 0, 0, 0), 0.0),
        (Reservoir(None, 700, 0, None), None),
    ],
)
def test_how_full_the_tank_is_counts_what_is_held_and_stops_at_one(tank: Reservoir, fill: float | None) -> None:
    assert tank.fill == fill


@pytest.mark.parametrize("tier", [PlanTier.PRO, PlanTier.BUSINESS])
@pytest.mark.parametrize(
    ("filled_at", "done"),
    [
        (local(2026, 3, 3, 8, 59, 59, 999_999), date(2026, 3, 2)),
        (local(2026, 3, 3, 9, 0, 0), date(2026, 3, 3)),
        (local(2026, 3, 3, 23, 59, 59), date(2026, 3, 3)),
        (local(2026, 3, 4, 0, 0), date(2026, 3, 3)),
        (datetime(2026, 3, 8, 13, 0, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 11, 1, 13, 59, 59, tzinfo=UTC), date(2026, 10, 31)),
    ],
)
def test_a_fill_from_nine_on_marks_its_date_done(tier: PlanTier, filled_at: datetime, done: date) -> None:
    """L4: one before 09:00 leaves the refill of its date to come."""
    assert done_from(plan(tier), filled_at) == done


@pytest.mark.parametrize("tier", [PlanTier.STARTER, PlanTier.ENTERPRISE])
def test_where_no_refill_comes_no_date_is_done(tier: PlanTier) -> None:
    assert done_from(plan(tier), local(2026, 3, 3, 10)) is None


@pytest.mark.parametrize(
    ("now", "refilled_on", "comes"),
    [
        (local(2026, 3, 3, 8, 59, 59), date(2026, 3, 2), local(2026, 3, 3, 9)),
        (local(2026, 3, 3, 9), date(2026, 3, 2), local(2026, 3, 3, 9)),
        (local(2026, 3, 3, 9), date(2026, 3, 3), local(2026, 3, 4, 9)),
        (local(2026, 3, 3, 15), date(2026, 3, 2), local(2026, 3, 3, 15)),
        (local(2026, 3, 3, 8), date(2026, 3, 3), local(2026, 3, 4, 9)),
        (local(2026, 3, 3, 8), date(2026, 3, 6), local(2026, 3, 7, 9)),
        (local(2026, 3, 7, 10), date(2026, 3, 7), datetime(2026, 3, 8, 13, tzinfo=UTC)),
        (local(2026, 10, 31, 10), date(2026, 10, 31), datetime(2026, 11, 1, 14, tzinfo=UTC)),
        (local(2026, 12, 31, 10), date(2026, 12, 31), local(2027, 1, 1, 9)),
    ],
)
def test_the_next_refill_is_the_next_nine_of_a_date_that_is_not_done_or_due_now(
    now: datetime, refilled_on: date, comes: datetime
) -> None:
    assert next_refill_at(now, refilled_on) == comes


@laws
@given(instants, st.integers(-3, 3))
def test_no_nine_is_promised_for_the_past_or_for_a_date_that_is_done(now: datetime, offset: int) -> None:
    """L4: it is the first nine after what is done, or now where that has come."""
    refilled_on = eastern_date(now) + timedelta(days=offset)
    comes = next_refill_at(now, refilled_on)
    wall = comes.astimezone(NEW_YORK)
    assert comes >= now
    if refilled_on < due_day(now):
        assert comes == now
    else:
        assert (wall.date(), wall.time()) == (refilled_on + timedelta(days=1), time(9))


MARCH_4 = local(2026, 3, 4, 9)


@pytest.mark.parametrize(
    ("tank", "tokens", "first", "found"),
    [
        (Reservoir(0, 0, 0, 10_000), 1, MARCH_4, RefillsUntil(1, 500, MARCH_4)),
        (Reservoir(0, 0, 0, 10_000), 500, MARCH_4, RefillsUntil(1, 500, MARCH_4)),
        (Reservoir(0, 0, 0, 10_000), 501, MARCH_4, RefillsUntil(2, 1_000, local(2026, 3, 5, 9))),
        (Reservoir(0, 0, 0, 10_000), 10_000, MARCH_4, RefillsUntil(20, 10_000, local(2026, 3, 23, 9))),
        (Reservoir(0, 0, 0, 10_000), 10_001, MARCH_4, None),
        (Reservoir(9_700, 0, 0, 10_000), 10_000, MARCH_4, RefillsUntil(1, 300, MARCH_4)),
        (Reservoir(500, 0, 0, 10_000), 500, MARCH_4, None),
        (Reservoir(2_000, 7_000, 0, 10_000), 3_000, MARCH_4, RefillsUntil(2, 1_000, local(2026, 3, 5, 9))),
        (Reservoir(2_000, 7_000, 0, 10_000), 3_001, MARCH_4, None),
        (Reservoir(2_000, 9_000, 0, 10_000), 2_001, MARCH_4, None),
        (Reservoir(9_000, 0, 2_000, 10_000), 12_000, MARCH_4, RefillsUntil(6, 3_000, local(2026, 3, 9, 9))),
        (Reservoir(9_000, 0, 2_000, 10_000), 12_001, MARCH_4, None),
        # Clocks go forward on 8 March 2026 and back on 1 November.
        (Reservoir(0, 0, 0, 10_000), 501, local(2026, 3, 7, 9), RefillsUntil(2, 1_000, local(2026, 3, 8, 9))),
        (Reservoir(0, 0, 0, 10_000), 501, local(2026, 10, 31, 9), RefillsUntil(2, 1_000, local(2026, 11, 1, 9))),
        (Reservoir(0, 0, 0, 10_000), 501, local(2026, 12, 31, 9), RefillsUntil(2, 1_000, local(2027, 1, 1, 9))),
    ],
)  # fmt: skip
def test_refills_alone_make_room_up_to_the_cap(
    tank: Reservoir, tokens: int, first: datetime, found: RefillsUntil | None
) -> None:
    """L4: what is held fills the tank, what was bought stands above it."""
    assert refills_until(tank, PRO, tokens, first) == found


def test_where_no_refill_comes_none_makes_room() -> None:
    for tier in (PlanTier.STARTER, PlanTier.ENTERPRISE):
        assert refills_until(Reservoir(0, 0, 0, plan(tier).cap), plan(tier), 1, MARCH_4) is None


@laws
@given(st.integers(0, 12_000), st.integers(0, 12_000), st.integers(0, 4_000), st.integers(1, 16_000), instants)
def test_as_many_refills_as_are_promised_make_room_and_one_fewer_does_not(
    balance: int, held: int, purchased: int, needed: int, now: datetime
) -> None:
    """L4, played day by day; and where none is promised, no number of them would."""
    tank, first = (
        Reservoir(balance, held, purchased, PRO.cap),
        next_refill_at(now, due_day(now)),
    )
    days = [balance]
    while (added := replace(tank, balance=days[-1]).refill_tokens(PRO)) > 0:
        days.append(days[-1] + added)
    found = refills_until(tank, PRO, needed, first)
    if found is None:
        assert balance >= needed or days[-1] < needed
        return
    assert days[found.refills - 1] < needed <= days[found.refills]
    assert found.tokens == days[found.refills] - balance
    wall = found.at.astimezone(NEW_YORK)
    assert (wall.hour, wall.minute, wall.second, wall.microsecond) == (9, 0, 0, 0)
    assert (wall.date() - first.astimezone(NEW_YORK).date()).days == found.refills - 1


@pytest.mark.parametrize(("cap", "free"), [(50_000, 45_000), (None, None)])
def test_after_a_fill_the_rest_of_cap_and_bought_tokens_is_free(cap: int | None, free: int | None) -> None:
    """L5: Pro with 6,000 held, 1,000 bought and 2,000 free becomes Business with balance 45,000."""
    assert Reservoir(balance=2_000, held=6_000, purchased=1_000, cap=10_000).balance_after_fill(cap) == free

"""Month labels and what a case used in a month (C4, C5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cycles import Cycle, Month, cycle_end
from app.domain.months import CategoryUsage, CycleUsage, UsageMonth
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.rates import UsageCategory

laws = settings(max_examples=150, derandomize=True, deadline=None)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=7_300)).map(lambda passed: FIRST + passed)
months = st.builds(Month, st.integers(1, 9998), st.integers(1, 12))
charges = st.dictionaries(st.sampled_from(UsageCategory), st.integers(0, 10**12))


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cycle(tier: PlanTier, starts_at: datetime, ends_at: datetime, number: int = 1) -> Cycle:
    return Cycle(number, tier, CURRENT_CATALOGUE, starts_at.day, starts_at, ends_at)


PRO_CYCLE = cycle(PlanTier.PRO, at("2026-03-03T15:00"), at("2026-03-17T16:00"))
BUSINESS_CYCLE = cycle(PlanTier.BUSINESS, at("2026-03-17T16:00"), at("2026-04-17T04:00"), 2)
ENTERPRISE_CYCLE = cycle(PlanTier.ENTERPRISE, at("2026-03-20T16:00"), at("2026-04-20T04:00"), 3)


@laws
@given(months)
def test_a_month_is_read_back_as_it_was_written(month: Month) -> None:
    assert Month.parse(str(month)) == month


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-3", "2026-00", "2026-13", "0000-01", "2026-03-01", "26-03", " 2026-03", "2026-03\n", "-026-03",
     "2026/03", "\uff12026-03", "2026-\u0660\u0663", "12026-03"],
)  # fmt: skip
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"A month is written like 2026-03\."):
        Month.parse(text)


@laws
@given(st.text(st.sampled_from("0129-/ \u0663\uff13\n"), max_size=8))
def test_only_texts_that_are_written_so_are_months(text: str) -> None:
    try:
        month = Month.parse(text)
    except ValueError:
        return
    assert str(month) == text


def test_months_follow_each_other_over_the_year() -> None:
    assert Month(2026, 11).following() == Month(2026, 12)
    assert Month(2026, 12).following() == Month(2027, 1)
    assert Month(2026, 2) < Month(2026, 12) < Month(2027, 1)


@pytest.mark.parametrize(
    ("month", "wanted", "day"),
    [
        (Month(2026, 2), 31, date(2026, 2, 28)),
        (Month(2028, 2), 31, date(2028, 2, 29)),
        (Month(2026, 4), 31, date(2026, 4, 30)),
        (Month(2026, 4), 30, date(2026, 4, 30)),
        (Month(2026, 12), 1, date(2026, 12, 1)),
    ],
)
def test_a_wanted_day_falls_on_the_last_one_of_a_shorter_month(month: Month, wanted: int, day: date) -> None:
    assert month.day(wanted) == day


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        ("2026-04-01T03:59:59.999999", Month(2026, 3)),
        ("2026-04-01T04:00:00", Month(2026, 4)),
        ("2026-01-01T04:59:59", Month(2025, 12)),
        ("2026-01-01T05:00:00", Month(2026, 1)),
    ],
)
def test_a_cycle_belongs_to_the_month_in_which_it_began_in_new_york(instant: str, month: Month) -> None:
    """C4: midnight is 04:00 UTC in summer and 05:00 UTC in winter."""
    assert Month.of(at(instant)) == month
    assert cycle(PlanTier.PRO, at(instant), at("2027-01-01T05:00")).month == month


def test_an_upgrade_shows_inside_its_month() -> None:
    """C4, C5: Pro from 3 March 10:00 to 17 March 12:00 holds 14 nines, Business from there to 17 April 30."""
    month = UsageMonth(
        [
            CycleUsage(PRO_CYCLE, 12_000, {UsageCategory.TEXT_SCAN: 300, UsageCategory.VIDEO_SCAN: 40}, 0),
            CycleUsage(BUSINESS_CYCLE, 43_000, {UsageCategory.TEXT_SCAN: 60, UsageCategory.MULTI_CODE: 800}, 25),
        ],
        previous=None,
        next=Month(2026, 4),
    )
    assert month.month == Month(2026, 3)
    assert month.cycles == [PRO_CYCLE, BUSINESS_CYCLE]
    assert month.highest_tier is PlanTier.BUSINESS
    assert month.plan_tokens == (10_000 + 14 * 500) + (50_000 + 30 * 7_500)
    assert (month.granted, month.consumed, month.overage) == (55_000, 1_200, 25)
    assert month.by_category == [
        CategoryUsage(UsageCategory.MULTI_CODE, 800, 800 / 1_200),
        CategoryUsage(UsageCategory.TEXT_SCAN, 360, 360 / 1_200),
        CategoryUsage(UsageCategory.VIDEO_SCAN, 40, 40 / 1_200),
    ]


@pytest.mark.parametrize("order", [(PRO_CYCLE, ENTERPRISE_CYCLE), (ENTERPRISE_CYCLE, PRO_CYCLE)])
def test_a_month_with_an_unlimited_cycle_has_no_plan_tokens_and_its_highest_tier(order: tuple[Cycle, ...]) -> None:
    month = UsageMonth([CycleUsage(part, 1_000, {}, 0) for part in order], None, None)
    assert month.plan_tokens is None
    assert month.highest_tier is PlanTier.ENTERPRISE
    assert month.granted == 2_000


def test_a_month_without_a_charge_has_no_categories() -> None:
    month = UsageMonth([CycleUsage(PRO_CYCLE, 0, {UsageCategory.TEXT_SCAN: 0}, 0)], None, None)
    assert (month.month, month.consumed, month.by_category) == (Month(2026, 3), 0, [])


def test_equal_categories_stand_in_the_order_of_the_categories() -> None:
    used = {UsageCategory.VIDEO_SCAN: 7, UsageCategory.AUDIO_SCAN: 9, UsageCategory.TEXT_SCAN: 7, UsageCategory.CHAT: 7}
    month = UsageMonth([CycleUsage(PRO_CYCLE, 0, used, 0)], None, None)
    assert [part.category for part in month.by_category] == [
        UsageCategory.AUDIO_SCAN,
        UsageCategory.CHAT,
        UsageCategory.TEXT_SCAN,
        UsageCategory.VIDEO_SCAN,
    ]


@laws
@given(st.lists(st.tuples(st.integers(0, 10**9), charges, st.integers(0, 10**6)), min_size=1, max_size=5))
def test_a_month_is_the_sum_of_its_cycles_and_its_parts_are_the_whole(
    parts: list[tuple[int, dict[UsageCategory, int], int]],
) -> None:
    """C4: nothing is lost or counted twice; shares add up to one where anything was used."""
    usage = [CycleUsage(PRO_CYCLE, granted, charged, overage) for granted, charged, overage in parts]
    month = UsageMonth(usage, None, None)
    assert month.granted == sum(granted for granted, _, _ in parts)
    assert month.overage == sum(overage for _, _, overage in parts)
    assert month.consumed == sum(sum(charged.values()) for _, charged, _ in parts)
    assert sum(part.tokens for part in month.by_category) == month.consumed
    assert all(0 < part.share <= 1 for part in month.by_category)
    assert sum(part.share for part in month.by_category) == pytest.approx(1 if month.consumed else 0)
    sizes = [part.tokens for part in month.by_category]
    assert sizes == sorted(sizes, reverse=True)


@laws
@given(instants, st.integers(1, 31))
def test_renewals_without_an_upgrade_begin_in_consecutive_months(began: datetime, anchor: int) -> None:
    """C4: every token lies in exactly one month, and no month of an active case is skipped."""
    starts_at = began
    for _ in range(14):
        ends_at = cycle_end(starts_at, anchor)
        assert Month.of(ends_at) == Month.of(starts_at).following()
        assert timedelta(0) < ends_at - starts_at <= timedelta(days=62)
        starts_at = ends_at

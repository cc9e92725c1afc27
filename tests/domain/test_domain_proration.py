"""The credit for the unused days of a cycle that an upgrade cuts (C1, C2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cycles import Cycle, eastern_date
from app.domain.money import Currency, Money
from app.domain.plan_changes import proration_credit
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan
from tests.domain.standing import local

laws = settings(max_examples=300, derandomize=True, deadline=None)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=7_300)).map(lambda passed: FIRST + passed)
parts = st.integers(0, 999)
"""How much of a cycle is over, in thousandths."""

limited = st.sampled_from([PlanTier.STARTER, PlanTier.PRO, PlanTier.BUSINESS])


def begun(tier: PlanTier, at: datetime) -> Cycle:
    return Cycle.beginning(1, plan(tier), CURRENT_CATALOGUE, at)


@pytest.mark.parametrize(
    ("tier", "began", "now", "credit"),
    [
        # 18 of 28 dates are left, 10 February to 27 February.
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 2, 10, 12), "320.79"),
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 2, 10), "320.79"),
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 2, 10, 23, 59, 59), "320.79"),
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 2, 11), "302.96"),
        # On its own date the whole cycle is unused, whatever the hour; on its last date one day is.
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 1, 31, 10), "499.00"),
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 1, 31, 23, 59, 59), "499.00"),
        (PlanTier.PRO, local(2026, 1, 31, 10), local(2026, 2, 27, 23, 59, 59), "17.82"),
        (PlanTier.STARTER, local(2026, 3, 3, 10), local(2026, 3, 20, 9), "22.13"),
        (PlanTier.BUSINESS, local(2028, 2, 1), local(2028, 2, 29), "172.38"),
        # The dates of a clock change are as long as any other.
        (PlanTier.PRO, local(2026, 3, 1), local(2026, 3, 8, 3), "386.32"),
        (PlanTier.PRO, local(2026, 11, 1, 1, 30), local(2026, 11, 1, 1, 30, fold=1), "499.00"),
    ],
)
def test_dates_from_today_to_the_planned_end_are_credited(
    tier: PlanTier, began: datetime, now: datetime, credit: str
) -> None:
    """C2: 499.00 x 18 / 28 = 320.79."""
    assert proration_credit(plan(tier), begun(tier, began), now) == Decimal(credit)


@pytest.mark.parametrize(
    ("price", "credit"),
    [
        ("0.05", "0.02"),  # 0.025, to even
        ("0.07", "0.04"),  # 0.035, to even
        ("0.03", "0.02"),  # 0.015
        ("0.01", "0.00"),  # 0.005
        ("4999.01", "2499.50"),
        ("4999.03", "2499.52"),
    ],
)
def test_half_a_cent_goes_to_the_even_cent(price: str, credit: str) -> None:
    """C2: half of the 28 dates from 1 to 28 February are left on the 15th."""
    sold = replace(plan(PlanTier.PRO), monthly_price=Money(Decimal(price), Currency.CAD))
    assert proration_credit(sold, begun(PlanTier.PRO, local(2026, 2, 1)), local(2026, 2, 15, 9)) == Decimal(credit)


def test_where_a_cycle_has_no_dates_nothing_is_credited() -> None:
    empty = replace(begun(PlanTier.PRO, local(2026, 2, 1)), ends_at=local(2026, 2, 1, 10))
    assert proration_credit(plan(PlanTier.PRO), empty, local(2026, 2, 1, 10)) == Decimal("0.00")


@laws
@given(limited, instants, parts)
def test_a_credit_is_in_cents_and_part_of_the_price(tier: PlanTier, began: datetime, part: int) -> None:
    """C2: whenever the cut comes; the whole price on the first date, something on the last."""
    cycle = begun(tier, began)
    now = began + (cycle.ends_at - began) * part / 1000
    credit = proration_credit(plan(tier), cycle, now)
    price = plan(tier).monthly_price.amount
    assert credit.as_tuple().exponent == -2
    assert 0 < credit <= price
    assert (credit == price) == (eastern_date(now) == eastern_date(began))


@laws
@given(limited, instants, st.lists(parts, min_size=2, max_size=2).map(sorted))
def test_a_later_cut_never_credits_more(tier: PlanTier, began: datetime, over: list[int]) -> None:
    cycle = begun(tier, began)
    cuts = [began + (cycle.ends_at - began) * part / 1000 for part in over]
    early, late = (proration_credit(plan(tier), cycle, now) for now in cuts)
    assert late <= early

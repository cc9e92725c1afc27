"""What a downgrade takes, and what the tank holds afterwards (L2-L4, L6, L7)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.plans import PlanTier, plan
from app.domain.reservoirs import Reservoir

laws = settings(max_examples=400, derandomize=True, deadline=None)
caps = st.sampled_from([1_000, 10_000, 50_000])


@st.composite
def tanks(draw: st.DrawFn) -> Reservoir:
    """Within the limits of some plan, but for what tasks may have held since a downgrade."""
    cap = draw(caps)
    bought = draw(st.integers(0, 20_000))
    held = draw(st.integers(0, 70_000))
    free = draw(st.integers(0, max(0, cap + bought - held)) | st.integers(0, bought))
    return Reservoir(free, held, min(bought, free + held), cap)


def granted(tank: Reservoir) -> int:
    return (tank.balance or 0) + tank.held - tank.purchased


@pytest.mark.parametrize(
    ("tank", "cap", "taken"),
    [
        (Reservoir(41_234, 0, 1_234, 50_000), 10_000, 30_000),
        (Reservoir(10_000, 0, 0, 50_000), 10_000, 0),
        (Reservoir(10_001, 0, 0, 50_000), 10_000, 1),
        (Reservoir(13_000, 0, 3_000, 50_000), 10_000, 0),
        (Reservoir(4_000, 8_000, 0, 50_000), 10_000, 2_000),
        (Reservoir(4_000, 30_000, 0, 50_000), 10_000, 4_000),
        (Reservoir(4_000, 30_000, 1_500, 50_000), 10_000, 2_500),
        (Reservoir(1_000, 30_000, 1_500, 50_000), 10_000, 0),
        (Reservoir(0, 30_000, 0, 50_000), 10_000, 0),
        (Reservoir(41_234, 0, 1_234, 50_000), None, 0),
        (Reservoir(None, 8_000, 1_234, None), 10_000, 0),
    ],
)
def test_a_clamp_takes_what_was_granted_above_the_cap_and_neither_held_nor_bought_tokens(
    tank: Reservoir, cap: int | None, taken: int
) -> None:
    """L6: min(max(0, balance + held - purchased - cap), max(0, balance - purchased))."""
    assert tank.clamp_tokens(cap) == taken


@laws
@given(tanks(), caps)
def test_after_a_clamp_the_tank_is_within_the_cap_but_for_held_tokens(tank: Reservoir, cap: int) -> None:
    """L2, L6: what stands above then is held, and of the free tokens only bought ones are left."""
    assert tank.balance is not None
    after = replace(tank, balance=tank.balance_after_downgrade(cap), cap=cap)
    assert after.balance is not None
    assert after.balance - tank.purchased <= cap
    assert granted(after) <= cap or after.balance <= tank.purchased
    assert after.balance >= min(tank.balance, tank.purchased)
    assert granted(after) >= min(granted(tank), cap)
    assert after.clamp_tokens(cap) == 0


@laws
@given(tanks(), caps, st.integers(0, 70_000))
def test_a_refund_lands_in_full_and_what_it_lifts_above_the_limit_goes(tank: Reservoir, cap: int, back: int) -> None:
    """L6: a refund moves held tokens to the balance; the clamp after it brings the tank down to the limit again."""
    assert tank.balance is not None
    downgraded = replace(tank, balance=tank.balance_after_downgrade(cap), cap=cap)
    assert downgraded.balance is not None
    returned = min(back, tank.held)
    refunded = replace(downgraded, balance=downgraded.balance + returned, held=tank.held - returned)
    assert refunded.balance is not None
    left = replace(refunded, balance=refunded.balance - refunded.clamp_tokens(cap))
    assert left.balance is not None
    assert granted(left) <= cap or left.balance <= tank.purchased
    assert left.balance >= min(refunded.balance, tank.purchased)
    assert granted(left) >= min(granted(refunded), cap)


@laws
@given(st.integers(0, 70_000), st.integers(0, 20_000), caps)
def test_leaving_unlimited_tokens_leaves_what_held_ones_leave_of_the_cap_and_all_that_was_bought(
    held: int, bought: int, cap: int
) -> None:
    """L7: purchased + max(0, cap - held)."""
    after = Reservoir(None, held, bought, None).balance_after_downgrade(cap)
    assert after == bought + max(0, cap - held)
    assert granted(Reservoir(after, held, bought, cap)) == max(cap, held)


def test_there_is_nothing_above_an_unlimited_plan() -> None:
    assert Reservoir(500, 0, 0, 1_000).balance_after_downgrade(None) is None


@laws
@given(tanks(), st.sampled_from([PlanTier.PRO, PlanTier.BUSINESS]))
def test_a_refill_never_lifts_a_tank_above_the_cap(tank: Reservoir, tier: PlanTier) -> None:
    """L2, L4: one that stands above it since a downgrade gets nothing."""
    sold = plan(tier)
    assert sold.cap is not None
    added = tank.refill_tokens(sold)
    assert granted(tank) + added <= max(granted(tank), sold.cap)
    assert added == 0 or granted(tank) < sold.cap

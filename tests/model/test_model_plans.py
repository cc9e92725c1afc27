"""Worked examples of plan changes: what they do to the tank, the cycles and the months (C1 to C4, L3, L5, L6)."""

from datetime import timedelta

from tests.model.model_cycles import Cycle
from tests.model.model_results import Refusal
from tests.model.model_scene import Scene, eastern


def test_an_upgrade_in_the_middle_of_a_month() -> None:
    """C1, C2, C4: the cycle from 31 January was to end on 28 February; the new one ends on 10 March."""
    scene = Scene("PRO", now=eastern(2026, 1, 31, 10))
    scene.spend(800)
    scene.until(eastern(2026, 2, 10, 14))
    scene.must("upgrade", tier="BUSINESS")
    assert scene.tank == (50_000, 0, 0)
    january, february = scene.seen.months
    assert january.cycles == (Cycle(1, eastern(2026, 1, 31, 10), eastern(2026, 2, 10, 14), "PRO"),)
    assert february.cycles == (Cycle(2, eastern(2026, 2, 10, 14), eastern(2026, 3, 10), "BUSINESS"),)
    assert (january.granted, february.granted) == (10_800, 40_000)


def test_a_month_with_an_upgrade_holds_both_cycles() -> None:
    """C4: Starter from 3 March, Pro from 20 March; one entry in the selector, its figures the sums of both."""
    scene = Scene("STARTER", now=eastern(2026, 3, 3, 12))
    scene.spend(400)
    scene.until(eastern(2026, 3, 20, 12))
    scene.must("upgrade", tier="PRO")
    scene.spend(700)
    (march,) = scene.seen.months
    assert (march.month, march.highest_tier) == ("2026-03", "PRO")
    assert [cycle.tier for cycle in march.cycles] == ["STARTER", "PRO"]
    assert (march.consumed, march.granted) == (1_100, 1_000 + 9_400)
    assert march.plan_tokens == 1_000 + 10_000 + 30 * 500  # 09:00s from 21 March to 19 April


def test_an_upgrade_fills_beside_what_is_held_and_bought() -> None:
    """L5: 6,000 held, 1,000 bought, 2,000 free become 45,000 free."""
    scene = Scene("PRO")
    scene.spend(3_000)
    scene.must("buy", tokens=1_000)
    scene.created(6_000, "TEXT")
    assert scene.tank == (2_000, 6_000, 1_000)
    scene.must("upgrade", tier="BUSINESS")
    assert scene.tank == (45_000, 6_000, 1_000)


def test_a_downgrade_clamps_at_the_end_of_the_cycle_and_a_deactivation_clears() -> None:
    """L3, L6, L5: 41,234 of which 1,234 bought; 11,234 of it are left, then 0, then a full tank."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="PRO")
    scene.until(eastern(2026, 4, 2, 23))
    scene.must("buy", tokens=1_234)
    scene.spend(10_000)
    assert scene.until(eastern(2026, 4, 3) - timedelta.resolution).tank == (41_234, 0, 1_234)
    assert scene.until(eastern(2026, 4, 3)).tank == (11_234, 0, 1_234)
    assert scene.seen.entries[-1].cycle == 1
    assert [cycle.tier for cycle in scene.case.cycles] == ["BUSINESS", "PRO"]
    assert scene.until(eastern(2026, 4, 3, 9)).tank == (11_234, 0, 1_234)
    scene.must("deactivate")
    assert scene.tank == (0, 0, 0)
    assert scene.last_changes(1) == [("DEACTIVATION_CLEAR", -11_234, 0, -1_234, None)]
    scene.wait(days=100)
    scene.must("reactivate", tier="PRO")
    assert scene.tank == (10_000, 0, 0)
    assert scene.case.cycles[-1] == Cycle(3, eastern(2026, 7, 12, 9), eastern(2026, 8, 12), "PRO")


def test_a_scheduled_downgrade_is_replaced_cancelled_and_dropped() -> None:
    """C3."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="PRO")
    scene.must("schedule_downgrade", tier="STARTER")
    assert scene.seen.subscription is not None
    assert scene.seen.subscription.downgrade == ("STARTER", eastern(2026, 4, 3))
    scene.must("cancel_downgrade")
    assert scene.change("cancel_downgrade") == Refusal("PLAN_CHANGE_REFUSED")
    scene.must("schedule_downgrade", tier="PRO")
    scene.must("upgrade", tier="ENTERPRISE")
    assert scene.change("cancel_downgrade") == Refusal("PLAN_CHANGE_REFUSED")
    scene.must("schedule_downgrade", tier="PRO")
    scene.must("deactivate")
    scene.must("reactivate", tier="BUSINESS")
    assert scene.until(eastern(2026, 4, 3)).case.tier == "BUSINESS"


def test_at_the_end_of_a_cycle_the_downgrade_comes_before_a_command_of_that_instant() -> None:
    """C10: an upgrade back to Business is then an upgrade from Pro."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="PRO")
    scene.now = eastern(2026, 4, 3)
    scene.must("upgrade", tier="BUSINESS")
    assert [cycle.tier for cycle in scene.case.cycles] == ["BUSINESS", "PRO", "BUSINESS"]
    assert scene.case.cycles[1].starts_at == scene.case.cycles[1].ends_at
    assert [entry.kind for entry in scene.seen.entries] == ["ACTIVATION_FILL", "DOWNGRADE_CLAMP", "UPGRADE_FILL"]

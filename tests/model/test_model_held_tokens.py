"""Worked examples of changes of plan while tasks run: clamps, unlimited reservoirs, deactivation (L6, L7, T5)."""

import pytest

from tests.model.model_results import Refusal, Success
from tests.model.model_scene import Scene, eastern


def test_what_tasks_hold_at_a_downgrade_is_clamped_as_it_comes_back() -> None:
    """L6: 42,000 held on Business stay; each refund lands in full, then what is above the limit goes."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="PRO")
    scene.until(eastern(2026, 4, 2, 23))
    number = scene.created(2_100, "AUTO")
    scene.until(eastern(2026, 4, 3))
    assert scene.tank == (0, 42_000, 0)
    assert scene.last_changes(1) == [("DOWNGRADE_CLAMP", -8_000, 0, 0, None)]
    scene.until(eastern(2026, 4, 3, 9))
    scene.report(number, ("SUCCEEDED", "IMAGE", [f"document {n}" for n in range(1_000)]))
    assert scene.last_changes(3) == [
        ("CHARGE", 0, -5_000, 0, number),
        ("REFUND", 15_000, -15_000, 0, number),
        ("DOWNGRADE_CLAMP", -15_000, 0, 0, None),
    ]
    scene.finish(number)
    assert scene.last_changes(2) == [
        ("REFUND", 22_000, -22_000, 0, number),
        ("DOWNGRADE_CLAMP", -12_000, 0, 0, None),
    ]
    assert scene.tank == (10_000, 0, 0)
    assert scene.task(number).refunded == 37_000


def test_bought_tokens_are_not_clamped_while_a_task_holds_too_much() -> None:
    """L6: neither at the downgrade nor after a refund, and they can be spent."""
    scene = Scene("PRO", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 2, 23))
    scene.must("buy", tokens=300)
    number = scene.created(10_000, "TEXT")
    assert scene.until(eastern(2026, 4, 3)).tank == (300, 10_000, 300)
    other = scene.created(200, "TEXT")
    assert scene.tank == (100, 10_200, 300)
    scene.finish(other)
    assert scene.tank == (300, 10_000, 300)
    scene.finish(number)
    assert scene.tank == (1_300, 0, 300)


def test_an_upgrade_to_enterprise_holds_what_was_beyond_the_reservoir() -> None:
    """T5, L7: one entry for each task with provisional overage; nothing of it is ever overage."""
    scene = Scene("PRO", overage=True)
    covered = scene.created(9_900, "TEXT")
    first = scene.created(200, "TEXT")
    second = scene.created(50, "TEXT")
    scene.succeed(first, 120)
    assert scene.task(first).overage == 20
    scene.must("upgrade", tier="ENTERPRISE")
    assert scene.last_changes(2) == [("UPGRADE_FILL", None, 80, 0, first), ("UPGRADE_FILL", None, 50, 0, second)]
    assert scene.tank == (None, 9_900 + 80 + 50, 0)
    scene.succeed(first, 200)
    scene.succeed(second, 50)
    scene.finish(covered)
    assert (scene.task(first).overage, scene.task(first).charged, scene.task(second).overage) == (20, 200, 0)
    assert scene.tank == (None, 0, 0)


@pytest.mark.parametrize(
    ("held", "balance", "change"), [(0, 10_700, -7_300), (4_000, 6_700, -11_300), (30_000, 700, -17_300)]
)
def test_leaving_enterprise_leaves_what_was_bought_and_what_the_held_leave_of_the_cap(
    held: int, balance: int, change: int
) -> None:
    """L7: one entry makes up for everything that happened without a balance; 18,000 were left when it began."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("buy", tokens=700)
    scene.spend(32_700)
    scene.must("upgrade", tier="ENTERPRISE")
    assert scene.change("buy", tokens=1) == Refusal("PLAN_CHANGE_REFUSED")
    scene.must("schedule_downgrade", tier="PRO")
    scene.until(eastern(2026, 4, 2, 23))
    number = scene.created(max(1, held), "TEXT")
    if not held:
        scene.finish(number)
    preview = scene.preview("PRO")
    assert (preview.balance_before, preview.balance_after, preview.tokens_lost) == (None, balance, 0)
    assert scene.until(eastern(2026, 4, 3)).tank == (balance, held, 700)
    assert scene.last_changes(1) == [("DOWNGRADE_CLAMP", change, 0, 0, None)]
    assert scene.seen.months[0].granted == 50_000
    scene.finish(number)
    assert scene.tank == (10_700, 0, 700)


def test_a_case_that_began_on_enterprise_leaves_it_with_a_full_tank_that_is_no_grant() -> None:
    """L7: the change may be positive."""
    scene = Scene("ENTERPRISE", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 3))
    assert scene.last_changes(1) == [("DOWNGRADE_CLAMP", 1_000, 0, 0, None)]
    assert [month.granted for month in scene.seen.months] == [0, 0]


def test_a_deactivation_cancels_refunds_and_clears_in_the_cycle_that_it_ends() -> None:
    """L6, L7, C4: on an unlimited reservoir the clear makes up for what was left before."""
    scene = Scene("PRO", overage=True)
    numbers = [scene.created(9_000, "TEXT"), scene.created(1_500, "TEXT")]
    scene.wait(hours=1)
    scene.must("deactivate")
    assert scene.last_changes(3) == [
        ("REFUND", 9_000, -9_000, 0, numbers[0]),
        ("REFUND", 1_000, -1_000, 0, numbers[1]),
        ("DEACTIVATION_CLEAR", -10_000, 0, 0, None),
    ]
    assert [scene.task(number).status for number in numbers] == ["CANCELLED", "CANCELLED"]
    assert {entry.cycle for entry in scene.seen.entries} == {1}
    assert scene.finish(numbers[0], "CANCELLED") == Success("A", numbers[0])
    assert scene.finish(numbers[1], "COMPLETED") == Refusal("TASK_FINISHED")

    unlimited = Scene("PRO")
    unlimited.must("upgrade", tier="ENTERPRISE")
    unlimited.created(7, "TEXT")
    unlimited.must("deactivate")
    assert unlimited.last_changes(2) == [
        ("REFUND", None, -7, 0, 1),
        ("DEACTIVATION_CLEAR", -10_000, 0, 0, None),
    ]


def test_refunds_of_a_deactivation_are_clamped_too() -> None:
    """L6: two tasks hold more than the cheaper plan's tank."""
    scene = Scene("PRO", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 2, 23))
    first, second = scene.created(3_000, "TEXT"), scene.created(6_500, "TEXT")
    scene.until(eastern(2026, 4, 3))
    scene.must("deactivate")
    assert scene.last_changes(5) == [
        ("REFUND", 3_000, -3_000, 0, first),
        ("DOWNGRADE_CLAMP", -3_000, 0, 0, None),
        ("REFUND", 6_500, -6_500, 0, second),
        ("DOWNGRADE_CLAMP", -5_500, 0, 0, None),
        ("DEACTIVATION_CLEAR", -1_000, 0, 0, None),
    ]

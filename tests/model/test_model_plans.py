"""Worked examples of plan changes: what they do to the tank, the cycles and the months (C1 to C4, L3, L5 to L7, T5)."""

from datetime import timedelta

import pytest

from tests.model.model_cycles import Cycle
from tests.model.model_results import Refusal, Success
from tests.model.model_scene import Scene, eastern


def last_changes(scene: Scene, count: int) -> list[tuple[str, int | None, int, int, int | None]]:
    """Kind, then the changes of balance, held and purchased, then the task."""
    return [(e.kind, e.balance_change, e.held_change, e.purchased_change, e.task) for e in scene.seen.entries[-count:]]


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
    assert last_changes(scene, 1) == [("DEACTIVATION_CLEAR", -11_234, 0, -1_234, None)]
    scene.wait(days=100)
    scene.must("reactivate", tier="PRO")
    assert scene.tank == (10_000, 0, 0)
    assert scene.case.cycles[-1] == Cycle(3, eastern(2026, 7, 12, 9), eastern(2026, 8, 12), "PRO")


def test_what_tasks_hold_at_a_downgrade_is_clamped_as_it_comes_back() -> None:
    """L6: 42,000 held on Business stay; each refund lands in full, then what is above the limit goes."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="PRO")
    scene.until(eastern(2026, 4, 2, 23))
    number = scene.created(2_100, "AUTO")
    scene.until(eastern(2026, 4, 3))
    assert scene.tank == (0, 42_000, 0)
    assert last_changes(scene, 1) == [("DOWNGRADE_CLAMP", -8_000, 0, 0, None)]
    scene.until(eastern(2026, 4, 3, 9))
    scene.report(number, ("SUCCEEDED", "IMAGE", [f"document {n}" for n in range(1_000)]))
    assert last_changes(scene, 3) == [
        ("CHARGE", 0, -5_000, 0, number),
        ("REFUND", 15_000, -15_000, 0, number),
        ("DOWNGRADE_CLAMP", -15_000, 0, 0, None),
    ]
    scene.finish(number)
    assert last_changes(scene, 2) == [
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
    assert last_changes(scene, 2) == [("UPGRADE_FILL", None, 80, 0, first), ("UPGRADE_FILL", None, 50, 0, second)]
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
    assert last_changes(scene, 1) == [("DOWNGRADE_CLAMP", change, 0, 0, None)]
    assert scene.seen.months[0].granted == 50_000
    scene.finish(number)
    assert scene.tank == (10_700, 0, 700)


def test_a_case_that_began_on_enterprise_leaves_it_with_a_full_tank_that_is_no_grant() -> None:
    """L7: the change may be positive."""
    scene = Scene("ENTERPRISE", now=eastern(2026, 3, 3, 12))
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 3))
    assert last_changes(scene, 1) == [("DOWNGRADE_CLAMP", 1_000, 0, 0, None)]
    assert [month.granted for month in scene.seen.months] == [0, 0]


def test_a_deactivation_cancels_refunds_and_clears_in_the_cycle_that_it_ends() -> None:
    """L6, L7, C4: on an unlimited reservoir the clear makes up for what was left before."""
    scene = Scene("PRO", overage=True)
    numbers = [scene.created(9_000, "TEXT"), scene.created(1_500, "TEXT")]
    scene.wait(hours=1)
    scene.must("deactivate")
    assert last_changes(scene, 3) == [
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
    assert last_changes(unlimited, 2) == [
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
    assert last_changes(scene, 5) == [
        ("REFUND", 3_000, -3_000, 0, first),
        ("DOWNGRADE_CLAMP", -3_000, 0, 0, None),
        ("REFUND", 6_500, -6_500, 0, second),
        ("DOWNGRADE_CLAMP", -5_500, 0, 0, None),
        ("DEACTIVATION_CLEAR", -1_000, 0, 0, None),
    ]


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


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("upgrade", {"tier": "PRO"}, "PLAN_CHANGE_REFUSED"),
        ("upgrade", {"tier": "STARTER"}, "PLAN_CHANGE_REFUSED"),
        ("schedule_downgrade", {"tier": "PRO"}, "PLAN_CHANGE_REFUSED"),
        ("schedule_downgrade", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
        ("cancel_downgrade", {}, "PLAN_CHANGE_REFUSED"),
        ("activate", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
        ("reactivate", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(method: str, arguments: dict[str, str], code: str) -> None:
    """C2, C3: and nothing changes."""
    scene = Scene("PRO")
    before = scene.seen
    assert scene.change(method, **arguments) == Refusal(code)
    assert scene.seen == before


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("upgrade", {"tier": "BUSINESS"}),
        ("schedule_downgrade", {"tier": "STARTER"}),
        ("cancel_downgrade", {}),
        ("deactivate", {}),
        ("buy", {"tokens": 5}),
    ],
)
def test_a_deactivated_case_can_only_be_reactivated(method: str, arguments: dict[str, object]) -> None:
    """C3."""
    scene = Scene("PRO")
    scene.must("deactivate")
    assert scene.change(method, **arguments) == Refusal("CASE_NOT_ACTIVE")
    assert scene.change("activate", tier="PRO") == Refusal("PLAN_CHANGE_REFUSED")
    scene.must("reactivate", tier="STARTER")
    assert scene.tank == (1_000, 0, 0)


def test_the_prompt_is_switched_off_for_everyone_and_the_plan_manager_is_not() -> None:
    """C9."""
    scene = Scene("STARTER")
    scene.must("upgrade", tier="PRO", origin="PROMPT")
    scene.model.set_settings(case="A", overage=None, auto_upgrade=False, at=scene.now, caller="client", key="off")
    assert scene.change("upgrade", tier="BUSINESS", origin="PROMPT") == Refusal("FORBIDDEN")
    scene.must("upgrade", tier="BUSINESS", origin="SETTINGS")


def test_monthly_invoices_are_for_contracted_organizations() -> None:
    """C7."""
    scene = Scene("STARTER")
    scene.must("deactivate")
    assert scene.change("reactivate", tier="PRO", payment_method="MONTHLY_INVOICE") == Refusal(
        "INVOICING_NOT_CONTRACTED"
    )
    assert Scene("PRO", payment_method="MONTHLY_INVOICE").seen.subscription is not None


def test_the_cheapest_plan_that_helps_counts_what_is_already_free() -> None:
    """T1, L5: 70,000 held from Enterprise leave no room on Business, but nothing is taken either: 5,000 are bought."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("buy", tokens=5_000)
    scene.must("upgrade", tier="ENTERPRISE")
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 2, 23))
    scene.created(70_000, "TEXT")
    assert scene.until(eastern(2026, 4, 3)).tank == (5_000, 70_000, 5_000)
    assert scene.refused(1_001, "TEXT").minimum_tier == "PRO"
    scene.must("upgrade", tier="PRO")
    assert scene.tank == (5_000, 70_000, 5_000)
    scene.created(1_001, "TEXT")

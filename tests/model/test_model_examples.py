"""Worked examples of tasks: numbers that a person has calculated, each with the rule that it comes from."""

from datetime import timedelta

from tests.model.model_results import Refusal, Success
from tests.model.model_scene import Scene


def test_an_auto_task_of_four_reserves_80_charges_6_and_gives_back_74() -> None:
    """T3: TEXT, IMAGE, one failed, one never run."""
    scene = Scene()
    number = scene.created(4, "AUTO")
    assert scene.task(number).reserved == 80
    scene.report(number, ("SUCCEEDED", "IMAGE", ["b"]), ("FAILED", None, ["c"]), ("SUCCEEDED", "TEXT", ["a"]))
    assert (scene.task(number).charged, scene.task(number).refunded, scene.task(number).held) == (6, 34, 40)
    scene.finish(number)
    assert (scene.task(number).charged, scene.task(number).refunded, scene.task(number).held) == (6, 74, 0)
    assert scene.last_entries(5) == [
        ("RESERVE", -80, 80, 0, 0, None),
        ("CHARGE", 0, -1, 0, 0, "TEXT_SCAN"),
        ("CHARGE", 0, -5, 0, 0, "IMAGE_SCAN"),
        ("REFUND", 34, -34, 0, 0, None),
        ("REFUND", 40, -40, 0, 0, None),
    ]
    assert scene.seen.reservoir.balance == 994


def test_multi_code_of_three_fields_on_images_costs_seven_a_document() -> None:
    """P2: 5 + 2; 10 documents of which 8 succeed."""
    scene = Scene("PRO")
    number = scene.created(10, "IMAGE", kind="MULTI_CODE", fields=3)
    scene.succeed(number, 8)
    scene.finish(number)
    task = scene.task(number)
    assert (task.reserved, task.charged, task.refunded) == (70, 56, 14)
    assert scene.seen.months[0].by_category == (("MULTI_CODE", 56),)


def test_seventy_of_a_hundred_texts_on_a_balance_of_sixty_are_ten_in_overage() -> None:
    """T5: the forty that lacked are released or settled before anything returns to the balance."""
    scene = Scene(overage=True)
    scene.leave_balance(60)
    number = scene.created(100, "TEXT")
    scene.set_overage(False)
    scene.succeed(number, 70)
    scene.finish(number)
    assert (scene.task(number).charged, scene.task(number).overage, scene.seen.reservoir.balance) == (70, 10, 0)
    assert scene.last_entries(3) == [
        ("RESERVE", -60, 60, 40, 0, None),
        ("CHARGE", 0, -60, -10, 10, "TEXT_SCAN"),
        ("REFUND", 0, 0, -30, 0, None),
    ]


def test_fifty_of_a_hundred_texts_on_a_balance_of_sixty_give_ten_back() -> None:
    scene = Scene(overage=True)
    scene.leave_balance(60)
    number = scene.created(100, "TEXT")
    scene.succeed(number, 50)
    scene.finish(number)
    assert (scene.task(number).charged, scene.task(number).overage, scene.seen.reservoir.balance) == (50, 0, 10)


def test_a_report_across_the_edge_charges_categories_in_their_fixed_order() -> None:
    """T3: the text comes out of the reservoir and the video goes beyond it, whatever the order of the report."""
    scene = Scene(overage=True)
    scene.leave_balance(6)
    number = scene.created(2, "AUTO")
    scene.report(number, ("SUCCEEDED", "VIDEO", ["v"]), ("SUCCEEDED", "TEXT", ["t"]))
    assert scene.last_entries(3) == [
        ("CHARGE", 0, -1, 0, 0, "TEXT_SCAN"),
        ("CHARGE", 0, -5, -15, 15, "VIDEO_SCAN"),
        ("REFUND", 0, 0, -19, 0, None),
    ]


def test_bought_tokens_are_spent_after_granted_ones() -> None:
    """L3: 1,000 granted and 50 bought; charges touch the bought ones from the 1,001st token on."""
    scene = Scene()
    scene.must("buy", tokens=50)
    scene.succeed(scene.created(990, "TEXT"), 990)
    assert scene.seen.reservoir.purchased == 50
    number = scene.created(30, "TEXT")
    assert scene.seen.reservoir.purchased == 50
    scene.succeed(number, 30)
    assert (scene.seen.reservoir.purchased, scene.seen.reservoir.balance) == (30, 30)
    assert [entry.purchased_change for entry in scene.seen.entries if entry.kind == "CHARGE"] == [0, -20]


def test_an_enterprise_case_records_everything_but_a_balance() -> None:
    """L7: no fill to write, null balances, held and charges as elsewhere."""
    scene = Scene("ENTERPRISE")
    assert scene.seen.entries == ()
    number = scene.created(200_000, "VIDEO")
    scene.succeed(number, 3)
    scene.finish(number, "CANCELLED")
    assert scene.last_entries(3) == [
        ("RESERVE", None, 4_000_000, 0, 0, None),
        ("CHARGE", None, -60, 0, 0, "VIDEO_SCAN"),
        ("REFUND", None, -3_999_940, 0, 0, None),
    ]
    month = scene.seen.months[0]
    assert (month.plan_tokens, month.granted, month.consumed) == (None, 0, 60)
    assert (scene.seen.reservoir.balance, scene.seen.reservoir.cap, scene.seen.reservoir.held) == (None, None, 0)


def test_a_free_scan_is_a_task_without_entries() -> None:
    """T3, T7."""
    scene = Scene()
    number = scene.created(1, "VIDEO", scope="SINGLE")
    scene.succeed(number, 1)
    scene.finish(number)
    assert [entry.kind for entry in scene.seen.entries] == ["ACTIVATION_FILL"]
    assert (scene.task(number).status, scene.task(number).succeeded) == ("COMPLETED", 1)


def test_the_first_outcome_of_a_document_stands() -> None:
    """T4."""
    scene = Scene()
    number = scene.created(2, "TEXT")
    scene.report(number, ("FAILED", None, ["a"]))
    before = scene.seen
    assert scene.report(number, ("SUCCEEDED", None, ["a", "a"])) == Success("A", number)
    assert scene.seen == before
    assert scene.report(number, ("FAILED", None, ["b", "c"])) == Refusal("INVALID_INPUT", field="documentIds")
    assert scene.report(number, ("FAILED", None, ["b"]), ("SKIPPED", None, ["b"])) == Refusal(
        "INVALID_INPUT", field="documentIds"
    )


def test_a_task_is_abandoned_after_a_day_without_an_accepted_report() -> None:
    """T6: a repeat under a new key counts as a sign of life, a replay and a refused report do not."""
    scene = Scene()
    number = scene.created(3, "TEXT")
    scene.report(number, ("SUCCEEDED", None, ["a"]), key="first")
    scene.wait(hours=2)
    scene.report(number, ("SUCCEEDED", None, ["a"]))
    scene.wait(hours=2)
    scene.report(number, ("SUCCEEDED", None, ["a"]), key="first")
    scene.report(number, ("SUCCEEDED", "TEXT", ["b"]))
    scene.until(scene.now + timedelta(hours=22, microseconds=-1))
    assert scene.task(number).status == "RUNNING"
    scene.until(scene.now + timedelta.resolution)
    assert (scene.task(number).status, scene.task(number).refunded) == ("ABANDONED", 2)
    assert scene.report(number, ("SUCCEEDED", None, ["b"])) == Refusal("TASK_FINISHED")
    assert scene.finish(number) == Refusal("TASK_FINISHED")


def test_finishing_again_with_the_same_end_changes_nothing() -> None:
    """T6."""
    scene = Scene()
    number = scene.created(3, "TEXT")
    scene.finish(number, "CANCELLED")
    before = scene.seen
    scene.wait(hours=1)
    assert scene.finish(number, "CANCELLED") == Success("A", number)
    assert scene.finish(number, "COMPLETED") == Refusal("TASK_FINISHED")
    assert scene.seen == before

"""Worked examples of the daily refill and of what else happens by itself (L4, T6, C10)."""

from datetime import date, datetime, timedelta

import pytest

from tests.model.model_cycles import EASTERN, next_refill_time
from tests.model.model_scene import Scene, eastern
from tests.model.model_snapshot import NextRefillSeen


def refills(scene: Scene) -> list[tuple[datetime, int | None]]:
    return [(entry.at, entry.balance_change) for entry in scene.seen.entries if entry.kind == "DAILY_REFILL"]


def test_nine_o_clock_comes_once_on_every_date_from_2020_to_2040() -> None:
    """L4: through 42 changes of the clocks and six leap days."""
    nine, dates = eastern(2019, 12, 31, 9), []
    while (nine := next_refill_time(nine)) < eastern(2041, 1, 1):
        assert nine.astimezone(EASTERN).isoformat()[10:19] == "T09:00:00"
        dates.append(nine.astimezone(EASTERN).date())
    assert dates == [date(2020, 1, 1) + timedelta(days=n) for n in range(7_671)]


def test_the_refills_of_a_first_week() -> None:
    """L4: 500 a day as long as they fit, then what is missing; a date is done even if it added nothing."""
    scene = Scene("PRO", now=eastern(2026, 1, 31, 10))
    scene.spend(800)
    assert scene.until(eastern(2026, 2, 1, 9)).tank == (9_700, 0, 0)
    assert scene.until(eastern(2026, 2, 2, 9)).tank == (10_000, 0, 0)
    scene.spend(200)
    assert scene.until(eastern(2026, 2, 3, 9)).tank == (10_000, 0, 0)
    scene.wait(minutes=5)
    scene.spend(700)
    assert scene.until(eastern(2026, 2, 4, 9) - timedelta.resolution).tank == (9_300, 0, 0)
    assert scene.seen.next_refill == NextRefillSeen(eastern(2026, 2, 4, 9), 500)
    assert scene.until(eastern(2026, 2, 4, 9)).tank == (9_800, 0, 0)
    assert scene.seen.next_refill == NextRefillSeen(eastern(2026, 2, 5, 9), 200)
    assert refills(scene) == [
        (eastern(2026, 2, 1, 9), 500),
        (eastern(2026, 2, 2, 9), 300),
        (eastern(2026, 2, 3, 9), 200),
        (eastern(2026, 2, 4, 9), 500),
    ]


@pytest.mark.parametrize(
    ("began", "first"),
    [((8, 59, 59), (2026, 3, 2, 9)), ((9, 0, 0), (2026, 3, 3, 9)), ((9, 0, 1), (2026, 3, 3, 9))],
)
def test_a_fill_at_nine_or_later_does_the_refill_of_its_date(
    began: tuple[int, int, int], first: tuple[int, int, int, int]
) -> None:
    """L4: an upgrade's as well as an activation's."""
    activated = Scene("PRO", now=eastern(2026, 3, 2, *began))
    upgraded = Scene("STARTER", now=eastern(2026, 3, 1))
    upgraded.now = activated.now
    upgraded.must("upgrade", tier="PRO")
    for scene in (activated, upgraded):
        scene.spend(5_000)
        scene.until(eastern(2026, 3, 3, 9))
        assert refills(scene)[0] == (eastern(*first), 500)


@pytest.mark.parametrize("tier", ["STARTER", "ENTERPRISE"])
def test_a_plan_without_refills_has_none(tier: str) -> None:
    """L4."""
    scene = Scene(tier)
    scene.spend(900)
    scene.wait(days=40)
    assert (refills(scene.until(scene.now)), scene.seen.next_refill) == ([], None)


def test_bought_tokens_leave_the_refill_its_room() -> None:
    """L4: cap 10,000, balance 12,000 of which 3,000 bought: +500."""
    scene = Scene("PRO")
    scene.must("buy", tokens=3_000)
    scene.spend(1_000)
    assert scene.tank == (12_000, 0, 3_000)
    assert scene.until(eastern(2026, 3, 3, 9)).tank == (12_500, 0, 3_000)


def test_tokens_that_a_task_holds_are_still_in_the_tank() -> None:
    """L2: the refund finds its room."""
    scene = Scene("PRO")
    scene.spend(300)
    number = scene.created(9_000, "TEXT")
    assert scene.until(eastern(2026, 3, 3, 9)).tank == (1_000, 9_000, 0)
    scene.finish(number, "CANCELLED")
    assert scene.tank == (10_000, 0, 0)


def test_an_abandonment_at_nine_goes_before_the_refill() -> None:
    """C10: the order shows in the ledger, and it makes no difference to the tank (L2)."""
    scene = Scene("PRO", now=eastern(2026, 3, 2, 8))
    scene.until(eastern(2026, 3, 2, 9))
    scene.spend(2_000)
    scene.created(100, "TEXT")
    scene.until(eastern(2026, 3, 3, 9))
    assert [(entry.kind, entry.actor) for entry in scene.seen.entries[-2:]] == [
        ("REFUND", "scheduler"),
        ("DAILY_REFILL", "scheduler"),
    ]
    assert scene.task(2).finished_at == scene.now
    assert scene.tank == (8_500, 0, 0)


def test_tasks_left_alone_end_one_by_one_a_day_after_their_last_sign() -> None:
    """T6: whenever somebody looks."""
    scene = Scene("PRO")
    numbers = []
    for _ in range(3):
        scene.wait(minutes=1)
        numbers.append(scene.created(1, "TEXT"))
    scene.report(numbers[0], ("FAILED", None, ["a"]))
    began = scene.now
    scene.until(began + timedelta(days=9))
    ends = [(scene.task(number).finished_at or began) - began for number in numbers]
    assert ends == [timedelta(days=1), timedelta(hours=23, minutes=59), timedelta(days=1)]
    assert [entry.task for entry in scene.seen.entries if entry.kind == "REFUND"] == [2, 1, 3]


def test_a_deactivated_case_is_left_alone() -> None:
    """L4, C3."""
    scene = Scene("PRO")
    scene.spend(5_000)
    scene.until(eastern(2026, 3, 3, 9))
    scene.must("deactivate")
    before = scene.seen
    assert scene.until(eastern(2026, 9, 1)).seen == before
    assert refills(scene) == [(eastern(2026, 3, 3, 9), 500)]

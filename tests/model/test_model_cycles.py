"""Worked examples of cycles and months (C1, C4, C5, C10)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.model.model_cycles import EASTERN
from tests.model.model_scene import NOON, Scene, eastern


@pytest.mark.parametrize(
    ("began", "ends"),
    [
        ((2026, 1, 31, 10, 0), ("2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31")),
        ((2028, 1, 30, 23, 59), ("2028-02-29", "2028-03-30")),
        ((2026, 3, 8, 0, 0), ("2026-04-08", "2026-05-08")),
        ((2026, 12, 15, 8, 0), ("2027-01-15",)),
    ],
)
def test_cycles_end_at_eastern_midnight_of_the_anchor_day(
    began: tuple[int, int, int, int, int], ends: tuple[str, ...]
) -> None:
    """C1: clamped to short months, without drifting, whatever the clocks do; a renewal is no entry (L5)."""
    scene = Scene("PRO", now=eastern(*began))
    scene.until(eastern(*map(int, ends[-1].split("-"))) - timedelta.resolution)
    cycles = scene.case.cycles
    assert [cycle.ends_at.astimezone(EASTERN).isoformat()[:19] for cycle in cycles] == [f"{e}T00:00:00" for e in ends]
    assert len(scene.seen.entries) == 1


@pytest.mark.parametrize(
    ("began", "tokens"),
    [
        ((2026, 1, 31, 8, 59), 10_000 + 28 * 500),
        ((2026, 1, 31, 9, 0), 10_000 + 28 * 500),
        ((2026, 1, 31, 9, 1), 10_000 + 27 * 500),
        ((2026, 3, 1, 0, 0), 10_000 + 31 * 500),
        ((2026, 11, 1, 0, 0), 10_000 + 30 * 500),
    ],
)
def test_plan_tokens_count_the_nines_of_the_cycle(began: tuple[int, int, int, int, int], tokens: int) -> None:
    """C5: clocks changed on 8 March and 1 November 2026; neither adds nor takes away a 09:00."""
    scene = Scene("PRO", now=eastern(*began))
    assert scene.seen.months[0].plan_tokens == tokens


def test_a_charge_belongs_to_the_cycle_in_which_it_is_settled() -> None:
    """C4: reserved in March's cycle, charged at the very instant at which April's begins."""
    scene = Scene(now=NOON).until(eastern(2026, 4, 1, 20))
    number = scene.created(10, "TEXT")
    scene.now = datetime(2026, 4, 2, 4, tzinfo=UTC)
    scene.succeed(number, 4)
    assert [(month.month, month.consumed) for month in scene.seen.months] == [("2026-03", 0), ("2026-04", 4)]
    assert [entry.cycle for entry in scene.seen.entries] == [1, 1, 2]


def test_an_abandonment_at_the_end_of_a_cycle_belongs_to_the_cycle_that_ends() -> None:
    """C10: at one instant abandonment goes before the end of the cycle."""
    scene = Scene(now=datetime(2026, 3, 2, 5, tzinfo=UTC))
    scene.now = datetime(2026, 4, 1, 4, tzinfo=UTC)
    number = scene.created(1, "TEXT")
    scene.until(scene.now + timedelta(hours=24))
    assert scene.task(number).status == "ABANDONED"
    assert scene.seen.entries[-1].cycle == 1
    assert [cycle.number for month in scene.seen.months for cycle in month.cycles] == [1, 2]


def test_categories_of_a_month_come_largest_first_and_equal_ones_in_their_fixed_order() -> None:
    """C4: the contract's byCategory; categories without tokens are left out."""
    scene = Scene()
    for documents, mode in ((1, "VIDEO"), (4, "IMAGE"), (5, "TEXT"), (1, "AUDIO")):
        scene.succeed(scene.created(documents, mode), documents)
    spent = (("IMAGE_SCAN", 20), ("VIDEO_SCAN", 20), ("AUDIO_SCAN", 10), ("TEXT_SCAN", 5))
    assert scene.seen.months[0].by_category == spent

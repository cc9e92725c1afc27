"""What falls due in real time, found late by the worker or by whoever comes before it (C10, L4, C1)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.domain.refusals import InsufficientTokens
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task
from app.services.ports import Ports
from tests.plans import BUSINESS, PRO, STARTER, begun, eastern, work
from tests.services.lateness import A_MOMENT, COMERS, NINE, come, cycles, outages, refills
from tests.stage import Clock


@pytest.mark.parametrize(
    ("comes", "added", "missed"),
    [
        (NINE - A_MOMENT, [], []),
        (NINE, [4], []),
        (NINE + A_MOMENT, [4], []),
        (eastern(2026, 3, 4, 23, 59, 59, 999999), [4], []),
        (eastern(2026, 3, 5), [], [4]),
        (eastern(2026, 3, 5, 9) - A_MOMENT, [], [4]),
        (eastern(2026, 3, 8, 9), [8], [4, 5, 6, 7]),  # in summer time
    ],
)
async def test_a_refill_comes_late_on_its_date_or_not_at_all(
    own_ports: Ports, own_operator: Viewer, clock: Clock, comes: datetime, added: list[int], missed: list[int]
) -> None:
    """L4: once, dated when it is done; a date that is over is an outage, and not made up, whoever finds out."""
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    clock.now = comes
    await come(lives)
    for life in lives:
        assert await refills(life) == [(date(2026, 3, day), 500, comes, 1) for day in added]
    assert await outages(own_ports) == missed
    assert await work(own_ports) == 0


async def test_a_date_found_out_to_be_over_is_followed_by_the_next(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """L4: what is done of the date before in the small hours does not stand in the way of 09:00."""
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    for clock.now in (eastern(2026, 3, 5, 0, 30), eastern(2026, 3, 5, 9)):
        await come(lives)
    for life in lives:
        assert await refills(life) == [(date(2026, 3, 5), 500, clock.now, 1)]
    assert await outages(own_ports) == [4]


async def test_cycles_that_ended_while_nobody_looked_follow_each_other_at_their_times(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C1, C4: no gap, no overlap, the anchor not drifting; the late refill belongs to the last."""
    clock.now = eastern(2026, 1, 31, 10)
    lives = [await begun(own_ports, own_operator) for _ in COMERS]
    for life in lives:
        await life.spend(2_000)
    clock.now = eastern(2026, 4, 30, 12)
    await come(lives)
    ends = [eastern(2026, 2, 28), eastern(2026, 3, 31), eastern(2026, 4, 30)]
    for life in lives:
        assert [(event.kind, event.occurred_at, event.cycle_number) for event in await life.timeline()][1:] == [
            (PlanEvent.RENEWED, end, number) for number, end in enumerate(ends, 2)
        ]
        assert await cycles(life) == list(
            zip([eastern(2026, 1, 31, 10), *ends], [*ends, eastern(2026, 5, 31)], strict=True)
        )
        assert await refills(life) == [(date(2026, 4, 30), 500, clock.now, 4)]
    assert len(await outages(own_ports)) == 28 + 31 + 29


@pytest.mark.parametrize(("tier", "balance", "refilled"), [(PRO, 10_000, True), (STARTER, 1_000, False)])
async def test_a_downgrade_that_fell_due_in_an_outage_takes_effect_at_its_time(
    own_ports: Ports, own_operator: Viewer, clock: Clock, tier: PlanTier, balance: int, refilled: bool
) -> None:
    """C3, C10: the clamp belongs to the cycle that it ends; dates that the old plan missed are outages all the same."""
    lives = [await begun(own_ports, own_operator, BUSINESS) for _ in COMERS]
    for life in lives:
        await life.spend(20_000)
        await life.downgrade(tier)
    clock.now = eastern(2026, 3, 31, 12)
    await work(own_ports)  # to 37,500
    clock.now = eastern(2026, 4, 5, 12)
    await come(lives)
    for life in lives:
        clamp = next(entry for entry in await life.entries() if entry.kind == "DOWNGRADE_CLAMP")
        assert (clamp.balance, clamp.cycle, clamp.at) == (balance - 37_500, 1, clock.now)
        downgraded = next(event for event in await life.timeline() if event.kind is PlanEvent.DOWNGRADED)
        assert downgraded.occurred_at == eastern(2026, 4, 3)
        case = await life.see()
        assert case.terms.tier is tier
        assert case.refilled_on == (date(2026, 4, 5) if refilled else None)
    assert await outages(own_ports) == [*range(4, 31), 32, 33, *([34, 35] if refilled else [])]


async def test_a_task_at_nine_counts_on_the_refill_of_nine(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C10: whether a worker lives or not."""
    life = await begun(own_ports, own_operator)
    await life.spend_to(0)
    clock.now = NINE - A_MOMENT
    refused = await life.try_task(500, key="k")
    assert isinstance(refused, InsufficientTokens)
    assert refused.next_refill_at == NINE
    clock.now = NINE + A_MOMENT
    task = await life.try_task(500, key="k")
    assert isinstance(task, Task)
    assert (task.created_at, task.reserved) == (clock.now, 500)
    assert [entry.kind for entry in await life.entries()][-2:] == ["DAILY_REFILL", "RESERVE"]
    refused = await life.try_task(1)
    assert isinstance(refused, InsufficientTokens)
    assert refused.next_refill_at == eastern(2026, 3, 5, 9)


async def test_a_report_and_an_end_after_the_end_of_a_cycle_belong_to_the_next(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C4: by the cycle that is open when it is written."""
    patient = replace(own_ports, abandoned_after=timedelta(days=365))
    life = await begun(patient, own_operator)
    task = await life.hold(100)
    clock.now = eastern(2026, 4, 3) - A_MOMENT
    await life.charge(task, 10)
    clock.now = eastern(2026, 4, 3)
    await life.charge(task, 10, 10)
    clock.now = eastern(2026, 5, 3)
    await life.end(task)
    charges = [(entry.kind, entry.cycle) for entry in await life.entries() if entry.task]
    assert charges == [("RESERVE", 1), ("CHARGE", 1), ("CHARGE", 2), ("REFUND", 3)]

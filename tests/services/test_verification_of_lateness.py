"""The check on a worker that comes late: what it leaves is no difference, what it should have left is one."""

import pytest

from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.ports import Ports
from app.services.verification import verify
from tests.domain.standing import local
from tests.services.lives import Lives
from tests.services.planting import found_after, told
from tests.stage import Clock

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier


@pytest.fixture
async def lives(own_ports: Ports, clock: Clock) -> Lives:
    clock.now = local(2026, 3, 3, 10)
    return await Lives.begin(own_ports, clock)


async def test_a_late_refill_adds_what_there_is_room_for_by_then(lives: Lives) -> None:
    """L4: at noon, and in the last minute of the date; once the date is over, it is an outage."""
    case = await lives.activate(PRO)
    for now, balance in (
        (local(2026, 3, 4, 12), 9_900),
        (local(2026, 3, 5, 23, 59), 9_800),
        (local(2026, 3, 7, 8, 59), 9_200),
    ):
        await lives.spend(case, 600)
        await lives.work_at(now)
        assert (await lives.seen(case)).reservoir.balance == balance
        assert (await verify(lives.ports)).differences == []
    assert told(await found_after(lives.ports, "delete from outages")) == {"2026-03-06: refill"}


async def test_dates_over_which_nobody_came_are_outages(lives: Lives) -> None:
    """L4: past dates are not made up, and each is recorded."""
    case = await lives.activate(PRO)
    await lives.spend(case, 5_000)
    assert told(await found_after(lives.ports, "update reservoirs set refilled_on = '2026-03-07'")) == {
        "refilled on", *(f"2026-03-0{day}: refill" for day in range(4, 8)),
    }  # fmt: skip
    lives.clock.now = local(2026, 3, 7, 10)
    await lives.spend(case, 1)
    assert (await verify(lives.ports)).differences == []
    assert told(await found_after(lives.ports, "delete from outages")) == {
        f"2026-03-0{day}: refill" for day in range(4, 7)
    }


async def test_what_is_due_but_not_done_yet_is_no_difference(lives: Lives) -> None:
    case = await lives.activate(PRO)
    await lives.spend(case, 5_000)
    lives.clock.now = local(2026, 5, 20)
    assert (await verify(lives.ports)).differences == []


@pytest.mark.parametrize("after", [STARTER, PRO])
async def test_a_downgrade_that_comes_late_leaves_outages_behind(lives: Lives, after: PlanTier) -> None:
    """L4, C3: the case was on a plan with refills on every date up to the end of its cycle."""
    case = await lives.activate(BUSINESS)
    await lives.spend(case, 5_000)
    await lives.downgrade(case, after)
    await lives.work_at(local(2026, 4, 5, 10))
    assert (await verify(lives.ports)).differences == []
    assert told(await found_after(lives.ports, "delete from outages where day = '2026-04-01'")) == {
        "2026-04-01: refill"
    }


async def test_a_date_without_its_refill_right_before_a_downgrade_is_an_outage(lives: Lives) -> None:
    """L4: nobody comes on 2 April, and at 00:30 the case is on the smaller plan, whose tank has no room."""
    case = await lives.activate(BUSINESS)
    await lives.downgrade(case, PRO)
    for day in range(4, 32):
        await lives.work_at(local(2026, 3, day, 9))
    await lives.work_at(local(2026, 4, 1, 9))
    await lives.spend(case, 5_000)
    await lives.work_at(local(2026, 4, 3, 0, 30))
    assert (await lives.seen(case)).reservoir.balance == 10_000
    assert (await verify(lives.ports)).differences == []


async def test_unlimited_tokens_that_end_late_leave_a_full_tank_and_no_refill(lives: Lives) -> None:
    """L7: the balance from before is no room for a refill."""
    case = await lives.activate(PRO)
    await lives.spend(case, 5_000)
    await lives.upgrade(case, ENTERPRISE)
    await lives.downgrade(case, BUSINESS)
    await lives.work_at(local(2026, 4, 3, 11))
    assert (await lives.seen(case)).reservoir.balance == 50_000
    assert (await verify(lives.ports)).differences == []


async def test_tokens_held_since_before_unlimited_ones_may_leave_less_than_was_bought(lives: Lives) -> None:
    """L3, L7: what is charged while tokens are unlimited leaves the bought ones untouched."""
    case = await lives.activate(PRO)
    await lives.buy(case, 40_000)
    task = await lives.hold(case, 2_500, ScanMode.VIDEO)
    await lives.upgrade(case, ENTERPRISE)
    await lives.charge(task, 2_500)
    await lives.downgrade(case, PRO)
    await lives.work_at(local(2026, 4, 3, 9))
    assert (await lives.seen(case)).reservoir.balance == 50_000
    await lives.upgrade(case, ENTERPRISE)
    await lives.deactivate(case)
    assert (await lives.seen(case)).reservoir.balance == 0
    assert (await verify(lives.ports)).differences == []

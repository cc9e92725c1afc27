"""What going down and going off do to tokens, those that are held and those that were bought (C3, L6, L7)."""

from decimal import Decimal

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus
from app.domain.plan_changes import PlanChange
from app.domain.plans import PlanTier
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import TaskStatus
from app.services import previews
from app.services.ports import Ports
from app.services.tasks import find_tasks
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, begun, eastern
from tests.services.effects import end_cycle, entries, tank
from tests.stage import Clock


async def test_a_downgrade_waits_for_the_end_of_the_cycle_and_may_be_replaced_and_cancelled(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C3, L6: Business with 41,234, of which 1,234 bought, becomes Pro with 11,234."""
    life = await begun(ports, operator, BUSINESS)
    await life.buy(1_234)
    await life.spend_to(41_234)
    preview = await life.preview(PRO)
    assert isinstance(preview, PlanChange)
    assert (preview.balance_after, preview.tokens_lost, preview.charge) == (11_234, 30_000, Decimal(0))
    ends_at = (await life.subscription()).cycle.ends_at
    for tier in (STARTER, PRO):
        await life.downgrade(tier)
        scheduled = (await life.subscription()).scheduled
        assert scheduled is not None
        assert (scheduled.tier, scheduled.effective_at) == (tier, ends_at)
    await life.cancel()
    assert (await life.subscription()).scheduled is None
    await life.downgrade(PRO)
    clock.now = ends_at
    clock.pass_(microseconds=-1)
    await life.spend_to(41_234)  # the refills of the days before
    assert await tank(life) == (41_234, 0, 1_234, 50_000)
    await end_cycle(life, clock)
    assert await tank(life) == (11_234, 0, 1_234, 10_000)
    assert await entries(life, "DOWNGRADE_CLAMP") == [("DOWNGRADE_CLAMP", -30_000, 0, 0, None, 1)]
    assert (await life.see()).terms.tier is PRO
    assert [event.kind for event in await life.timeline()][1:] == [
        PlanEvent.DOWNGRADE_SCHEDULED, PlanEvent.DOWNGRADE_SCHEDULED, PlanEvent.DOWNGRADE_CANCELLED,
        PlanEvent.DOWNGRADE_SCHEDULED, PlanEvent.DOWNGRADED,
    ]  # fmt: skip


async def test_held_tokens_are_never_cut_and_what_comes_back_above_the_limit_goes(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """L6: Business holds 30,000 and 15,000 of two tasks; on Pro refunds land in full and are then clamped."""
    life = await begun(ports, operator, BUSINESS)
    await life.buy(500)
    await life.downgrade(PRO)
    clock.now = (await life.subscription()).cycle.ends_at
    clock.pass_(hours=-1)
    await life.set()
    first, second = await life.hold(30_000), await life.hold(15_000)
    assert await tank(life) == (5_500, 45_000, 500, 50_000)
    await end_cycle(life, clock)
    assert await tank(life) == (500, 45_000, 500, 10_000)
    await life.charge(first, 10_000)  # 35,000 held: still above
    await life.end(first)  # 20,000 come back
    assert await tank(life) == (500, 15_000, 500, 10_000)
    await life.charge(second, 8_000)
    await life.end(second)  # 7,000 come back, and fit: the tank was not above its limit any more
    assert await tank(life) == (7_500, 0, 500, 10_000)
    assert [entry[:5] for entry in await entries(life, "REFUND", "DOWNGRADE_CLAMP")] == [
        ("DOWNGRADE_CLAMP", -5_000, 0, 0, None),
        ("REFUND", 20_000, -20_000, 0, first.number),
        ("DOWNGRADE_CLAMP", -20_000, 0, 0, None),
        ("REFUND", 7_000, -7_000, 0, second.number),
    ]
    [ended] = await find_tasks(ports, operator, [(life.uuid, first.number)])
    assert ended is not None
    assert (ended.charged, ended.refunded) == (10_000, 20_000)  # the clamp is not the task's


async def test_a_deactivation_that_refunds_above_the_limit_clamps_before_it_clears(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """L6: in the cycle that ends; then everything is 0 and no task runs."""
    life = await begun(ports, operator, BUSINESS)
    await life.downgrade(PRO)
    clock.now = (await life.subscription()).cycle.ends_at
    clock.pass_(hours=-1)
    await life.set()
    tasks = [await life.hold(30_000), await life.hold(15_000), await life.hold(100)]
    await life.end(tasks[2])
    await end_cycle(life, clock)
    preview = await previews.preview_deactivation(ports, operator, life.uuid)
    assert isinstance(preview, PlanChange)
    assert (preview.tokens_lost, preview.balance_after) == (45_000, 0)
    clock.pass_(minutes=1)
    ended = await life.deactivate()
    assert isinstance(ended, Case)
    assert (ended.terms.status, ended.terms.tier, ended.refilled_on, ended.cycle_ends_at) == (
        CaseStatus.DEACTIVATED, None, None, None,
    )  # fmt: skip
    assert await tank(life) == (0, 0, 0, 0)
    assert await entries(life, "REFUND", "DOWNGRADE_CLAMP", "DEACTIVATION_CLEAR") == [
        ("REFUND", 100, -100, 0, 3, 1),
        ("DOWNGRADE_CLAMP", -5_000, 0, 0, None, 1),
        ("REFUND", 30_000, -30_000, 0, 1, 2),
        ("DOWNGRADE_CLAMP", -30_000, 0, 0, None, 2),
        ("REFUND", 15_000, -15_000, 0, 2, 2),
        ("DOWNGRADE_CLAMP", -5_000, 0, 0, None, 2),
        ("DEACTIVATION_CLEAR", -10_000, 0, 0, None, 2),
    ]
    found = await find_tasks(ports, operator, [(life.uuid, task.number) for task in tasks])
    assert [task and task.status for task in found] == [TaskStatus.CANCELLED] * 3
    assert (await life.subscription()).cycle.ends_at == clock.now


@pytest.mark.parametrize(
    ("tier", "held", "balance", "change"),
    [
        (PRO, 0, 13_000, 12_000),  # the last balance was 1,000
        (PRO, 4_000, 9_000, 8_000),
        (PRO, 10_001, 3_000, 2_000),  # more than the cap is held: only what was bought is free
        (STARTER, 500, 3_500, 2_500),
    ],
)
async def test_the_end_of_an_unlimited_plan_leaves_what_was_bought_and_the_room_of_the_cap(
    ports: Ports, operator: Viewer, clock: Clock, tier: PlanTier, held: int, balance: int, change: int
) -> None:
    """L7: one entry, which carries the difference to the sum so far; purchased is untouched, however much was spent."""
    life = await begun(ports, operator)
    await life.buy(3_000)
    spending = await life.hold(9_000), await life.hold(3_000)
    await life.upgrade(ENTERPRISE)
    for task in spending:
        await life.charge(task, task.documents)
    preview = await life.preview(tier)
    assert isinstance(preview, PlanChange)
    assert (preview.balance_before, preview.tokens_lost) == (None, 0)
    await life.downgrade(tier)
    clock.now = (await life.subscription()).cycle.ends_at
    clock.pass_(hours=-1)
    if held:
        await life.hold(held)
    await end_cycle(life, clock)
    cap = {PRO: 10_000, STARTER: 1_000}[tier]
    assert await tank(life) == (balance, held, 3_000, cap)
    assert await entries(life, "DOWNGRADE_CLAMP") == [("DOWNGRADE_CLAMP", change, 0, 0, None, 2)]
    case = await life.see()
    assert case.refilled_on == (eastern(2026, 4, 2, 9).date() if tier is PRO else None)


async def test_an_unlimited_plan_is_deactivated_to_nothing(ports: Ports, operator: Viewer) -> None:
    """L7: the clear carries minus the sum so far, 9,000 of the plan and 1,500 bought, in the cycle that ends."""
    life = await begun(ports, operator)
    await life.spend(1_000)
    await life.buy(1_500)
    await life.upgrade(ENTERPRISE)
    await life.hold(700)
    assert isinstance(await life.deactivate(), Case)
    assert await tank(life) == (0, 0, 0, 0)
    assert await entries(life, "REFUND", "DEACTIVATION_CLEAR") == [
        ("REFUND", None, -700, 0, 2, 2),
        ("DEACTIVATION_CLEAR", -10_500, 0, -1_500, None, 2),
    ]
    assert isinstance(await life.reactivate(ENTERPRISE), Case)
    assert await tank(life) == (None, 0, 0, None)

"""What every change of plan does to tokens, cycles and the bill (C1-C3, C6, L5-L7, T5)."""

from datetime import datetime
from decimal import Decimal

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus, PaymentMethod
from app.domain.plan_changes import PlanChange
from app.domain.plans import PlanTier
from app.domain.refusals import Refusal
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task, TaskStatus
from app.services import subscriptions
from app.services.organizations import set_monthly_invoicing
from app.services.ports import Ports
from app.services.tasks import find_tasks
from tests.plans import BUSINESS, ENTERPRISE, INVOICE, PRO, STARTER, Life, begun, eastern, registered
from tests.stage import Clock


async def tank(life: Life) -> tuple[int | None, int, int, int | None]:
    """Balance, held, purchased, cap."""
    found = await life.tank()
    return found.balance, found.held, found.purchased, found.cap


async def entries(life: Life, *kinds: str) -> list[tuple[str, int | None, int, int, int | None, int]]:
    """Kind, balance, held, purchased, task and cycle of every entry of these kinds."""
    return [
        (entry.kind, entry.balance, entry.held, entry.purchased, entry.task, entry.cycle)
        for entry in await life.entries()
        if entry.kind in kinds
    ]


async def bill(life: Life) -> list[tuple[PlanEvent, str, str]]:
    """What every event charged at once, and the credit that it gave."""
    return [(event.kind, str(event.charge), str(event.credit)) for event in await life.timeline()]


async def end_cycle(life: Life, clock: Clock) -> Case | Refusal:
    """What its end does is done before a command that by itself changes nothing."""
    clock.now = (await life.subscription()).cycle.ends_at
    return await life.set()


@pytest.mark.parametrize(
    ("begins", "upgraded", "tier", "credit", "ends_at"),
    [
        (eastern(2026, 1, 31, 10), eastern(2026, 2, 10, 12), PRO, "320.79", eastern(2026, 3, 10)),  # 18 of 28 days
        (eastern(2026, 3, 3, 10), eastern(2026, 3, 20, 11), PRO, "225.35", eastern(2026, 4, 20)),  # 14 of 31 days
        (eastern(2026, 3, 3, 10), eastern(2026, 3, 3, 10), PRO, "499.00", eastern(2026, 4, 3)),  # an empty cycle
        (eastern(2026, 3, 3, 23), eastern(2026, 4, 2, 23, 59), STARTER, "1.58", eastern(2026, 5, 2)),  # its last day
        (eastern(2028, 1, 29, 9), eastern(2028, 2, 28, 23), STARTER, "1.58", eastern(2028, 3, 28)),  # of a leap year
    ],
)
async def test_an_upgrade_does_at_once_what_its_preview_says(
    ports: Ports, operator: Viewer, clock: Clock, begins: datetime, upgraded: datetime, tier: PlanTier, credit: str,
    ends_at: datetime,
) -> None:  # fmt: skip
    """C2, L5: charged in full, a credit for the days left, a new anchor, a full tank; a downgrade that waited is off."""
    clock.now = begins
    life = await begun(ports, operator, tier)
    if tier is PRO:
        await life.downgrade(STARTER)
    clock.now = upgraded
    await life.buy(1_000)
    task = await life.hold(600)
    await life.charge(task, 500)
    preview = await life.preview(BUSINESS)
    assert isinstance(preview, PlanChange)
    balance = (await life.tank()).balance
    assert (preview.charge, preview.credit, preview.credit_left) == (Decimal(4999), Decimal(credit), Decimal(credit))
    assert (preview.balance_before, preview.balance_after, preview.effective_at) == (balance, 50_900, upgraded)
    before = await life.subscription()
    assert isinstance(await life.upgrade(BUSINESS), Case)
    after = await life.subscription()
    assert await tank(life) == (50_900, 100, 1_000, 50_000)
    assert (after.cycle.starts_at, after.cycle.ends_at, after.scheduled, after.credit) == (
        upgraded, ends_at, None, Decimal(credit),
    )  # fmt: skip
    assert after.cycle.number == before.cycle.number + 1
    assert (await bill(life))[-1] == (PlanEvent.UPGRADED, "4999.00", credit)
    [(_, filled, *_, cycle)] = await entries(life, "UPGRADE_FILL")
    assert (filled, cycle) == (50_900 - (balance or 0), after.cycle.number)


async def test_a_credit_goes_on_the_invoice_after_its_own_and_the_rest_is_carried_on(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C6: 499.00 from the first upgrade pays the downgraded plan's renewals until nothing is left of it."""
    life = await begun(ports, operator)
    await life.upgrade(BUSINESS)
    await life.downgrade(STARTER)
    await life.spend_to(0)
    await life.set(overage=True)
    await life.spend(10)  # 1.00
    for _ in range(2):
        await end_cycle(life, clock)
    await life.deactivate()
    assert (await life.subscription()).credit == Decimal("400.00")
    await life.reactivate(PRO)
    assert await bill(life) == [
        (PlanEvent.ACTIVATED, "499.00", "0.00"),
        (PlanEvent.UPGRADED, "4999.00", "499.00"),
        (PlanEvent.DOWNGRADE_SCHEDULED, "0.00", "0.00"),
        (PlanEvent.DOWNGRADED, "0.00", "0.00"),  # 49.00 + 1.00 of 499.00
        (PlanEvent.RENEWED, "0.00", "0.00"),
        (PlanEvent.DEACTIVATED, "0.00", "0.00"),
        (PlanEvent.REACTIVATED, "499.00", "0.00"),  # the credit waits
    ]
    await end_cycle(life, clock)
    assert (await bill(life))[-1] == (PlanEvent.RENEWED, "99.00", "0.00")
    assert (await life.subscription()).credit == 0


async def test_monthly_invoices_charge_nothing_at_once(ports: Ports, operator: Viewer, clock: Clock) -> None:
    """C6: a credit is a line of its own there, and nothing is carried."""
    life = await registered(ports, operator, organization="contracted")
    await set_monthly_invoicing(ports, (await life.see()).organization, allowed=True)
    assert isinstance(await life.activate(PRO, INVOICE), Case)
    await life.upgrade(BUSINESS)
    await end_cycle(life, clock)
    await life.deactivate()
    assert {(charge, credit) for _, charge, credit in await bill(life)} == {("0.00", "0.00"), ("0.00", "499.00")}
    after = await life.subscription()
    assert (after.payment_method, after.credit) == (PaymentMethod.MONTHLY_INVOICE, 0)


async def test_a_downgrade_waits_for_the_end_of_the_cycle_and_may_be_replaced_and_cancelled(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C3, L6: Business with 41,234, of which 1,234 bought, becomes Pro with 11,234."""
    life = await begun(ports, operator, BUSINESS)
    await life.buy(1_234)
    await life.spend_to(41_234)
    preview = await life.preview(PRO)
    assert isinstance(preview, PlanChange)
    assert (preview.balance_after, preview.tokens_lost, preview.charge) == (11_234, 30_000, 0)
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
    preview = await subscriptions.preview_deactivation(ports, operator, life.uuid)
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


async def test_a_reactivation_begins_a_cycle_of_its_own_and_fills(ports: Ports, operator: Viewer, clock: Clock) -> None:
    """C3, L3, L5: bought tokens did not survive; Pro again with 10,000, its anchor the day of the reactivation."""
    life = await begun(ports, operator, BUSINESS)
    await life.buy(1_234)
    await life.downgrade(PRO)
    await life.deactivate()
    clock.pass_(days=100)
    assert isinstance(await life.reactivate(PRO), Case)
    assert await tank(life) == (10_000, 0, 0, 10_000)
    after = await life.subscription()
    assert (after.cycle.number, after.cycle.starts_at, after.scheduled) == (2, clock.now, None)
    assert after.cycle.anchor_day == 11
    last = (await life.timeline())[-1]
    assert (last.kind, last.tier, last.from_tier, str(last.charge)) == (PlanEvent.REACTIVATED, PRO, None, "499.00")
    assert await entries(life, "DAILY_REFILL") == []


async def test_an_upgrade_to_unlimited_turns_provisional_overage_into_held_tokens(
    ports: Ports, operator: Viewer
) -> None:
    """T5, L7: an entry for each task that has any; from then on nothing is overage."""
    life = await begun(ports, operator, overage=True)
    tasks = [await life.hold(9_000), await life.hold(1_500), await life.hold(300)]
    assert isinstance(await life.charge(tasks[1], 1_100), Task)  # 100 of it settled overage
    assert isinstance(await life.upgrade(ENTERPRISE), Case)
    assert await tank(life) == (None, 9_000 + 400 + 300, 0, None)
    assert await entries(life, "UPGRADE_FILL") == [
        ("UPGRADE_FILL", None, 400, 0, 2, 2),
        ("UPGRADE_FILL", None, 300, 0, 3, 2),
    ]
    charged = await life.charge(tasks[1], 400, 1_100)
    assert isinstance(charged, Task)
    assert (charged.charged, charged.overage) == (1_500, 100)
    assert isinstance(await life.try_task(100_001), Task)


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

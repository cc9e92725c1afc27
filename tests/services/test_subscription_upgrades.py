"""What going up and coming back do to tokens, cycles and the bill (C1-C3, C6, L5, T5)."""

from datetime import datetime
from decimal import Decimal

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.plan_changes import PlanChange
from app.domain.plans import PlanTier
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task
from app.services.organizations import set_monthly_invoicing
from app.services.ports import Ports
from tests.plans import BUSINESS, ENTERPRISE, INVOICE, PRO, STARTER, begun, eastern, registered
from tests.services.effects import bill, end_cycle, entries, tank
from tests.stage import Clock


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
    """C2, L5: a full charge, a credit for the days left, a new anchor, a full tank; what waited is dropped."""
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
    assert (after.payment_method, after.credit) == (PaymentMethod.MONTHLY_INVOICE, Decimal(0))


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

"""Bought tokens (L3): above the cap if need be, spent after granted ones, kept until a deactivation."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.ledger import EntryKind
from app.domain.purchases import MOST_BOUGHT
from app.domain.refusals import Flaw, InvalidInput, NotFound
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import MOST_TOKENS
from app.services.ports import Ports
from app.storage.reservoirs import change_balance
from tests.plans import PRO, STARTER, Life, begun
from tests.stage import Clock, nowhere


@pytest.mark.parametrize("tokens", [-1, 0, MOST_BOUGHT + 1, 10**30])
async def test_a_purchase_has_its_limits(ports: Ports, operator: Viewer, tokens: int) -> None:
    """Judged before the case is looked for."""
    life = await begun(ports, operator, STARTER)
    for bought in (await life.buy(tokens), await Life(ports, operator, nowhere()).buy(tokens)):
        assert bought == InvalidInput("tokens", Flaw.TOKENS_OUT_OF_RANGE, {"most": MOST_BOUGHT})
    assert await Life(ports, operator, nowhere()).buy(1) == NotFound()
    assert len(await life.entries()) == 1


async def test_bought_tokens_are_one_entry_and_no_grant(ports: Ports, operator: Viewer) -> None:
    life = await begun(ports, operator, STARTER)
    bought = await life.buy(MOST_BOUGHT)
    assert isinstance(bought, Case)
    tank = bought.reservoir
    assert (tank.balance, tank.held, tank.purchased, tank.cap) == (MOST_BOUGHT + 1_000, 0, MOST_BOUGHT, 1_000)
    entry = (await life.entries())[-1]
    assert (entry.kind, entry.balance, entry.purchased, entry.cycle) == ("PURCHASE", MOST_BOUGHT, MOST_BOUGHT, 1)
    assert [event.kind for event in await life.timeline()] == [PlanEvent.ACTIVATED]


async def test_a_tank_holds_no_more_than_the_largest_count(ports: Ports, operator: Viewer, clock: Clock) -> None:
    life = await begun(ports, operator, STARTER)
    much = MOST_TOKENS - 1_000 - 10
    async with ports.database.writing() as connection:
        await change_balance(
            connection, (await life.see()).terms.case_id, EntryKind.PURCHASE, much, purchased=much,
            caller_id=operator.caller_id, now=clock.now,
        )  # fmt: skip
    await life.hold(1_000)
    assert await life.buy(11) == InvalidInput("tokens", Flaw.TOKENS_OUT_OF_RANGE, {"most": MOST_BOUGHT})
    assert isinstance(await life.buy(10), Case)


async def test_granted_tokens_are_spent_first(ports: Ports, operator: Viewer) -> None:
    """L3: after each charge purchased = min(purchased, balance + held), whatever is reserved and given back."""
    life = await begun(ports, operator, STARTER)
    await life.buy(500)
    task = await life.hold(800)
    assert (await life.tank()).purchased == 500
    await life.charge(task, 700)
    tank = await life.tank()
    assert (tank.balance, tank.held, tank.purchased) == (700, 100, 500)
    other = await life.hold(400)
    await life.charge(other, 400)  # 300 granted ones were left, of which 100 are held by the first
    tank = await life.tank()
    assert (tank.balance, tank.held, tank.purchased) == (300, 100, 400)
    await life.end(task)
    tank = await life.tank()
    assert (tank.balance, tank.held, tank.purchased) == (400, 0, 400)
    assert [entry.purchased for entry in await life.entries() if entry.kind == "CHARGE"] == [0, -100]


@pytest.mark.parametrize(
    ("bought", "left", "held", "added"),
    [
        (3_000, 12_000, 0, 500),  # the example of L4: 9,000 granted
        (3_000, 12_700, 0, 300),
        (3_000, 13_000, 0, 0),
        (3_000, 11_900, 5_000, 500),  # held tokens are still in the tank
        (3_000, 2_000, 0, 500),  # only bought ones are left
        (0, 0, 0, 500),
    ],
)
async def test_a_refill_leaves_room_for_what_was_bought(
    ports: Ports, operator: Viewer, clock: Clock, bought: int, left: int, held: int, added: int
) -> None:
    """L4: min(daily refill, cap - (balance + held - purchased))."""
    life = await begun(ports, operator, PRO)
    if bought:
        await life.buy(bought)
    await life.spend_to(left)
    clock.pass_(days=1, hours=-1)
    if held:
        await life.hold(held)
    await life.set()
    refills = [entry.balance for entry in await life.entries() if entry.kind == "DAILY_REFILL"]
    assert refills == ([added] if added else [])
    tank = await life.tank()
    assert (tank.balance, tank.held) == (left - held + added, held)

"""What changes of plan have done to a case."""

from app.domain.cases import Case
from app.domain.refusals import Refusal
from app.domain.subscriptions import PlanEvent
from tests.plans import Life
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

"""The ceiling on overage: set, removed, and never passed by what is settled and set aside in a cycle (T5)."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.overage import OverageUse
from app.domain.plans import PlanTier
from app.domain.quotes import Quote
from app.domain.rates import ScanMode
from app.domain.refusals import (
    BulkLimitExceeded,
    Flaw,
    GateRefusal,
    IdempotencyConflict,
    InsufficientTokens,
    InvalidInput,
)
from app.domain.tasks import Task, TaskEnd
from app.services import cases, tasks
from app.services.ports import Ports
from app.storage.overage import find_overage
from tests.plans import Life, begun
from tests.stage import Clock, bulk, nowhere

BUSINESS = PlanTier.BUSINESS


async def limited(ports: Ports, operator: Viewer, ceiling: int, tier: PlanTier = PlanTier.STARTER) -> Life:
    """A case whose tank is empty, with overage on."""
    life = await begun(ports, operator, tier)
    await life.spend_to(0)
    await life.set(overage=True, ceiling=ceiling)
    return life


async def use(life: Life) -> OverageUse:
    case = await life.see()
    async with life.ports.database.reading() as connection:
        return await find_overage(connection, case.terms.case_id)


async def quoted(life: Life, documents: int) -> GateRefusal | None:
    quote = await tasks.quote(life.ports, life.viewer, life.uuid, bulk(ScanMode.TEXT, documents))
    assert isinstance(quote, Quote)
    return quote.blocked_by


async def test_settled_and_provisional_overage_together_stay_under_the_ceiling(ports: Ports, operator: Viewer) -> None:
    """T5: 100 in a cycle; 40 settled, 30 set aside, so that 30 are left."""
    life = await limited(ports, operator, 100)
    settled = await life.hold(40)
    await life.charge(settled, 40)
    await life.end(settled, TaskEnd.COMPLETED)
    running = await life.hold(30)
    assert await use(life) == OverageUse(40, 30)

    refusal = await life.try_task(31)
    assert isinstance(refusal, InsufficientTokens)
    assert (refusal.required, refusal.balance, refusal.missing) == (31, 0, 31)
    assert (refusal.overage_ceiling, refusal.overage_left) == (100, 30)
    assert await quoted(life, 31) == refusal
    assert await quoted(life, 30) is None
    assert isinstance(await life.try_task(30), Task)
    assert isinstance(await life.try_task(1), InsufficientTokens)

    await life.end(running)
    assert isinstance(await life.try_task(30), Task)


async def test_the_balance_is_no_overage(ports: Ports, operator: Viewer) -> None:
    """T5: a ceiling of 0 is as good as overage that is off; what the tank holds is spent as ever."""
    life = await begun(ports, operator, PlanTier.STARTER)
    await life.spend_to(50)
    await life.set(overage=True, ceiling=0)
    assert isinstance(await life.try_task(51), InsufficientTokens)
    assert isinstance(await life.try_task(50), Task)


async def test_a_new_cycle_has_the_whole_ceiling_but_for_what_still_runs(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C4: overage counts in the cycle in which it is settled."""
    life = await limited(ports, operator, 100)
    running = await life.hold(30)
    done = await life.hold(70)
    await life.charge(done, 70)
    await life.end(done, TaskEnd.COMPLETED)
    assert isinstance(await quoted(life, 1), InsufficientTokens)
    clock.pass_(days=20)
    await life.charge(running, 1)  # a sign of life (T6)
    ends = (await life.see()).cycle_ends_at
    assert ends is not None
    clock.now = ends
    running = await life.hold(70)
    assert await use(life) == OverageUse(0, 70)  # what ran was abandoned before, after 24 hours
    assert isinstance(await life.try_task(31), InsufficientTokens)


async def test_a_known_key_is_answered_at_the_ceiling(ports: Ports, operator: Viewer) -> None:
    """K1: with the task that it made, or as a conflict."""
    life = await limited(ports, operator, 100)
    made = await life.try_task(100, key="all of it")
    assert isinstance(made, Task)
    assert await life.try_task(100, key="all of it") == made
    assert isinstance(await life.try_task(90, key="all of it"), IdempotencyConflict)
    assert isinstance(await life.try_task(1), InsufficientTokens)


async def test_the_tier_named_over_the_bulk_limit_passes_the_ceiling_too(ports: Ports, operator: Viewer) -> None:
    """T1: as the quote says it, the creation says it, of a plan that holds the task right after the upgrade."""
    life = await limited(ports, operator, 100)
    refused = await life.try_task(1_500, ScanMode.AUDIO)
    assert refused == BulkLimitExceeded(1_000, BUSINESS, True)
    assert isinstance(await life.upgrade(BUSINESS), Case)
    assert isinstance(await life.try_task(1_500, ScanMode.AUDIO), Task)


async def test_the_tier_of_a_refusal_at_the_ceiling_lets_the_task_run(ports: Ports, operator: Viewer) -> None:
    """T1, C2: 60 settled in the cycle that the upgrade ends; the 40 set aside stay, so that 60 are left."""
    life = await limited(ports, operator, 100)
    task = await life.hold(100)
    await life.charge(task, 60)
    refusal = await life.try_task(1_000, ScanMode.AUDIO)
    assert isinstance(refusal, InsufficientTokens)
    assert refusal.minimum_tier is PlanTier.PRO
    assert isinstance(await life.upgrade(PlanTier.PRO), Case)
    assert isinstance(await life.try_task(1_000, ScanMode.AUDIO), Task)
    assert isinstance(await life.try_task(61), InsufficientTokens)
    assert isinstance(await life.try_task(60), Task)


async def test_a_ceiling_is_set_kept_and_removed(ports: Ports, operator: Viewer) -> None:
    """Each change of it counts as one of the terms, so that no task is judged by the one before."""
    life = await limited(ports, operator, 100)
    first = (await life.see()).terms
    await life.set(overage=False)
    await life.set(ceiling=0)
    second = (await life.see()).terms
    assert (first.overage_ceiling, second.overage_ceiling, second.overage_enabled) == (100, 0, False)
    assert second.version == first.version + 2
    removed = await cases.update_case_settings(
        ports, operator, key="remove", case_uuid=life.uuid, remove_overage_ceiling=True, overage_enabled=True
    )
    assert isinstance(removed, Case)
    assert removed.terms.overage_ceiling is None
    assert isinstance(await life.try_task(500), Task)


@pytest.mark.parametrize("ceiling", [-1, 2**53])
async def test_a_ceiling_that_is_none_is_refused(ports: Ports, operator: Viewer, ceiling: int) -> None:
    result = await cases.update_case_settings(ports, operator, key="x", case_uuid=nowhere(), overage_ceiling=ceiling)
    assert result == InvalidInput("overageCeiling", Flaw.CEILING_OUT_OF_RANGE, {"most": 2**53 - 1})


async def test_a_ceiling_is_not_set_and_removed_at_once(ports: Ports, operator: Viewer) -> None:
    result = await cases.update_case_settings(
        ports, operator, key="x", case_uuid=nowhere(), overage_ceiling=5, remove_overage_ceiling=True
    )
    assert result == InvalidInput("overageCeiling", Flaw.CEILING_SET_AND_REMOVED)


async def test_a_key_remembers_the_ceiling_it_was_used_with(ports: Ports, operator: Viewer) -> None:
    """K1."""
    life = await begun(ports, operator)
    ceilings = [
        await cases.update_case_settings(ports, operator, key="c", case_uuid=life.uuid, overage_ceiling=ceiling)
        for ceiling in (5, 5, 6)
    ]
    assert [isinstance(each, Case) for each in ceilings] == [True, True, False]
    assert isinstance(ceilings[2], IdempotencyConflict)

"""A case with a year behind it, lived through on a test clock, with usage in every cycle."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import TaskRequest
from tests.bench.ground import Ground
from tests.services.lives import Lives
from tests.stage import Clock, bulk, created, finish, report, reread, succeeded

MONTHS = 12
STARTS_AT = datetime(2025, 1, 2, 5, tzinfo=UTC)
MODES = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)
CODED = TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.TEXT, documents=1, active_fields=2)


async def case_of_a_year(ground: Ground) -> UUID:
    """Twelve cycles, the last one open, with charges of five categories in each; the check finds nothing amiss."""
    lives = Lives(replace(ground.ports, test_clocks=True), Clock(STARTS_AT), ground.viewer)
    clock = await lives.start_clock(STARTS_AT)
    case = await lives.activate(PlanTier.BUSINESS, clock)
    for month in range(MONTHS):
        if month:
            ends_at = (await reread(ground.ports, ground.viewer, case)).cycle_ends_at
            assert ends_at is not None
            await lives.advance(clock, ends_at)
        await _use(ground, case)
    return case.terms.uuid


async def _use(ground: Ground, case: Case) -> None:
    scan = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, len(MODES)))
    await report(ground.ports, ground.viewer, scan, *(succeeded([mode], mode) for mode in MODES))
    await finish(ground.ports, ground.viewer, scan)
    coded = await created(ground.ports, ground.viewer, case, CODED)
    await report(ground.ports, ground.viewer, coded, succeeded(["coded"]))
    await finish(ground.ports, ground.viewer, coded)

"""A case with a year behind it: cycles as renewals will leave them, and usage in each."""

from datetime import UTC, datetime
from uuid import UUID

import psycopg

from app.domain.cases import Case
from app.domain.cycles import Cycle, cycle_end
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import TaskRequest
from app.services.cases import find_case
from app.storage.cycles import first_day
from tests.bench.ground import Ground
from tests.stage import bulk, created, finish, report, succeeded

MONTHS = 12
MODES = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)
CODED = TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.TEXT, documents=1, active_fields=2)


async def case_of_a_year(ground: Ground) -> UUID:
    """Twelve cycles, the last one open, with charges of five categories in each; the check finds nothing amiss."""
    [uuid] = await ground.cases(1, PlanTier.BUSINESS)
    case = await find_case(ground.ports, ground.viewer, uuid)
    assert case is not None
    for cycle in _cycles():
        await _open(ground.url, case.terms.case_id, cycle)
        await _use(ground, case)
    return uuid


def _cycles() -> list[Cycle]:
    """From the 2nd of each month, New York, the last of them a year after the first began."""
    starts_at = datetime(2025, 1, 2, 5, tzinfo=UTC)
    cycles: list[Cycle] = []
    for number in range(1, MONTHS + 1):
        cycles.append(Cycle(number, PlanTier.BUSINESS, CURRENT_CATALOGUE, 2, starts_at, cycle_end(starts_at, 2)))
        starts_at = cycles[-1].ends_at
    return cycles


async def _open(url: str, case_id: int, cycle: Cycle) -> None:
    """Straight into the database, as there is no renewal yet; the first cycle, which activation made, is moved back."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "insert into cycles (case_id, number, catalogue, starts_at, ends_at, month, anchor_day, tier)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (case_id, number) do update"
            " set starts_at = excluded.starts_at, ends_at = excluded.ends_at, month = excluded.month,"
            " anchor_day = excluded.anchor_day",
            (case_id, cycle.number, cycle.catalogue, cycle.starts_at, cycle.ends_at, first_day(cycle.month),
             cycle.anchor_day, cycle.tier),
        )  # fmt: skip
        await connection.execute("update reservoirs set cycle_number = %s where case_id = %s", (cycle.number, case_id))


async def _use(ground: Ground, case: Case) -> None:
    scan = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, len(MODES)))
    await report(ground.ports, ground.viewer, scan, *(succeeded([mode], mode) for mode in MODES))
    await finish(ground.ports, ground.viewer, scan)
    coded = await created(ground.ports, ground.viewer, case, CODED)
    await report(ground.ports, ground.viewer, coded, succeeded(["coded"]))
    await finish(ground.ports, ground.viewer, coded)

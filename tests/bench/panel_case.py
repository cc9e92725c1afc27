"""A case with ten years behind it: a cycle a month, thousands of tasks with receipts, and a few that run."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Case
from app.domain.cycles import Cycle, Month, cycle_end, refill_instant
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import MOST_TOKENS
from app.services.ports import Ports
from app.storage.cycles import store_cycle
from tests.bench.ground import Ground
from tests.stage import active_case, bulk, created, failed, named, report, reread, skipped, succeeded

MONTHS = 120
RUNNING = 3

_OPEN = text("update reservoirs set cycle_number = :number where case_id = :case_id")
# Task after task with seven entries each, as the services would make it: one document succeeds in each mode, one fails,
# one is skipped, one never runs.
_TASKS = text("""
select bool_and(ended.verdict = 'done')
from generate_series(1, :tasks) number
cross join lateral (select cast(:begins as timestamptz) + number * cast(:pause as interval)) moment (at)
cross join lateral create_task(
    :case_id, :caller_id, gen_random_uuid(), moment.at, :terms, false, 'SCAN', 'BULK', 'AUTO', cast(1 as smallint), 7,
    null, 140, '{1,5,10,20}', :most
) made
cross join lateral record_outcomes(
    :case_id, (made.task).number, :caller_id, gen_random_uuid(), gen_random_uuid(), moment.at, '1 2 3 4 5 6', ' ',
    'tiavfs', true, false
) reported
cross join lateral finish_task(
    :case_id, (reported.task).number, :caller_id, gen_random_uuid(), gen_random_uuid(), moment.at, 'COMPLETED', null
) ended
""")
_REFILL = text("""
select fill_reservoir(case_id, 'DAILY_REFILL', cap - balance - held, :caller_id, :at)
from reservoirs where case_id = :case_id and balance + held < cap
""")


async def case_of_ten_years(ground: Ground, tasks: int) -> UUID:
    """MONTHS cycles up to the present one, with `tasks` ended tasks spread over them; the check finds nothing amiss."""
    now = ground.ports.clock()
    cycles = _cycles(now)
    then = Ports(ground.ports.database, lambda: cycles[0].starts_at)
    case = await active_case(then, ground.viewer, PlanTier.BUSINESS)
    shares = [tasks * place // MONTHS for place in range(MONTHS + 1)]
    for cycle, (first, last) in zip(cycles, pairwise(shares), strict=True):
        # A transaction for each: too many versions of the reservoir's row would slow it down.
        async with ground.ports.database.writing() as connection:
            await _live_through(connection, ground, case, cycle, last - first, min(cycle.ends_at, now))
    case = await reread(ground.ports, ground.viewer, case)
    for number in range(1, RUNNING + 1):
        task = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, 40 * number))
        done = succeeded(named(9 * number), ScanMode.AUDIO), failed(["failed"]), skipped(["skipped"])
        await report(ground.ports, ground.viewer, task, *done)
    return case.terms.uuid


def _cycles(now: datetime) -> list[Cycle]:
    """From the 1st of each month, New York; the present month's is the last."""
    present = Month.of(now)
    starts_at = cycle_end(refill_instant(Month(present.year - MONTHS // 12, present.month).day(1)), 1)
    cycles: list[Cycle] = []
    for number in range(1, MONTHS + 1):
        cycles.append(Cycle(number, PlanTier.BUSINESS, CURRENT_CATALOGUE, 1, starts_at, cycle_end(starts_at, 1)))
        starts_at = cycles[-1].ends_at
    return cycles


async def _live_through(
    connection: AsyncConnection, ground: Ground, case: Case, cycle: Cycle, tasks: int, until: datetime
) -> None:
    """Straight into the database, as there is no renewal yet; activation made the first cycle."""
    case_id, caller_id = case.terms.case_id, ground.viewer.caller_id
    if cycle.number > 1:
        await store_cycle(connection, case_id, cycle)
        await connection.execute(_OPEN, {"case_id": case_id, "number": cycle.number})
    given = {
        "case_id": case_id, "caller_id": caller_id, "terms": case.terms.version, "most": MOST_TOKENS, "tasks": tasks,
        "begins": cycle.starts_at, "pause": (until - cycle.starts_at) / (tasks + 1),
    }  # fmt: skip
    assert (await connection.execute(_TASKS, given)).scalar_one() is not False
    await connection.execute(_REFILL, {"case_id": case_id, "caller_id": caller_id, "at": until})

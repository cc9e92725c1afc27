"""A case with many months behind it: a cycle a month, thousands of tasks with receipts, and a few that run."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from app.domain.cases import Case
from app.domain.cycles import Month, cycle_end, refill_instant
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import MOST_TOKENS
from tests.bench.ground import Ground
from tests.services.lives import Lives
from tests.stage import Clock, bulk, created, failed, named, report, reread, skipped, succeeded

RUNNING = 3
WEEK = timedelta(days=7)

# Task after task with seven entries each, as the services would make it: one document succeeds in each mode, one fails,
# one is skipped, one never runs.
_TASKS = text("""
select bool_and(ended.verdict = 'done')
from generate_series(1, :tasks) number
cross join lateral create_task(
    :case_id, :caller_id, gen_random_uuid(), :now, :terms, false, 'SCAN', 'BULK', 'AUTO', cast(1 as smallint), 7,
    null, 140, '{1,5,10,20}', :most, null, null
) made
cross join lateral record_outcomes(
    :case_id, (made.task).number, :caller_id, gen_random_uuid(), gen_random_uuid(), :now, '1 2 3 4 5 6', ' ',
    'tiavfs', true, false, null, null
) reported
cross join lateral finish_task(
    :case_id, (reported.task).number, :caller_id, gen_random_uuid(), gen_random_uuid(), :now, 'COMPLETED', null, null
) ended
""")


async def case_of_many_months(ground: Ground, tasks: int) -> UUID:
    """On a test clock that has come to the present, with `tasks` ended tasks spread over the weeks before."""
    present = ground.ports.clock()
    month = Month.of(present)
    begun = month.year * 12 + month.month - 1 - ground.effort.months
    starts_at = cycle_end(refill_instant(Month(begun // 12, begun % 12 + 1).day(1)), 1)
    lives = Lives(replace(ground.ports, test_clocks=True), Clock(present), ground.viewer)
    clock = await lives.start_clock(starts_at)
    case = await lives.activate(PlanTier.BUSINESS, clock)
    weeks = max(1, (present - starts_at) // WEEK)
    for week in range(weeks):
        now = starts_at + week * WEEK
        await lives.advance(clock, now)
        await _work(ground, case, tasks * (week + 1) // weeks - tasks * week // weeks, now)
    await lives.advance(clock, present)
    for number in range(1, RUNNING + 1):
        task = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, 40 * number))
        done = succeeded(named(9 * number), ScanMode.AUDIO), failed(["failed"]), skipped(["skipped"])
        await report(ground.ports, ground.viewer, task, *done)
    return case.terms.uuid


async def _work(ground: Ground, case: Case, tasks: int, now: datetime) -> None:
    terms = (await reread(ground.ports, ground.viewer, case)).terms
    given = {
        "case_id": terms.case_id, "caller_id": ground.viewer.caller_id, "terms": terms.version, "most": MOST_TOKENS,
        "tasks": tasks, "now": now,
    }  # fmt: skip
    async with ground.ports.database.writing() as connection:
        assert (await connection.execute(_TASKS, given)).scalar_one() is not False

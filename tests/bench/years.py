"""How long two years of a busy case take on a test clock, which is what a consumer who tries things out waits for."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.plans import PlanTier
from tests.bench.ground import Ground
from tests.bench.rounds import Row
from tests.services.lives import Lives
from tests.stage import Clock, bulk, created, failed, finish, named, report, succeeded

STARTS_AT = datetime(2026, 1, 31, 15, tzinfo=UTC)
DOCUMENTS = 3_000
TASKS_A_DAY = 2
LEFT_ALONE = 50
"""The tasks of one in so many days are never ended by anybody."""


async def two_busy_years(ground: Ground) -> list[Row]:
    """Advanced day by day; only the advances count, as the tasks between are the caller's own."""
    lives = Lives(replace(ground.ports, test_clocks=True), Clock(STARTS_AT), ground.viewer)
    clock = await lives.start_clock(STARTS_AT)
    case = await lives.activate(PlanTier.BUSINESS, clock)
    seconds, ids = 0.0, named(DOCUMENTS)
    for day in range(ground.effort.days):
        for _ in range(TASKS_A_DAY):
            task = await created(lives.ports, lives.operator, case, bulk(documents=DOCUMENTS))
            await report(lives.ports, lives.operator, task, succeeded(ids[100:]), failed(ids[:100]))
            if day % LEFT_ALONE:
                await finish(lives.ports, lives.operator, task)
        begun = time.perf_counter()
        await lives.advance(clock, STARTS_AT + timedelta(days=day + 1))
        seconds += time.perf_counter() - begun
    scenario = f"{ground.effort.days} days of a case with {TASKS_A_DAY} tasks a day, advanced on a test clock"
    return [Row(scenario, seconds, unit="s", most=20)]

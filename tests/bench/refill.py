"""Row 5: nine o'clock for very many cases, by two workers of which one may be killed, with reserves beside it.

The peer refills them all in one batch, which holds every case until it commits.
"""

import asyncio
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import psycopg

from app.domain.cycles import due_day, refill_instant
from app.domain.ledger import EntryKind
from app.domain.plans import PlanTier
from app.runtime.migrating import migrate
from app.storage.database import DatabaseUnavailable
from app.storage.reservoirs import change_balance, refill_batch
from tests.bench.callers import allowed
from tests.bench.copies import copy_case
from tests.bench.ground import Ground, ground
from tests.bench.rounds import Row
from tests.stage import Clock, active_case

WORKERS = 2
RESERVES = 400
"""A second, of cases at random."""

ALONE = 0.5, 10.0
"""Seconds of the same load without a refill, for few cases and for many."""

THIRST = 9_000
"""Tokens that each case lacks at the beginning: more than all rounds add."""

_LEFT = "select count(*) from reservoirs where refilled_on is distinct from %(day)s"


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds that it took, and those within which 99 of 100 reserves beside it were answered."""

    seconds: float
    p99: float


async def nine_oclock(outer: Ground) -> list[Row]:
    """In a database of its own: so many cases would weigh on every other benchmark."""
    outer.server.create_database("nine_oclock")
    url = outer.server.url("nine_oclock")
    try:
        migrate(url)
        async with ground(outer.server, url, outer.effort) as place:
            clock = Clock(refill_instant(due_day(datetime.now(UTC))))
            return await _NineOClock(replace(place, ports=replace(place.ports, clock=clock)), clock).rows()
    finally:
        outer.server.drop_database("nine_oclock")


class _NineOClock:
    """Day after day, each refilled in another way."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        self.ground, self.clock = ground, clock
        self.uuids: list[UUID] = []

    async def rows(self) -> list[Row]:
        self.uuids = await self._thirsty_cases()
        alone = await self._beside(asyncio.sleep(ALONE[len(self.uuids) > 1_000]))
        usual = (await self._next_day(None)).seconds  # not counted, but it says when half of it is done
        at_once, whole, killed = list[Round](), list[Round](), list[Round]()
        for _ in range(self.ground.effort.refills):
            at_once.append(await self._next_day(0))
            whole.append(await self._next_day(None))
            killed.append(await self._next_day(usual / 2))
        cases, slowest = f"{len(self.uuids):,} cases", statistics.median(each.p99 for each in whole + killed)
        return [
            Row(
                f"Refill of {cases}, {WORKERS} workers / the same in one batch",
                _ratio(whole, at_once), _seconds(whole, at_once), most=1.25,
            ),
            Row(
                f"Refill of {cases}, one of the workers killed half-way / none killed",
                _ratio(killed, whole), _seconds(killed, whole), most=1.25,
            ),
            Row(
                f"p99 of {RESERVES} reserves a second beside the refill / alone",
                slowest / alone.p99, f"{1000 * slowest:.1f} ms / {1000 * alone.p99:.1f} ms", most=5,
            ),
            Row(
                "The same beside the one batch",
                statistics.median(each.p99 for each in at_once) / alone.p99,
                f"{1000 * statistics.median(each.p99 for each in at_once):,.0f} ms",
            ),
        ]  # fmt: skip

    async def _thirsty_cases(self) -> list[UUID]:
        ground = self.ground
        first = (await active_case(ground.ports, ground.viewer, PlanTier.PRO)).terms
        async with ground.ports.database.writing() as connection:
            await change_balance(
                connection, first.case_id, EntryKind.ADJUSTMENT, -THIRST,
                caller_id=ground.viewer.caller_id, now=self.clock.now,
            )  # fmt: skip
            made = await copy_case(connection, first.case_id, ground.effort.refilled - 1)
        with psycopg.connect(ground.url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        return [first.uuid, *made]

    async def _next_day(self, kill_after: float | None) -> Round:
        """Refills the next date: 0 at once, else by workers, of which one may be killed after so many seconds."""
        self.clock.now = refill_instant(due_day(self.clock.now) + timedelta(days=1))
        if kill_after == 0:
            done = await self._beside(self._at_once())
        else:
            workers = [await self._worker() for _ in range(WORKERS)]
            done = await self._beside(_refill(workers, kill_after))
        with psycopg.connect(self.ground.url) as connection:
            left = connection.execute(_LEFT, {"day": due_day(self.clock.now)}).fetchone()
        assert left == (0,), f"{left} cases were not refilled"
        return done

    async def _at_once(self) -> None:
        database = self.ground.ports.database
        day, most = due_day(self.clock.now), len(self.uuids)
        while (await refill_batch(database, self.clock.now, day, after=None, most=most))[0]:
            pass  # what somebody held is for the next one

    async def _worker(self) -> Process:
        """Ready to begin."""
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.refill_worker", self.ground.url, self.clock.now.isoformat(),
            stdin=PIPE, stdout=PIPE,
        )  # fmt: skip
        assert worker.stdout
        assert await worker.stdout.readline() == b"ready\n"
        return worker

    async def _beside(self, work: Awaitable[None]) -> Round:
        """Does the work while reserves come at their times, however long those before them take."""
        order, reserve, taken, reserves = Random(1), allowed(self.ground), list[float](), set[asyncio.Task[None]]()

        async def one(due: float) -> None:
            with suppress(DatabaseUnavailable):  # told to come back, after having waited for long
                assert await reserve(order.choice(self.uuids), 1)
            taken.append(time.perf_counter() - due)

        async def load() -> None:
            due = time.perf_counter()
            while True:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                reserves.add(asyncio.create_task(one(due)))
                due += 1 / RESERVES

        loading, begun = asyncio.create_task(load()), time.perf_counter()
        await work
        seconds = time.perf_counter() - begun
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading
        await asyncio.gather(*reserves)
        return Round(seconds, statistics.quantiles(taken, n=100)[98])


async def _refill(workers: list[Process], kill_after: float | None) -> None:
    killing = asyncio.create_task(_kill(workers[0], kill_after)) if kill_after else None
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(b"go\n")
    await asyncio.gather(*(worker.wait() for worker in workers))
    if killing is not None:
        killing.cancel()


async def _kill(worker: Process, after: float) -> None:
    await asyncio.sleep(after)
    with suppress(ProcessLookupError):
        worker.kill()


def _ratio(subject: list[Round], peer: list[Round]) -> float:
    return statistics.median(mine.seconds / theirs.seconds for mine, theirs in zip(subject, peer, strict=True))


def _seconds(*measured: list[Round]) -> str:
    return " / ".join(f"{statistics.median(each.seconds for each in rounds):.1f} s" for rounds in measured)

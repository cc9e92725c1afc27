"""What falls due by itself (C10, L4, T6): done by the worker when its time comes, by whoever comes before it otherwise.

Every piece is claimed by the rows it locks, so that any number of processes may do it at the same time.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.announcements import Announcement
from app.domain.cases import Case, Terms
from app.domain.cycles import due_day
from app.services.abandonment import abandon_idle_tasks
from app.services.cycles import end_cycle
from app.services.ports import Ports
from app.storage import due as stored
from app.storage.cases import lock_case, read_case
from app.storage.database import DatabaseUnavailable
from app.storage.outbox import announce
from app.storage.reservoirs import refill_batch, refill_case, refill_locked

REFILLED_TOGETHER = 1_000
"""Cases whose refill commits together: few enough that a reserve on one of them hardly waits."""

ENDED_TOGETHER = 100
"""Cases looked for at a time whose cycle has ended."""

SWEPT_EVERY = timedelta(minutes=1)
"""How often idle tasks are looked for: running tasks may be many, and their day is long."""


class DueWork:
    """What is due in real time, as one worker does it."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._swept_at: datetime | None = None

    async def run(self) -> int:
        """Does all that is due now and returns how many things that were; DatabaseUnavailable may cut it short."""
        now = self._ports.clock()
        done = 0
        if self._swept_at is None or not timedelta(0) <= now - self._swept_at < SWEPT_EVERY:
            done += await abandon_idle_tasks(self._ports)
            self._swept_at = now
        return done + await end_cycles(self._ports) + await refill(self._ports)


async def end_cycles(ports: Ports) -> int:
    """Renews every case in real time whose open cycle has ended (C1, C3). Returns how many."""
    ended = 0
    while True:
        now = ports.clock()
        async with ports.database.reading() as connection:
            found = await stored.find_ended(connection, now, limit=ENDED_TOGETHER)
        done = 0
        for case_id in found:
            done += await _end_cycles(ports, case_id, now)
        ended += done
        if not done or len(found) < ENDED_TOGETHER:
            return ended


async def _end_cycles(ports: Ports, case_id: int, now: datetime) -> bool:
    """In a transaction of its own. A case that somebody holds is left to them, or to the next round."""
    try:
        async with ports.database.writing() as connection:
            if not await stored.lock_ended(connection, case_id, now):
                return False
            case, at = await lock_case(connection, case_id, now)
            await _end_cycles_of(connection, case, at)
            return True
    except DatabaseUnavailable:
        return False


async def refill(ports: Ports) -> int:
    """Refills every case in real time that the date is due for (L4), in batches that commit. Returns how many."""
    refilled = 0
    while True:
        now = ports.clock()
        done = await refill_batch(ports.database, now, due_day(now), most=REFILLED_TOGETHER)
        if not done:
            break
        refilled += done
    if refilled:
        async with ports.database.writing() as connection:
            await announce(connection, Announcement.REFILLED, None)
    return refilled


async def bring_up_to_date(ports: Ports, terms: Terms) -> None:
    """Does what is due on one case before a command on it, in a transaction of its own."""
    now = await ports.now(terms)
    if not await refill_case(ports.database, terms.case_id, now, due_day(now)):
        async with ports.database.writing() as connection:
            case, at = await lock_case(connection, terms.case_id, now)
            await catch_up(connection, case, at)


async def catch_up(connection: AsyncConnection, case: Case, now: datetime) -> Case:
    """Does what is due on a locked case, in the order of time, and returns it as it then stands.

    Cycles end at 00:00 and refills come at 09:00, so that the refill of the present date is the last thing that was
    due; those of dates before it are not made up (L4).
    """
    if not await _end_cycles_of(connection, case, now) and not _refill_is_due(case, now):
        return case
    await refill_locked(connection, case.terms.case_id, now, due_day(now))
    return await read_case(connection, case.terms.case_id)


async def _end_cycles_of(connection: AsyncConnection, case: Case, now: datetime) -> bool:
    """Every cycle that ended while nobody looked is followed by the next one, each at its own time."""
    ended = False
    while case.cycle_ends_at is not None and case.cycle_ends_at <= now:
        await end_cycle(connection, case, now)
        case = await read_case(connection, case.terms.case_id)
        ended = True
    return ended


def _refill_is_due(case: Case, now: datetime) -> bool:
    return case.refilled_on is not None and case.refilled_on < due_day(now)

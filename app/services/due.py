"""What falls due by itself (C10, L4, T6): done by the worker when its time comes, by whoever comes before it otherwise.

Every piece is claimed by the rows it locks, so that any number of processes may do it at the same time.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Case, Terms
from app.domain.cycles import due_day
from app.services.cycles import end_cycle
from app.services.ports import Ports
from app.storage import due as stored
from app.storage.cases import lock_case, read_case
from app.storage.database import DatabaseUnavailable
from app.storage.due import Ended
from app.storage.reservoirs import Refilled, refill_batch, refill_case, refill_locked

REFILLED_TOGETHER = 250
"""Cases whose refill commits together: few enough that a reserve on one of them hardly waits."""

ENDED_TOGETHER = 100
"""Cases looked for at a time whose cycle has ended."""


async def end_cycles(ports: Ports) -> int:
    """Renews cases in real time whose open cycle has ended (C1, C3), a batch of them. Returns how many.

    Those that somebody holds, and those that fail, are passed over; a failure is raised where nothing else was done.
    """
    now, done, failures, found, after = ports.clock(), 0, list[Exception](), list[Ended](), None
    while not done and (after is None or len(found) == ENDED_TOGETHER):
        async with ports.database.reading() as connection:
            found = await stored.find_ended(connection, now, after=after, limit=ENDED_TOGETHER)
        for after in found:
            try:
                done += await _end_cycles(ports, after.case_id, now)
            except Exception as failure:
                failures.append(failure)
        if not found:
            break
    if failures and not done:
        raise failures[0]
    return done


class RefillSweep:
    """One worker's way through the cases in real time that a refill is due for (L4), again and again."""

    def __init__(self, ports: Ports, *, most: int = REFILLED_TOGETHER) -> None:
        """most: cases that commit together."""
        self._ports, self._most = ports, most
        self._after: Refilled | None = None

    async def batch(self) -> int:
        """Refills the next cases. Returns how many; 0: none is left but those that somebody holds."""
        while True:
            now, before = self._ports.clock(), self._after
            refilled, self._after = await refill_batch(
                self._ports.database, now, due_day(now), after=before, most=self._most
            )
            if refilled or before is None:
                return refilled


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


async def bring_up_to_date(ports: Ports, terms: Terms) -> None:
    """Does what is due on one case before a command on it, in a transaction of its own; on a test clock it is done."""
    now = ports.now(terms)
    if now is None or await refill_case(ports.database, terms.case_id, now, due_day(now)):
        return
    async with ports.database.writing() as connection:
        case, at = await lock_case(connection, terms.case_id, now)
        await catch_up(connection, case, at)


async def catch_up(connection: AsyncConnection, case: Case, now: datetime) -> Case:
    """Does what is due on a locked case, in the order of time, and returns it as it then stands.

    Cycles end at 00:00 and refills come at 09:00, so that the refill of the present date is the last thing that was
    due; those of dates before it are not made up (L4).
    """
    if not case.is_behind(now):
        return case
    await _end_cycles_of(connection, case, now)
    await refill_locked(connection, case.terms.case_id, now, due_day(now))
    return await read_case(connection, case.terms.case_id)


async def _end_cycles_of(connection: AsyncConnection, case: Case, now: datetime) -> None:
    """Every cycle that ended while nobody looked is followed by the next one, each at its own time."""
    while case.cycle_ends_at is not None and case.cycle_ends_at <= now:
        await end_cycle(connection, case, now)
        case = await read_case(connection, case.terms.case_id)

"""Tasks that nobody reports on any more are ended, and what they hold is given back (T6)."""

from app.domain.cases import Terms
from app.services.ports import Ports
from app.storage import idle_tasks as stored
from app.storage.idle_tasks import IdleTask
from app.storage.keys import find_scheduler

IDLE_BATCH = 100
"""Idle tasks looked for at a time."""

_FIRST = IdleTask(0, 0)
"""Before every task."""


async def abandon_batch(ports: Ports, after: IdleTask | None) -> tuple[int, IdleTask | None]:
    """Ends a batch of the running tasks in real time that have had no report for so long (T6), after the one given.

    Returns how many, and after which one there may be more; None: that was the last of them. Each is a transaction of
    its own that looks again under the lock, so that a report which comes in first wins. A case that somebody holds is
    passed over; the next sweep finds it again.
    """
    now = ports.clock()
    idle_since = now - ports.abandoned_after
    async with ports.database.reading() as connection:
        scheduler = await find_scheduler(connection)
        idle = await stored.find_idle_tasks(connection, idle_since, after=after or _FIRST, limit=IDLE_BATCH)
    ended, failures = 0, list[Exception]()
    for task in idle:
        try:
            ended += await stored.abandon(ports.database, task, caller_id=scheduler, now=now, idle_since=idle_since)
        except Exception as failure:
            failures.append(failure)
    if failures and not ended:
        raise failures[0]
    return ended, idle[-1] if len(idle) == IDLE_BATCH else None


async def abandon_if_idle(ports: Ports, terms: Terms, number: int) -> None:
    """The same for one task, before a command on it (C10)."""
    now = ports.clock()
    async with ports.database.reading() as connection:
        scheduler = await find_scheduler(connection)
    task = IdleTask(terms.case_id, number)
    await stored.abandon(ports.database, task, caller_id=scheduler, now=now, idle_since=now - ports.abandoned_after)

"""Tasks that nobody reports on any more are ended, and what they hold is given back (T6)."""

from datetime import datetime

from app.services.ports import Ports
from app.storage import idle_tasks as stored
from app.storage.database import DatabaseUnavailable
from app.storage.idle_tasks import IdleTask
from app.storage.keys import find_scheduler

IDLE_BATCH = 100
"""Idle tasks looked for at a time."""


async def abandon_idle_tasks(ports: Ports) -> int:
    """Ends every running task in real time that has had no report for so long (T6). Returns how many.

    Each is its own transaction that looks again under the lock, so that a report which comes in first wins. A case that
    somebody holds is passed over; the next sweep finds it again.
    """
    now = ports.clock()
    idle_since = now - ports.abandoned_after
    ended, last = 0, IdleTask(0, 0)
    while True:
        async with ports.database.reading() as connection:
            scheduler = await find_scheduler(connection)
            idle = await stored.find_idle_tasks(connection, idle_since, after=last, limit=IDLE_BATCH)
        for last in idle:
            ended += await _abandon(ports, last, scheduler, idle_since, now)
        if len(idle) < IDLE_BATCH:
            return ended


async def _abandon(ports: Ports, task: IdleTask, scheduler: int, idle_since: datetime, now: datetime) -> bool:
    try:
        return await stored.abandon(ports.database, task, caller_id=scheduler, now=now, idle_since=idle_since)
    except DatabaseUnavailable:
        return False

"""Announcements: what the outbox holds is told to whoever listens, after the commit and at least once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from app.domain.announcements import Announced
from app.services.ports import Ports
from app.storage.outbox import drop_older, take

BATCH = 500

WORTHLESS_AFTER = timedelta(hours=1)
"""Of an outage of the announcer: whoever was listening has long read for itself what a live update would have told."""


class Announcer(Protocol):
    async def publish(self, announced: Sequence[Announced]) -> bool:
        """Tells all who listen now. False: it could not be told, or only in part. Returns within seconds."""


class NotAnnounced(Exception):
    """The announcer is lost; the rows stay for another time."""


async def relay(ports: Ports, announcer: Announcer | None) -> int:
    """Publishes one batch of the outbox and deletes it. Returns how many rows; 0: none is left.

    Safe to run in any number of processes: each takes other rows. A process that dies between the two publishes again,
    so that receivers must take an announcement for a hint to look. announcer None: there is nobody to tell, and the
    rows are dropped. Raises NotAnnounced, after dropping what is older than `WORTHLESS_AFTER`.
    """
    try:
        async with ports.database.writing() as connection:
            batch = await take(connection, BATCH)
            if batch and announcer is not None and not await announcer.publish(batch):
                raise NotAnnounced
    except NotAnnounced:
        async with ports.database.writing() as connection:
            await drop_older(connection, WORTHLESS_AFTER, BATCH)
        raise
    return len(batch)

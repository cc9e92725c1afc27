"""The worker: rounds over everything that falls due by itself, and over what waits to be announced."""

import asyncio
from functools import partial

from app.services.announcements import Announcer, relay
from app.services.due_work import DueWork
from app.services.ports import Ports
from workers.bell import Bell
from workers.nudged import hear_nudges
from workers.rounds import make_rounds


async def work(ports: Ports, bell: Bell, announcer: Announcer | None, redis_url: str | None) -> None:
    """Works until the bell is closed, and then to the end of the batches that are under way.

    Any number of processes may do so beside each other. announcer and redis_url are None where there is no Valkey: then
    nothing is announced, and work begins at the next round.
    """
    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(hear_nudges(redis_url, bell)) if redis_url else None
        await asyncio.wait(
            [
                group.create_task(make_rounds("due", DueWork(ports).run, bell)),
                group.create_task(make_rounds("announcements", partial(relay, ports, announcer), bell)),
            ]
        )
        if hearing is not None:
            hearing.cancel()

"""Hearing nudges: arq's worker, kept alive, whose only job is to ring the bell."""

import asyncio
import json
from typing import Any, Never

import structlog
from arq.worker import Worker, func

from app.adapters.nudges import NUDGE, QUEUE, queue, to_json
from workers.bell import Bell

POLL_EVERY = 0.1
"""Seconds; each is one small question to Valkey."""

RETRY = 2.0
"""Seconds between attempts to reach a lost Valkey."""

LONGEST_JOB = 1
"""Seconds. A worker that is killed in a job keeps the others from it for so long and ten more."""

log = structlog.get_logger()


async def hear_nudges(url: str, bell: Bell) -> Never:
    """Rings the bell for each nudge, until cancelled. arq's worker ends when it loses Valkey: a new one follows."""

    async def nudged(ctx: dict[Any, Any], *_: Any, **__: Any) -> None:  # noqa: ARG001 (arq's way to call)
        bell.ring()

    lost = False

    async def reached(ctx: dict[Any, Any]) -> None:  # noqa: ARG001
        nonlocal lost
        if lost:
            log.warning("nudges_heard_again")
        lost = False

    while True:
        connection = queue(url)
        worker = Worker(
            [func(nudged, name=NUDGE)],
            queue_name=QUEUE,
            redis_pool=connection,
            on_startup=reached,
            handle_signals=False,
            job_timeout=LONGEST_JOB,
            keep_result=0,  # one that was kept would keep the next nudge, which has the same id, out of the queue
            poll_delay=POLL_EVERY,
            job_serializer=to_json,
            job_deserializer=json.loads,
        )
        try:
            await worker.main()
        except Exception as error:
            # What it says may hold the address, and that a password.
            if not lost:
                log.warning("nudges_lost", error=type(error).__name__)
            lost = True
        finally:
            for job in worker.tasks.values():
                job.cancel()
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
            await connection.aclose(close_connection_pool=True)
        await asyncio.sleep(RETRY)

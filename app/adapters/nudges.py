"""Nudges: "there is work", said to the worker over arq's queue, so that it begins sooner. Nothing depends on them."""

import asyncio
import json
from typing import Any

import structlog
from arq.connections import ArqRedis

from app.adapters.valkey import PATIENCE, connections

QUEUE = "claira-usage:nudges"

NUDGE = "nudge"
"""Name of the only job, and its id: as long as one waits, another is no other job."""

log = structlog.get_logger()


def queue(url: str) -> ArqRedis:
    """The queue's end for either side. Jobs are JSON: arq's own pickles would let the queue run code."""
    return ArqRedis(connections(url), default_queue_name=QUEUE, job_serializer=to_json, job_deserializer=json.loads)


def to_json(job: dict[str, Any]) -> bytes:
    return json.dumps(job, default=repr).encode()


class ValkeyNudges:
    """One per process. While Valkey is lost nudges are dropped, and one line in the log says so for each outage."""

    def __init__(self, url: str) -> None:
        self._queue = queue(url)
        self._sending: asyncio.Task[None] | None = None
        self._again = False
        self._lost = False

    def nudge(self) -> None:
        """Returns at once, and never fails. A nudge on its way takes all that come meanwhile along in one more."""
        if self._sending is not None and not self._sending.done():
            self._again = True
        else:
            self._sending = asyncio.create_task(self._send())

    async def close(self) -> None:
        """Drops what is on its way."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._queue.aclose(close_connection_pool=True)

    async def _send(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            try:
                async with asyncio.timeout(2 * PATIENCE):
                    await self._queue.enqueue_job(NUDGE, _job_id=NUDGE)
            except Exception as error:
                # What it says may hold the address, and that a password.
                if not self._lost:
                    log.warning("nudges_lost", error=type(error).__name__)
                self._lost = True
                return
            self._lost = False

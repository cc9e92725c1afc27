"""Announcements over a channel of Valkey: from the worker that relays them to every process that has listeners."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.adapters.valkey import connections
from app.domain.announcements import Announced

CHANNEL = "claira-usage:announcements"

HEARTBEAT = 5.0
"""Seconds after which a silent connection is asked whether it lives."""

RETRY = 1.0
"""Seconds between attempts to reach a lost Valkey."""

log = structlog.get_logger()


class ValkeyAnnouncer:
    """One per worker process."""

    def __init__(self, url: str) -> None:
        self._redis = Redis(connection_pool=connections(url))

    async def publish(self, announced: Sequence[Announced]) -> bool:
        """Tells all who listen now, each thing once. False: Valkey was lost, perhaps after a part."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for each in dict.fromkeys(announced):
                    uuid = None if each.case_uuid is None else str(each.case_uuid)
                    pipe.publish(CHANNEL, json.dumps({"what": each.what, "case": uuid}))
                await pipe.execute()
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


class Wakeups:
    """One per process: wakes whoever waits for news of a case. They are hints, of which some may be missing."""

    def __init__(self, url: str | None) -> None:
        """url: of Valkey; None: nobody is ever woken."""
        self._url = url
        self._waiting: dict[UUID, set[asyncio.Future[None]]] = {}

    async def wait(self, case_uuid: UUID, timeout: float) -> bool:  # noqa: ASYNC109 (the end of it is an answer)
        """Returns at the next announcement about the case, or after so many seconds. Tells whether there was one.

        True may come without one, when some may have been missed; what is announced while nobody waits is not kept.
        """
        waiting = self._waiting.setdefault(case_uuid, set())
        waiter = asyncio.get_running_loop().create_future()
        waiting.add(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            return False
        finally:
            waiting.discard(waiter)
            if not waiting and self._waiting.get(case_uuid) is waiting:
                del self._waiting[case_uuid]
        return True

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hears announcements while the block runs, through every loss of Valkey."""
        hearing = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _listen(self) -> None:
        if self._url is None:
            return
        lost = False
        while True:
            try:
                async with aclosing(_heard(self._url)) as heard:
                    async for case_uuid in heard:
                        lost = False
                        self._wake(case_uuid)
            except Exception as error:
                # What it says may hold the address, and that a password.
                if not lost:
                    log.warning("announcements_lost", error=type(error).__name__)
                lost = True
            await asyncio.sleep(RETRY)

    def _wake(self, case_uuid: UUID | None) -> None:
        """None: any case."""
        woken = list(self._waiting) if case_uuid is None else [case_uuid]
        for uuid in woken:
            for waiter in self._waiting.pop(uuid, ()):
                if not waiter.done():
                    waiter.set_result(None)


async def _heard(url: str) -> AsyncGenerator[UUID | None, None]:
    """Whom each announcement is about; at first None, for what was missed until now. Raises when Valkey is lost."""
    async with Redis(connection_pool=connections(url)) as redis, redis.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        asked = False
        while True:
            message = await subscription.get_message(timeout=HEARTBEAT)
            if message is None:
                if asked:
                    raise TimeoutError
                await subscription.ping()
            elif message["type"] in {"subscribe", "message"}:
                yield _case(message)
            asked = message is None


def _case(message: dict[str, Any]) -> UUID | None:
    """None for what does not name a case, or cannot be read, such as a newer release's."""
    with suppress(ValueError, KeyError, TypeError):
        return UUID(json.loads(message["data"])["case"])
    return None

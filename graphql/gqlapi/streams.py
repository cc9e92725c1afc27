"""The streams that are open in one process: how many there may be, how patient we are with them, and when they end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from gqlapi.errors import TOO_MANY_STREAMS, Refusal


class ClientTooSlow(Exception):
    """What it was sent is not read."""


@dataclass
class Streams:
    """One per process. Times are in seconds."""

    of_a_caller: int = 50
    most: int = 1_000
    """Of all callers: each asks the database about once a second whether there is anything new. A socket takes a place,
    and so does each operation on it."""

    heartbeat: float = 15.0
    """Silence after which a client is told that the connection lives; proxies close silent ones."""

    judged_every: float = 30.0
    """After which a key is looked at again: one that was revoked ends its streams within a minute."""

    send_within: float = 20.0
    """A client that takes longer to read what it is sent is given up: what is not read waits in our memory."""

    initialised_within: float = 10.0
    """A socket that takes longer to say who it is is closed."""

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service stops: streams then end, for which a server would wait else."""

    taken: Counter[Hashable] = field(default_factory=Counter)

    @contextmanager
    def place(self, caller: Hashable) -> Iterator[None]:
        """A place of the caller's while the block runs; Refusal where none is left."""
        if self.taken[caller] >= self.of_a_caller or self.taken.total() >= self.most:
            message = "Too many streams are open. End one, or ask again later."
            raise Refusal(429, TOO_MANY_STREAMS, message, {"Retry-After": "5"})
        self.taken[caller] += 1
        try:
            yield
        finally:
            self.taken[caller] -= 1
            if not self.taken[caller]:
                del self.taken[caller]

    async def send(self, sent: Awaitable[None]) -> None:
        """Waits until something is sent; ClientTooSlow where that takes too long."""
        try:
            async with asyncio.timeout(self.send_within):
                await sent
        except TimeoutError:
            raise ClientTooSlow from None


async def cancelled(work: asyncio.Future[Any]) -> None:
    """Ends work that nobody waits for any more; what it came to is told to nobody."""
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

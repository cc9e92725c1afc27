"""Turns: how many requests of one case may be at the database at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets `at_once` work for the same case, in the order they came; cases do not wait for each other.

    Whoever waits for a locked row keeps a connection busy. Without this, the requests of one case, whose row somebody
    holds for long, would sooner or later sit on every connection that there is.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[int, _Line] = {}

    @asynccontextmanager
    async def turn(self, case_id: int, patience: float) -> AsyncIterator[None]:
        """Waits for a turn and keeps it during the block; raises TimeoutError after `patience` seconds without one."""
        line = self._lines.get(case_id)
        if line is None:
            line = self._lines[case_id] = _Line(self._at_once)
        line.users += 1
        try:
            if line.turns.locked():
                async with asyncio.timeout(patience):
                    await line.turns.acquire()
            else:
                await line.turns.acquire()  # at once; a clock for it would cost more than all the rest here
            try:
                yield
            finally:
                line.turns.release()
        finally:
            line.users -= 1
            if not line.users:
                del self._lines[case_id]


class _Line:
    """Whoever has a turn or waits for one."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.users = 0

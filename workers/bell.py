"""What tells the rounds that there may be work, or that it is time to go."""

import asyncio
from contextlib import suppress


class Bell:
    """Each listener hears every ring, also one that came while it was busy: that one at once when it asks."""

    def __init__(self) -> None:
        self._rung: list[asyncio.Event] = []
        self._closing = asyncio.Event()

    def listener(self) -> asyncio.Event:
        """An event of the caller's own, set by each ring; the caller clears it."""
        self._rung.append(asyncio.Event())
        return self._rung[-1]

    def ring(self) -> None:
        for event in self._rung:
            event.set()

    def close(self) -> None:
        """Rings for the last time."""
        self._closing.set()
        self.ring()

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    async def until_closed(self, seconds: float | None = None) -> None:
        """Returns when it is closed, else after so many seconds, and hears no ring meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

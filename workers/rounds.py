"""Rounds: one kind of work, done about once a second and at once when the bell rings, as long as the process lives."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog

from workers.bell import Bell

EVERY = 1.0
"""Seconds between rounds that find nothing to do."""

LONGEST_PAUSE = 5.0
"""Seconds after a round that failed, at most; the first pause is as long as between rounds."""

Work = Callable[[], Awaitable[int]]
"""Does one batch, in transactions of its own, and returns how many things it did; safe to run in many processes."""

log = structlog.get_logger()


async def make_rounds(name: str, work: Work, bell: Bell) -> None:
    """Returns when the bell is closed, after the batch that is under way. Whatever goes wrong in it, the rounds go on.

    A batch that did something rings the bell: there may be more of it, and others may have something to do with it.
    """
    rung = bell.listener()
    failing, pause = "", EVERY
    while not bell.closed:
        rung.clear()
        try:
            done = await work()
        except Exception as error:
            if failing != (failing := type(error).__name__):
                log.warning("work_failed", work=name, error=failing, at=_place(error))
            await bell.until_closed(pause)  # deaf to nudges, which would make us hurry to the next failure
            pause = min(2 * pause, LONGEST_PAUSE)
            continue
        if failing:
            log.warning("work_goes_on", work=name)
            failing, pause = "", EVERY
        if done:
            bell.ring()
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await rung.wait()


def _place(error: Exception) -> str:
    """Where it was raised, from the outside in. What it says is left out: databases quote what they were given."""
    return " > ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    )

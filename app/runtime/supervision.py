"""Keeping things running beside each other, and starting again what ends by itself."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Never

from app.runtime.servers.embedded import EmbeddedServer
from app.runtime.servers.errors import StartFailed

FAILURES = 5
FAILURES_WITHIN = 60.0  # seconds

log = logging.getLogger(__name__)


async def first_of(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run all until the first ends, then cancel the others and wait for them. Raises the first error of any."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error


async def keep_running(server: EmbeddedServer) -> Never:
    """Start a server that was started again whenever it ends. Raises StartFailed when it does so too often."""
    now = asyncio.get_running_loop().time
    failures: list[float] = []
    while True:
        while server.pid is not None:  # noqa: ASYNC110 (a process sets no event)
            await asyncio.sleep(0.05)
        failures = [*(before for before in failures if now() - before < FAILURES_WITHIN), now()]
        if len(failures) == FAILURES:
            raise StartFailed(f"{server.name} failed {FAILURES} times within a minute", server.last_lines())
        log.warning("%s ended by itself with exit code %s: starting it again", server.name, server.exit_code)
        await asyncio.sleep(0.05 * 2 ** len(failures))
        try:
            server.launch()
            await asyncio.to_thread(server.wait_until_ready)
        except StartFailed:
            server.kill()

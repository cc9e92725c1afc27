"""The worker that `make run` starts beside the web process."""

import asyncio
import logging
import os
import sys
from typing import Never

from app.runtime.run import Addresses
from app.runtime.servers.account import own_account
from app.runtime.settings import ROOT, Settings

STOP_WITHIN = 1.5
"""Seconds for the batches under way, less than `make run` takes to stop; then they are rolled back."""

LONGEST_PAUSE = 30.0  # seconds

log = logging.getLogger(__name__)


async def keep_worker(settings: Settings, addresses: Addresses) -> Never:
    """Run a worker in a process of its own, and start it again whenever it ends; main thread only.

    It goes when it is told to, by cancelling this, and with this process, however that ends.
    """
    pause = 1.0
    while True:
        started = asyncio.get_running_loop().time()
        exit_code = await _run(settings, addresses)
        if asyncio.get_running_loop().time() - started > LONGEST_PAUSE:
            pause = 1.0
        log.warning("the worker ended by itself with exit code %s: starting it again in %.0f s", exit_code, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _run(settings: Settings, addresses: Addresses) -> int:
    """Start a worker, and return its exit code; cancelled, stop it."""
    environment = {
        **os.environ,
        "DATABASE_URL": addresses.database,
        "REDIS_URL": addresses.valkey or "",
        "CLAIRA_ENVIRONMENT": settings.claira_environment,
        "CLAIRA_TEST_CLOCKS": str(settings.claira_test_clocks),
        "CLAIRA_PAYMENTS": settings.claira_payments,
    }
    worker = await asyncio.create_subprocess_exec(
        *own_account().command(sys.executable, "-m", "app.runtime.cli", "work"),
        env=environment,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at the terminal is for us: we tell the worker
    )
    try:
        return await worker.wait()
    finally:
        if worker.returncode is None:
            worker.terminate()
            try:
                async with asyncio.timeout(STOP_WITHIN):
                    await worker.wait()
            except TimeoutError:
                worker.kill()
                await worker.wait()

"""Workers as processes of their own, to be killed in the middle of what they do."""

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.clocks import TestClock
from app.services.clocks import advance_test_clock
from app.services.due import RefillSweep, end_cycles
from app.services.ports import Ports
from app.storage.database import Database

_FORKS = multiprocessing.get_context("forkserver")  # forked where nothing runs yet, with everything imported
_FORKS.set_forkserver_preload([__name__])

PATIENCE = 60.0
"""Seconds after which a process that says nothing has locked itself up."""


class Worker:
    """A process at work, which tells after each of its steps that it is done. It dies with the test."""

    def __init__(self, work: Callable[..., None], *given: object) -> None:
        self._told, telling = _FORKS.Pipe(duplex=False)
        self._process: BaseProcess = _FORKS.Process(target=work, args=(telling, *given), daemon=True)
        self._process.start()
        telling.close()

    def wait_for(self, steps: int) -> int:
        """Until it has told so many, or has ended. Returns how many it has told."""
        for told in range(steps):
            assert self._told.poll(PATIENCE), "a worker hangs"
            try:
                self._told.recv_bytes()
            except EOFError:
                return told
        return steps

    def kill_after(self, steps: int, seconds: float) -> int:
        """As the kernel would: so long after a step, most likely in the middle of the next. Returns how many it did."""
        told = self.wait_for(steps)
        time.sleep(seconds)
        self._process.kill()
        self._process.join(PATIENCE)
        return told

    def join(self) -> None:
        """Until it has done all of its work."""
        self._process.join(PATIENCE)
        assert self._process.exitcode in (0, -signal.SIGKILL)


def work(telling: Connection, url: str, now: datetime, most: int) -> None:
    """What falls due at an instant, in refills of so many cases; a step is a batch."""
    asyncio.run(_work(telling, Ports(Database(url), lambda: now), most))


async def _work(telling: Connection, ports: Ports, most: int) -> None:
    await ports.database.open()
    sweep, done = RefillSweep(ports, most=most), 1
    while done:
        done = await end_cycles(ports) + await sweep.batch()
        telling.send_bytes(b"a step")
    await ports.database.close()


def advance(telling: Connection, url: str, caller_id: int, clock: UUID, to: datetime, key: str) -> None:
    """Moves a test clock; the only step is the whole way."""
    viewer = Viewer(caller_id, "operator", Role.OPERATOR, None)
    asyncio.run(_advance(telling, Ports(Database(url), lambda: to, test_clocks=True), viewer, clock, to, key))


async def _advance(telling: Connection, ports: Ports, viewer: Viewer, clock: UUID, to: datetime, key: str) -> None:
    await ports.database.open()
    telling.send_bytes(b"ready")
    arrived = await advance_test_clock(ports, viewer, key=key, clock=clock, to=to)
    assert isinstance(arrived, TestClock)
    await ports.database.close()

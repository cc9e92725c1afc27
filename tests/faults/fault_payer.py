"""Processes that pay by the simulated processor, and are killed at a chosen moment of it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from multiprocessing.connection import Connection
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin
from app.services import subscriptions
from app.services.payments_due import collect
from app.services.ports import Ports
from app.services.simulated_payments import SimulatedPayments
from app.storage.database import Database

SECRET = b"a secret of these tests"


async def unheard(url: str, headers: dict[str, str], body: bytes) -> bool:
    """Nobody hears of any event."""
    return True


def simulated(ports: Ports) -> SimulatedPayments:
    return SimulatedPayments(ports.database, ports.clock, "http://service", secret=SECRET, post=unheard)


class Fatal(SimulatedPayments):
    """Whoever asks it to charge a card is killed, before it has charged or after."""

    after = False

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        if self.after:
            await super().charge(payment, case, amount)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody is alive")


def upgrade(telling: Connection, url: str, now: datetime, after: bool, viewer: Viewer, case: UUID, key: str) -> None:
    """Upgrades to Business until it is killed."""

    async def work(ports: Ports) -> object:
        return await subscriptions.upgrade_plan(
            ports, viewer, key=key, case_uuid=case, tier=PlanTier.BUSINESS, origin=ChangeOrigin.SETTINGS
        )

    asyncio.run(_killed(url, now, after, work))


def collect_all(telling: Connection, url: str, now: datetime, after: bool) -> None:
    """Collects as a worker does, until it is killed."""
    asyncio.run(_killed(url, now, after, collect))


async def _killed(url: str, now: datetime, after: bool, work: Callable[[Ports], Awaitable[object]]) -> None:
    database = Database(url)
    await database.open()
    payments = Fatal(database, lambda: now, "http://service", secret=SECRET, post=unheard)
    payments.after = after
    await work(Ports(database, lambda: now, payments=payments))

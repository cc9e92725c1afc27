"""The worker process, put together."""

import asyncio
import signal

from app.adapters.announcements import ValkeyAnnouncer
from app.runtime.logs import configure_logs
from app.runtime.outside import make_ports
from app.runtime.run import new_event_loop
from app.runtime.settings import Settings
from app.runtime.supervision import first_of
from workers.bell import Bell
from workers.worker import work

GRACE = 20.0
"""Seconds that the batches under way get when the worker is told to stop. Then they are rolled back."""


def run_worker(settings: Settings, database_url: str) -> None:
    """Works on a database, which must be migrated, until SIGTERM or Ctrl-C."""
    configure_logs(settings.claira_log_level)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_work(settings, database_url))


async def _work(settings: Settings, database_url: str) -> None:
    bell = Bell()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, bell.close)
    announcer = ValkeyAnnouncer(settings.redis_url) if settings.redis_url else None
    ports = make_ports(database_url, settings)
    await ports.database.open()
    try:
        await first_of(work(ports, bell, announcer, settings.redis_url), _patience(bell))
    finally:
        await ports.nudges.close()
        await ports.database.close()
        if announcer is not None:
            await announcer.close()


async def _patience(bell: Bell) -> None:
    await bell.until_closed()
    await asyncio.sleep(GRACE)

"""A command's way to the services: open, do one thing, close."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from app.runtime.logs import configure_logs
from app.runtime.outside import make_ports
from app.runtime.run import own_database_url
from app.runtime.settings import Settings
from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable

T = TypeVar("T")

_NO_DATABASE = (
    "There is no database: set DATABASE_URL, or start `make run` first; if it was given a CLAIRA_DATA, give this "
    "command the same."
)


def database_url(settings: Settings) -> str:
    """DATABASE_URL, else the database of a `make run` that is running now."""
    url = settings.database_url or own_database_url(settings.claira_data)
    if url is None:
        raise click.ClickException(_NO_DATABASE)
    return url


def with_ports(work: Callable[[Ports], Awaitable[T]]) -> T:
    """Runs one piece of work; a lost database is one sentence and exit code 1."""
    settings = Settings()
    configure_logs(settings.claira_log_level)

    async def session() -> T:
        ports = make_ports(database_url(settings), settings)
        await ports.database.open()
        try:
            return await work(ports)
        finally:
            await ports.database.close()

    try:
        return asyncio.run(session())
    except DatabaseUnavailable as outage:
        raise click.ClickException(str(outage)) from outage

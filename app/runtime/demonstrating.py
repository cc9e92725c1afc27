"""`make run`: servers, migrations, demonstration, worker, service, and the lines that say where to look."""

import asyncio
import socket

import click

from app.domain.callers import Viewer
from app.runtime.demonstration import entrance, scans
from app.runtime.demonstration.cases import FIRST
from app.runtime.demonstration.loading import load_history, register_others
from app.runtime.demonstration.progress import progress
from app.runtime.logs import configure_logs
from app.runtime.migrating import migrate
from app.runtime.outside import make_ports
from app.runtime.run import Addresses, noted_address, run
from app.runtime.service import build_app
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.runtime.supervision import first_of
from app.runtime.worker_process import keep_worker
from app.services.keys import authenticate
from app.services.ports import Ports

_LOOSELY = "options=-c%20synchronous_commit%3Doff"
"""Commits do not wait for the disk: what a crash takes away is the end of the load, which is then done again."""


def run_demonstration(settings: Settings) -> None:
    """Runs until Ctrl-C, a signal, or the end of whoever started it."""
    configure_logs(settings.claira_log_level)
    listener = listen(settings.host, settings.port)

    async def serve(addresses: Addresses) -> None:
        await asyncio.to_thread(migrate, addresses.database)
        found = settings.model_copy(
            update={
                "redis_url": addresses.valkey,
                "claira_environment": "demonstration",
                "claira_test_clocks": True,
                "claira_payments": "simulated",
                "claira_public_url": settings.claira_public_url or address(listener),
            }
        )
        await _load(found, addresses.database)
        await first_of(keep_worker(found, addresses), _serve(found, addresses.database, listener))

    run(
        serve,
        data_folder=settings.claira_data,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
    )


async def _load(settings: Settings, database_url: str) -> None:
    """Before anybody else needs the machine, and before anybody sees half of it."""
    if "options=" not in database_url:
        database_url += ("&" if "?" in database_url else "?") + _LOOSELY
    ports = make_ports(database_url, settings)
    await ports.database.open()
    try:
        _, operator = await _operator(ports)
        with progress() as heard:
            await load_history(ports, operator, heard=heard)
        await register_others(ports, operator)
    finally:
        await ports.nudges.close()
        await ports.database.close()


async def _operator(ports: Ports) -> tuple[str, Viewer]:
    """The key of this run, and whose it is."""
    key = await entrance.new_operator_key(ports)
    viewer = await authenticate(ports, key)
    assert viewer is not None
    return key, viewer


async def _serve(settings: Settings, database_url: str, listener: socket.socket) -> None:
    ports = make_ports(database_url, settings)
    async with serving(build_app(ports, settings), listener):
        base = address(listener)
        key, viewer = await _operator(ports)
        await scans.scan_once(ports, viewer, f"{base}/graphql", key)
        await scans.scan_exhibits(ports, viewer)
        async with entrance.panel_link(ports) as link:
            with noted_address(settings.claira_data, base):
                click.echo(_greeting(base, key, link))
                await asyncio.Event().wait()


def _greeting(base: str, key: str, link: str) -> str:
    return (
        f"\nClaira Usage is running. Ctrl-C stops it.\n"
        f"Panel: {base}/sign-in/{link}\n"
        f"GraphQL: {base}/graphql\n"
        f"Operator key: {key}\n"
        f"Try a scan of your own: .venv/bin/python graphql/examples/scan_folder.py FOLDER --url {base}/graphql "
        f"--case {FIRST.uuid} --key KEY\n"
    )

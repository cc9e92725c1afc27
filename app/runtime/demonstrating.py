"""`make run`: servers, migrations, worker, service, demonstration, and the lines that say where to look."""

import asyncio
import socket

import click

from app.runtime import demonstration
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


def run_demonstration(settings: Settings) -> None:
    """Runs until Ctrl-C, a signal, or the end of whoever started it."""
    configure_logs(settings.claira_log_level)
    listener = listen(settings.host, settings.port)

    async def serve(addresses: Addresses) -> None:
        await asyncio.to_thread(migrate, addresses.database)
        here = {"redis_url": addresses.valkey, "claira_environment": "demonstration", "claira_test_clocks": True}
        found = settings.model_copy(update=here)
        await first_of(keep_worker(found, addresses), _serve(found, addresses.database, listener))

    run(
        serve,
        data_folder=settings.claira_data,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
    )


async def _serve(settings: Settings, database_url: str, listener: socket.socket) -> None:
    ports = make_ports(database_url, settings)
    async with serving(build_app(ports, settings), listener):
        base = address(listener)
        key = await demonstration.new_operator_key(ports)
        viewer = await authenticate(ports, key)
        assert viewer is not None
        await demonstration.load_cases(ports, viewer)
        await demonstration.scan_once(ports, viewer, f"{base}/graphql", key)
        await demonstration.scan_exhibits(ports, viewer)
        async with demonstration.panel_link(ports) as link:
            with noted_address(settings.claira_data, base):
                click.echo(_greeting(base, key, link))
                await asyncio.Event().wait()


def _greeting(base: str, key: str, link: str) -> str:
    case = demonstration.CASES[0]
    return (
        f"\nClaira Usage is running. Ctrl-C stops it.\n"
        f"Panel: {base}/sign-in/{link}\n"
        f"GraphQL: {base}/graphql\n"
        f"Operator key: {key}\n"
        f"Try a scan of your own: .venv/bin/python graphql/examples/scan_folder.py FOLDER --url {base}/graphql "
        f"--case {case.uuid} --key KEY\n"
    )

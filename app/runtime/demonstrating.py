"""`make run`: database, migrations, service, demonstration, and the lines that say where to look."""

import asyncio

import click

from app.runtime import demonstration
from app.runtime.logs import configure_logs
from app.runtime.migrating import migrate
from app.runtime.run import noted_address, run
from app.runtime.service import build_app, make_ports
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.services.keys import authenticate


def run_demonstration(settings: Settings) -> None:
    """Runs until Ctrl-C, a signal, or the end of whoever started it."""
    configure_logs(settings.claira_log_level)
    listener = listen(settings.host, settings.port)

    async def serve(database_url: str) -> None:
        await asyncio.to_thread(migrate, database_url)
        ports = make_ports(database_url, settings.model_copy(update={"claira_environment": "demonstration"}))
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

    run(serve, data_folder=settings.claira_data, database_url=settings.database_url)


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

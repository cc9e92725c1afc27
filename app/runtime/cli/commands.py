"""Every command in one list; each is a few lines over a service."""

import os
import secrets
import sys
from pathlib import Path

import click
import psycopg
from psycopg.errors import UndefinedTable
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.runtime.cli.cards import simulated_card
from app.runtime.cli.catalogues import check_catalogues
from app.runtime.cli.keys import key
from app.runtime.cli.migrations import check_migrations
from app.runtime.cli.operators import operator_link
from app.runtime.cli.organizations import organization
from app.runtime.cli.sign_in import sign_in_link
from app.runtime.cli.verification import verify
from app.runtime.logs import configure_logs
from app.runtime.migrating import migrate as migrate_database
from app.runtime.settings import Settings


def required_database(settings: Settings) -> str:
    if settings.database_url is None:
        raise click.ClickException("DATABASE_URL must name a PostgreSQL database.")
    return settings.database_url


GRACE = 20
"""Seconds that open requests get when the service is told to stop."""


class Commands(click.Group):
    """What is wrong around us (settings, database) is one line for a person, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            # The value is left out: an address may hold a password.
            flaws = [f"{'.'.join(map(str, flaw['loc'])).upper()}: {flaw['msg']}" for flaw in error.errors()]
            raise click.ClickException("; ".join(flaws)) from error
        except OperationalError as error:
            raise click.ClickException("The database cannot be reached or is too busy.") from error
        except (psycopg.ProgrammingError, ProgrammingError) as error:
            cause = error.orig if isinstance(error, ProgrammingError) else error
            if isinstance(cause, UndefinedTable):
                raise click.ClickException("The database is not migrated. Run `claira-usage migrate`.") from error
            if isinstance(error, ProgrammingError) or error.sqlstate is not None:
                raise
            raise click.ClickException(f"DATABASE_URL: {str(error).strip()}") from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'The system'}: {error.strerror}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Claira Usage: meter, reservoir, ledger and bill."""


@main.command()
def run() -> None:
    """Start everything with a demonstration: what `make run` does."""
    try:
        from app.runtime.demonstrating import run_demonstration
    except ModuleNotFoundError as error:
        message = f"{error.name} is missing: `run` needs a checkout with what `make run` installs. Use `serve`."
        raise click.ClickException(message) from error

    run_demonstration(Settings())


@main.command()
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
def serve(workers: int) -> None:
    """Serve HOST and PORT on DATABASE_URL, which must be migrated."""
    import uvicorn

    from app.runtime.serving import SOCKETS

    settings = Settings()
    required_database(settings)
    if settings.claira_payment_secret is None:
        os.environ["CLAIRA_PAYMENT_SECRET"] = secrets.token_urlsafe(32)  # one for all processes
    uvicorn.run(
        "app.runtime.service:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        timeout_graceful_shutdown=GRACE,
        access_log=False,
        server_header=False,
        **SOCKETS,
    )


@main.command()
def work() -> None:
    """Do on DATABASE_URL what falls due by itself; any number of processes may. REDIS_URL lets it begin at once."""
    from app.runtime.working import run_worker

    settings = Settings()
    run_worker(settings, required_database(settings))


@main.command()
def migrate() -> None:
    """Bring DATABASE_URL to the newest migration."""
    settings = Settings()
    configure_logs(settings.claira_log_level)
    migrate_database(required_database(settings))


@main.command("export-schema")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the screen.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file differs.")
def export_schema(output: Path | None, check: bool) -> None:
    """Print the GraphQL schema."""
    from gqlapi.schema import schema_text

    text = schema_text()
    if output is None:
        click.echo(text, nl=False)
    elif not check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        raise click.ClickException(f"{output} is not what the code says. Run `make schema` and look at the difference.")


main.add_command(check_catalogues)
main.add_command(check_migrations)
main.add_command(key)
main.add_command(operator_link)
main.add_command(organization)
main.add_command(sign_in_link)
main.add_command(simulated_card)
main.add_command(verify)

if __name__ == "__main__":
    sys.exit(main())

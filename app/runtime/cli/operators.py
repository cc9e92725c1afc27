"""claira-usage operator-link: let an operator into the pages of all organizations (A1)."""

import secrets
from datetime import timedelta

import click

from app.domain.sessions import LINK_LIFE, LinkRefusal
from app.runtime.cli.keys import caller_name
from app.runtime.cli.session import with_ports
from app.runtime.cli.sign_in import LANGUAGES, service_address
from app.services import sessions
from app.services.ports import Ports


@click.command("operator-link")
@click.option("--user", required=True, help="The operator's name; not that of an API client.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Until the operator chooses; else the browser's.")
@click.option("--url", help="Where people reach this service.  [default: a running `make run`, else http://HOST:PORT]")
@click.option(
    "--valid-minutes",
    type=click.IntRange(1, 1_440),
    default=LINK_LIFE // timedelta(minutes=1),
    show_default=True,
    help="How long the link waits to be used, once.",
)
def operator_link(user: str, language: str | None, url: str | None, valid_minutes: int) -> None:
    """Make a link that lets an operator into invoices and organizations, once, and print it."""
    name, base = caller_name(user), service_address(url)

    async def work(ports: Ports) -> str | LinkRefusal:
        return await sessions.make_operator_link(
            ports,
            user=name,
            language=None if language is None else LANGUAGES[language],
            secret=lambda: secrets.token_urlsafe(32),
            life=timedelta(minutes=valid_minutes),
        )

    made = with_ports(work)
    if isinstance(made, LinkRefusal):
        assert made is LinkRefusal.NAME_OF_A_CLIENT, "the name can be used"
        raise click.ClickException("An API client of the operators has this name. Give the person another one.")
    click.echo(f"{base}/sign-in/{made}")

"""claira-usage sign-in-link: let a person into the panel of a case (A1)."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import click

from app.domain.callers import Role
from app.domain.languages import Language
from app.domain.portals import portal_address
from app.domain.sessions import LINK_LIFE, LinkRefusal
from app.runtime.addresses import shown_address
from app.runtime.cli.cases import NO_CASE, case_uuid
from app.runtime.cli.keys import caller_name
from app.runtime.cli.session import with_ports
from app.runtime.run import own_address
from app.runtime.settings import Settings
from app.services import sessions
from app.services.ports import Ports

LANGUAGES = {"en": Language.EN, "fr": Language.FR}
_ROLES = [role.value for role in Role if role is not Role.OPERATOR]
_REFUSED: Mapping[LinkRefusal, str] = MappingProxyType(
    {
        LinkRefusal.NO_SUCH_CASE: NO_CASE,
        LinkRefusal.UNUSABLE_NAME: "This name cannot be used.",
        LinkRefusal.NOT_FOR_OPERATORS: "An operator has no panel: use operator-link.",
        LinkRefusal.NAME_OF_A_CLIENT: "An API client of this organization has this name. Give the person another one.",
    }
)


@click.command("sign-in-link")
@click.option("--case", "case_name", required=True, help="Its UUID or its id (case_...).")
@click.option("--user", required=True, help="The person's name, as the ledger shows it.")
@click.option("--role", type=click.Choice(_ROLES), required=True)
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Until the person chooses; else the browser's.")
@click.option("--url", help="Where people reach this service.  [default: a running `make run`, else http://HOST:PORT]")
@click.option(
    "--valid-minutes",
    type=click.IntRange(1, 1_440),
    default=LINK_LIFE // timedelta(minutes=1),
    show_default=True,
    help="How long the link waits to be used, once.",
)
def sign_in_link(
    case_name: str, user: str, role: str, language: str | None, url: str | None, valid_minutes: int
) -> None:
    """Make a link that lets a person into the panel of a case, once, and print it."""
    name, case, base = caller_name(user), case_uuid(case_name), service_address(url)

    async def work(ports: Ports) -> str | LinkRefusal:
        return await sessions.make_link(
            ports,
            case_uuid=case,
            user=name,
            role=Role(role),
            language=None if language is None else LANGUAGES[language],
            secret=lambda: secrets.token_urlsafe(32),
            life=timedelta(minutes=valid_minutes),
        )

    made = with_ports(work)
    if isinstance(made, LinkRefusal):
        raise click.ClickException(_REFUSED[made])
    click.echo(f"{base}/sign-in/{made}")


def service_address(url: str | None) -> str:
    """Where people reach the service: the address given, else that of a running `make run`, else HOST and PORT."""
    if url is None:
        settings = Settings()
        running = None if settings.database_url else own_address(settings.claira_data)
        if running is not None:
            return running
        if not settings.port:
            raise click.ClickException("PORT is 0, so that nobody knows the port: give --url.")
        return shown_address(settings.host, settings.port)
    address = portal_address(url)
    if address is None:
        raise click.ClickException("--url takes http:// or https:// and a host, perhaps a port.")
    return address

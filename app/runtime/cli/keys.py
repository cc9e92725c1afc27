"""claira-usage key: make, list and revoke API keys."""

import secrets

import click

from app.domain.callers import Role
from app.domain.texts import check_text
from app.runtime.cli.organizations import one_organization
from app.runtime.cli.session import with_ports
from app.services import keys
from app.services.ports import Ports

RESERVED = {"demonstration", "scheduler"}
"""Callers that are not clients; the keys of the first are revoked by every `make run`."""


def caller_name(text: str) -> str:
    """A name that a client or a person may be given."""
    name = text.strip()
    if check_text("name", name) is not None or not name.isprintable() or name.lower() in RESERVED:
        raise click.ClickException("This name cannot be used.")
    return name


@click.group()
def key() -> None:
    """API keys."""


@key.command()
@click.option("--name", required=True, help="Of the caller; its idempotency keys hold over all the keys it is given.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--organization", "nuix_id", help="Its id at Nuix; every role but operator needs one.")
@click.option("--portal", help="The portal's address, where two portals use the same organization id.")
def create(name: str, role: str, nuix_id: str | None, portal: str | None) -> None:
    """Make a key and print it, this once."""
    name = caller_name(name)
    if (role == Role.OPERATOR) != (nuix_id is None):
        raise click.ClickException("An operator has no organization; every other role has one.")

    async def work(ports: Ports) -> str:
        found = None if nuix_id is None else await one_organization(ports, nuix_id, portal)
        return await keys.create_key(
            ports,
            name=name,
            role=Role(role),
            organization_id=None if found is None else found.organization_id,
            secret=lambda: secrets.token_urlsafe(32),
        )

    click.echo(with_ports(work))


@key.command("list")
def list_all() -> None:
    """Every key without its secret."""
    listed = with_ports(keys.list_keys)
    click.echo(f"{'Key':>5}  {'Role':<10}  {'Made':<16}  {'State':<24}  Caller  Organization")
    for known in listed:
        ended = "in force" if known.revoked_at is None else f"revoked {known.revoked_at:%Y-%m-%d %H:%M}"
        click.echo(
            f"{known.api_key_id:>5}  {known.role.value:<10}  {known.created_at:%Y-%m-%d %H:%M}  {ended:<24}  "
            f"{known.caller}  {known.organization or '-'}"
        )


@key.command()
@click.argument("key_id", type=click.IntRange(1, 2**63 - 1))
def revoke(key_id: int) -> None:
    """Revoke the key of this number, at once."""

    async def work(ports: Ports) -> bool:
        return await keys.revoke_key(ports, key_id)

    if not with_ports(work):
        raise click.ClickException("There is no such key in force.")
    click.echo(f"Key {key_id} is revoked.")

"""claira-usage organization: who may be invoiced by the month (C7)."""

import click

from app.domain.cases import Organization
from app.runtime.cli.session import with_ports
from app.services import organizations
from app.services.ports import Ports


async def one_organization(ports: Ports, nuix_id: str, portal: str | None) -> Organization:
    """ClickException where there is none, or more than one."""
    found = await organizations.find_by_nuix_id(ports, nuix_id, portal)
    if not found:
        raise click.ClickException("There is no such organization; it is made when its first case is registered.")
    if len(found) > 1:
        portals = ", ".join(organization.portal_url for organization in found)
        raise click.ClickException(f"Several portals know this organization. Give --portal, one of: {portals}")
    return found[0]


@click.group()
def organization() -> None:
    """Organizations."""


@organization.command()
@click.argument("nuix_id")
@click.option("--portal", help="The portal's address, where two portals use the same organization id.")
@click.option("--remove", is_flag=True, help="Take it off the list; what is invoiced by the month stays so.")
def contract(nuix_id: str, portal: str | None, remove: bool) -> None:
    """Put an organization on its portal's list for monthly invoicing."""

    async def work(ports: Ports) -> Organization:
        found = await one_organization(ports, nuix_id, portal)
        await organizations.set_monthly_invoicing(ports, found, not remove)
        return found

    found = with_ports(work)
    click.echo(f"{found.name} on {found.portal_url}: monthly invoicing {'off' if remove else 'on'}.")

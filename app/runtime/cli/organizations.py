"""claira-usage organization: who may be invoiced by the month, and how they are taxed (C6, C7)."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import click

from app.domain.cases import Organization
from app.domain.contracts import contract_id_of, percent_of, tax_of_share
from app.runtime.cli.session import with_ports
from app.services import operators, organizations
from app.services.ports import Ports

T = TypeVar("T")


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


_portal = click.option("--portal", help="The portal's address, where two portals use the same organization id.")


@organization.command()
@click.argument("nuix_id")
@_portal
@click.option("--contract-id", help="The id of the contract at Nuix; empty to forget it.")
@click.option("--add", is_flag=True, help="Put it on the list.")
@click.option("--remove", is_flag=True, help="Take it off the list; what is invoiced by the month stays so.")
def contract(nuix_id: str, portal: str | None, contract_id: str | None, add: bool, remove: bool) -> None:
    """Show what is agreed with an organization, put it on its portal's list for monthly invoicing or take it off, and
    note the id of its contract. What no option names stays as it is."""
    if add and remove:
        raise click.UsageError("--add and --remove exclude each other.")
    listed = add if add or remove else None
    known = None if contract_id is None else _read(contract_id_of, contract_id) or ""

    async def work(ports: Ports) -> Organization:
        found = await one_organization(ports, nuix_id, portal)
        return await organizations.change_contract(ports, found, monthly_invoicing=listed, contract_id=known)

    click.echo(_told(with_ports(work)))


@organization.command()
@click.argument("nuix_id")
@click.argument("rate")
@_portal
def tax(nuix_id: str, rate: str, portal: str | None) -> None:
    """Set the tax RATE of an organization, as a share such as 0.14975; 0 for none. It goes on invoices issued from now
    on."""
    share = _read(tax_of_share, rate)

    async def work(ports: Ports) -> Organization:
        return await organizations.change_contract(
            ports, await one_organization(ports, nuix_id, portal), tax_rate=share
        )

    click.echo(_told(with_ports(work)))


@organization.command("list")
def list_all() -> None:
    """Every organization with what is agreed, its cases, and its open invoices."""
    listed = with_ports(operators.all_organizations)
    click.echo(f"{'ORG_ID':<16}  {'Payment':<7}  {'Contract':<16}  {'Tax':>8}  {'Cases':>6}  {'Open':>5}  Name  Portal")
    for found in listed:
        known = found.organization
        click.echo(
            f"{known.nuix_id:<16}  {'monthly' if known.monthly_invoicing else 'card':<7}  "
            f"{known.contract_id or '-':<16}  {_percent(known.tax_rate):>8}  {found.cases:>6}  "
            f"{found.open_invoices:>5}  {known.name}  {known.portal_url}"
        )


def _read(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _told(changed: Organization) -> str:
    parts = [f"monthly invoicing {'on' if changed.monthly_invoicing else 'off'}"]
    if changed.contract_id is not None:
        parts.append(f"contract {changed.contract_id}")
    if changed.tax_rate:
        parts.append(f"tax {_percent(changed.tax_rate)}")
    return f"{changed.name} on {changed.portal_url}: {', '.join(parts)}."


def _percent(rate: Decimal) -> str:
    return f"{percent_of(rate)}%"

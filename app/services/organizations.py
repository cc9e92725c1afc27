"""Organizations and what is agreed with them, for operators (C6, C7)."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import structlog

from app.domain.callers import Viewer
from app.domain.cases import Organization
from app.domain.contracts import Contract
from app.domain.portals import portal_address
from app.services.ports import Ports
from app.storage import organizations as stored

log = structlog.get_logger()


async def find_by_nuix_id(ports: Ports, nuix_id: str, portal: str | None) -> list[Organization]:
    """Those with this id at Nuix; one at most when the portal is given."""
    address = None if portal is None else portal_address(portal) or portal
    async with ports.database.reading() as connection:
        return await stored.find_by_nuix_id(connection, nuix_id, address)


async def find_organization(ports: Ports, uuid: UUID) -> Organization | None:
    async with ports.database.reading() as connection:
        return await stored.find_organization(connection, uuid)


async def change_contract(
    ports: Ports,
    organization: Organization,
    *,
    monthly_invoicing: bool | None = None,
    contract_id: str | None = None,
    tax_rate: Decimal | None = None,
    by: Viewer | None = None,
) -> Organization:
    """Changes what is given, and logs it. contract_id "": there is none any more. by: an operator; None: the command
    line. What is on an issued invoice stays; lines that wait get the tax of their issue."""
    async with ports.database.writing() as connection:
        before = await stored.lock_organization(connection, organization.organization_id)
        agreed = _contract_of(before)
        wanted = replace(
            agreed,
            monthly_invoicing=agreed.monthly_invoicing if monthly_invoicing is None else monthly_invoicing,
            contract_id=agreed.contract_id if contract_id is None else contract_id or None,
            tax_rate=agreed.tax_rate if tax_rate is None else tax_rate,
        )
        if wanted == agreed:
            return before
        await stored.store_contract(connection, before.organization_id, wanted)
        after = await stored.lock_organization(connection, before.organization_id)
    log.info(
        "contract_changed",
        organization=str(before.uuid),
        portal=before.portal_url,
        ORG_ID=before.nuix_id,
        before=_told(agreed),
        after=_told(wanted),
        by="command line" if by is None else by.caller_id,
    )
    return after


async def set_monthly_invoicing(ports: Ports, organization: Organization, allowed: bool) -> None:
    """On or off the portal's contracted list (C7)."""
    await change_contract(ports, organization, monthly_invoicing=allowed)


def _contract_of(organization: Organization) -> Contract:
    return Contract(organization.monthly_invoicing, organization.contract_id, organization.tax_rate)


def _told(contract: Contract) -> dict[str, str | bool | None]:
    return {
        "monthly_invoicing": contract.monthly_invoicing,
        "contract_id": contract.contract_id,
        "tax_rate": str(contract.tax_rate),
    }

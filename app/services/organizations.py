"""Organizations, for operators."""

from app.domain.cases import Organization
from app.domain.portals import portal_address
from app.services.ports import Ports
from app.storage import organizations as stored


async def find_by_nuix_id(ports: Ports, nuix_id: str, portal: str | None) -> list[Organization]:
    """Those with this id at Nuix; one at most when the portal is given."""
    address = None if portal is None else portal_address(portal) or portal
    async with ports.database.reading() as connection:
        return await stored.find_by_nuix_id(connection, nuix_id, address)


async def set_monthly_invoicing(ports: Ports, organization: Organization, allowed: bool) -> None:
    """On or off the portal's contracted list (C7)."""
    async with ports.database.writing() as connection:
        await stored.set_monthly_invoicing(connection, organization.organization_id, allowed)

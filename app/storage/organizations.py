"""Organizations: customers on a portal."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Organization
from app.storage.tables import organizations


def organization_from(row: Row[Any]) -> Organization:
    """The row must hold every column of the table."""
    of = row._mapping
    columns = organizations.c
    return Organization(
        organization_id=of[columns.organization_id],
        uuid=of[columns.uuid],
        nuix_id=of[columns.nuix_id],
        name=of[columns.name],
        portal_url=of[columns.portal_url],
        monthly_invoicing=of[columns.monthly_invoicing],
    )


async def find_organization(connection: AsyncConnection, uuid: UUID) -> Organization | None:
    row = (await connection.execute(select(organizations).where(organizations.c.uuid == uuid))).one_or_none()
    return None if row is None else organization_from(row)


async def find_by_nuix_id(connection: AsyncConnection, nuix_id: str, portal_url: str | None) -> list[Organization]:
    """Every organization with this id at Nuix: two portals may use the same one."""
    query = select(organizations).where(organizations.c.nuix_id == nuix_id).order_by(organizations.c.organization_id)
    if portal_url is not None:
        query = query.where(organizations.c.portal_url == portal_url)
    return [organization_from(row) for row in await connection.execute(query)]


async def store_organization(connection: AsyncConnection, portal_url: str, nuix_id: str, name: str) -> int:
    """Makes it, or takes over its newest name. Returns its id."""
    statement = (
        insert(organizations)
        .values(portal_url=portal_url, nuix_id=nuix_id, name=name, monthly_invoicing=False)
        .on_conflict_do_update(index_elements=["portal_url", "nuix_id"], set_={"name": name})
        .returning(organizations.c.organization_id)
    )
    return int((await connection.execute(statement)).scalar_one())


async def set_monthly_invoicing(connection: AsyncConnection, organization_id: int, allowed: bool) -> None:
    """Puts an organization on its portal's contracted list, or takes it off (C7)."""
    await connection.execute(
        organizations.update()
        .where(organizations.c.organization_id == organization_id)
        .values(monthly_invoicing=allowed)
    )

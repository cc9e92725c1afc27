"""Organizations: customers on a portal."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Organization
from app.domain.contracts import Contract
from app.storage.reads import Reader
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
        contract_id=of[columns.contract_id],
        tax_rate=of[columns.tax_rate],
    )


_OF_UUID = select(organizations).where(organizations.c.uuid == bindparam("wanted"))


async def find_organization(connection: Reader, uuid: UUID) -> Organization | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid})).one_or_none()
    return None if row is None else organization_from(row)


_OF_NUIX_ID = (
    select(organizations).where(organizations.c.nuix_id == bindparam("nuix")).order_by(organizations.c.organization_id)
)
_ON_PORTAL = _OF_NUIX_ID.where(organizations.c.portal_url == bindparam("portal"))


async def find_by_nuix_id(connection: Reader, nuix_id: str, portal_url: str | None) -> list[Organization]:
    """Every organization with this id at Nuix: two portals may use the same one."""
    if portal_url is None:
        rows = await connection.execute(_OF_NUIX_ID, {"nuix": nuix_id})
    else:
        rows = await connection.execute(_ON_PORTAL, {"nuix": nuix_id, "portal": portal_url})
    return [organization_from(row) for row in rows]


async def store_organization(connection: AsyncConnection, portal_url: str, nuix_id: str, name: str) -> int:
    """Makes it, or takes over its newest name. Returns its id."""
    statement = (
        insert(organizations)
        .values(portal_url=portal_url, nuix_id=nuix_id, name=name, monthly_invoicing=False)
        .on_conflict_do_update(index_elements=["portal_url", "nuix_id"], set_={"name": name})
        .returning(organizations.c.organization_id)
    )
    return int((await connection.execute(statement)).scalar_one())


_FOR_CHANGE = select(organizations).where(organizations.c.organization_id == bindparam("wanted"))


async def lock_organization(connection: AsyncConnection, organization_id: int) -> Organization:
    """As it stands; nobody else changes its contract until the end of the transaction."""
    locked = _FOR_CHANGE.with_for_update(key_share=True)
    return organization_from((await connection.execute(locked, {"wanted": organization_id})).one())


async def store_contract(connection: AsyncConnection, organization_id: int, contract: Contract) -> None:
    """What is agreed with an organization (C6, C7)."""
    await connection.execute(
        organizations.update()
        .where(organizations.c.organization_id == organization_id)
        .values(
            monthly_invoicing=contract.monthly_invoicing, contract_id=contract.contract_id, tax_rate=contract.tax_rate
        )
    )

"""Organizations as operators list them: with what is agreed and what there is of each (C6, C7)."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, select, tuple_

from app.domain.cases import CaseStatus, Organization, PaymentMethod
from app.domain.invoices import InvoiceStatus
from app.storage.organizations import organization_from
from app.storage.reads import Reader
from app.storage.tables import cases, invoices, organizations, reservoirs


@dataclass(frozen=True, slots=True)
class ListedOrganization:
    """cases: all; active: on a plan; monthly: of these, those that are invoiced by the month."""

    organization: Organization
    cases: int
    active: int
    monthly: int
    open_invoices: int


_cases = (
    select(
        func.count().label("cases"),
        func.count().filter(reservoirs.c.status == CaseStatus.ACTIVE).label("active"),
        func.count()
        .filter((reservoirs.c.status == CaseStatus.ACTIVE) & (cases.c.payment_method == PaymentMethod.MONTHLY_INVOICE))
        .label("monthly"),
    )
    .select_from(cases.join(reservoirs))
    .where(cases.c.organization_id == organizations.c.organization_id)
    .lateral()
)
_open = (
    select(func.count())
    .where(invoices.c.organization_id == organizations.c.organization_id, invoices.c.status == InvoiceStatus.OPEN)
    .correlate(organizations)
    .scalar_subquery()
)
_NAME = (func.lower(organizations.c.name), organizations.c.organization_id)


@cache
def _listed(*, search: bool, after: bool) -> Select[Any]:
    query = (
        select(organizations, _cases.c.cases, _cases.c.active, _cases.c.monthly, _open.label("open_invoices"))
        .join_from(organizations, _cases, organizations.c.organization_id.is_not(None))
        .order_by(*_NAME)
        .limit(bindparam("most"))
    )
    if search:
        wanted = bindparam("search", type_=Text)
        named = func.strpos(func.lower(organizations.c.name), func.lower(wanted)) > 0
        query = query.where(named | (organizations.c.nuix_id == wanted))
    if after:
        query = query.where(
            tuple_(*_NAME) > tuple_(func.lower(bindparam("after_name", type_=Text)), bindparam("after_id"))
        )
    return query


async def list_organizations(
    connection: Reader, *, search: str | None, after: Organization | None, most: int
) -> list[ListedOrganization]:
    """By name. search: a part of the name, or the id at Nuix."""
    asked: dict[str, object] = {"most": most}
    if search is not None:
        asked["search"] = search
    if after is not None:
        asked |= {"after_name": after.name, "after_id": after.organization_id}
    rows = await connection.execute(_listed(search=search is not None, after=after is not None), asked)
    return [
        ListedOrganization(organization_from(row), row.cases, row.active, row.monthly, row.open_invoices)
        for row in rows
    ]

"""Organizations and their invoices."""

from __future__ import annotations

from functools import partial

import strawberry

from app.domain import cases
from app.domain.ids import NodeId
from app.services import invoice_lists
from gqlapi.connections import Connection, invoice_after, size_of
from gqlapi.context import Info
from gqlapi.invoices import Invoice, connect_invoices
from gqlapi.nodes import Node


@strawberry.type
class Organization(Node):
    organization: strawberry.Private[cases.Organization]
    nuix_id: str
    name: str
    monthly_invoicing: bool

    @strawberry.field(
        description="Whole invoices, for organization admins (else null); through a case only that case's lines show"
    )
    async def invoices(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Invoice] | None:
        context, organization = info.context, self.organization
        size, start = size_of(context, first), invoice_after(context, after, None)
        page = await invoice_lists.page_of_organization(
            context.ports, context.viewer, organization, after=start, size=size
        )
        count = partial(invoice_lists.count_of_organization, context.ports, organization)
        return connect_invoices(context, page, after=after, case=None, count=count)

    @classmethod
    def of(cls, organization: cases.Organization) -> Organization:
        return cls(
            id=strawberry.ID(str(NodeId("org", organization.uuid))),
            organization=organization,
            nuix_id=organization.nuix_id,
            name=organization.name,
            monthly_invoicing=organization.monthly_invoicing,
        )

"""Invoices and their lines, and what is being paid; for whoever may see money (A2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from app.adapters.invoice_texts import description
from app.adapters.languages import words
from app.domain import invoices, money, payments
from app.domain.bills import LineKind
from app.domain.ids import InvoiceId, InvoiceLineId
from app.domain.invoices import InvoiceStatus
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.refusals import InvalidInput
from app.services.paging import Page
from gqlapi.connections import Connection, connect
from gqlapi.context import Context, Info
from gqlapi.nodes import Node
from gqlapi.plans import Money
from gqlapi.scalars import BigInt

if TYPE_CHECKING:
    from gqlapi.cases import Case


@strawberry.type
class InvoiceLine:
    line: strawberry.Private[invoices.InvoiceLine]
    id: strawberry.ID = strawberry.field(description="For Query.explain")
    kind: LineKind
    effective_at: datetime = strawberry.field(description="Plan-date: when what is billed took effect")
    quantity: BigInt
    unit_price: Money
    amount: Money

    @strawberry.field
    async def case(self, info: Info) -> Annotated[Case, strawberry.lazy("gqlapi.cases")]:
        from gqlapi.cases import Case

        found = await info.context.cases.load(self.line.case_uuid)
        assert found is not None, "cases are kept"
        return Case.of(found)

    @strawberry.field
    def description(self, locale: Language = Language.EN) -> str:
        return description(self.line.line, words(locale), given_at=self.line.given_at)

    @classmethod
    def of(cls, shown: invoices.InvoiceLine) -> InvoiceLine:
        line = shown.line
        return cls(
            line=shown,
            id=strawberry.ID(str(InvoiceLineId(shown.case_uuid, shown.line_id))),
            kind=line.kind,
            effective_at=line.effective_at,
            quantity=line.quantity,
            unit_price=Money.of(money.cad(line.unit_price)),
            amount=Money.of(money.cad(line.amount)),
        )


@strawberry.type
class Invoice(Node):
    number: str | None = strawberry.field(description="1, 2, 3 ... without gaps in each organization. null: PENDING")
    status: InvoiceStatus
    issued_at: datetime | None
    lines: list[InvoiceLine]
    total: Money

    @classmethod
    def of(cls, invoice: invoices.Invoice, case: UUID | None) -> Invoice:
        """case: the one that it is looked at through, whose lines alone it has; None: it is whole."""
        return cls(
            id=invoice_id(invoice, case),
            number=None if invoice.number is None else str(invoice.number),
            status=invoice.status,
            issued_at=invoice.issued_at,
            lines=[InvoiceLine.of(line) for line in invoice.lines],
            total=Money.of(money.cad(invoice.total)),
        )


def invoice_id(invoice: invoices.Invoice, case: UUID | None) -> strawberry.ID:
    """What is about one case is the same thing by every way; of others a case has a part, which is a thing of its
    own."""
    return strawberry.ID(str(InvoiceId(invoice.uuid, None if invoice.month is None else case)))


def connect_invoices(
    context: Context,
    page: Page[invoices.Invoice] | InvalidInput | None,
    *,
    after: str | None,
    case: UUID | None,
    count: Callable[[], Awaitable[int]],
) -> Connection[Invoice] | None:
    """case: the one whose list it is; None: an organization's. None: the viewer may not see it."""
    if isinstance(page, InvalidInput):
        raise context.failure(page)
    if page is None:
        return None
    return connect(
        page,
        after=after,
        node=lambda invoice: Invoice.of(invoice, case),
        cursor=lambda invoice: invoice_id(invoice, case),
        count=count,
    )


@strawberry.type(description="A card payment that a panel user has begun; nothing has changed yet")
class PendingCheckout:
    url: str
    tier: PlanTier | None
    tokens: BigInt | None
    expires_at: datetime

    @classmethod
    def of(cls, payment: payments.Payment) -> PendingCheckout:
        assert payment.checkout is not None, "it is paid on a page"
        return cls(
            url=payment.checkout,
            tier=payment.wanted.tier,
            tokens=payment.wanted.tokens,
            expires_at=payment.expires_at,
        )

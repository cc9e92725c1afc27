"""Reading."""

from __future__ import annotations

from uuid import UUID

import strawberry

from app.domain import ids
from app.domain.cases import CaseStatus
from app.domain.ids import parse_invoice_id
from app.domain.plan_changes import PlanChange
from app.domain.plans import CATALOGUES, CURRENT_CATALOGUE, PlanTier
from app.domain.rates import RATE_CARD
from app.domain.refusals import Flaw, InvalidInput, NotFound
from app.services import cases, clocks, invoice_lists, ledger, previews, tasks
from gqlapi.cases import Case, case_id
from gqlapi.clocks import TestClock
from gqlapi.connections import Connection, connect, not_a_cursor, size_of
from gqlapi.context import Info
from gqlapi.explain import Explanation, explain
from gqlapi.inputs import TaskInput
from gqlapi.invoices import Invoice
from gqlapi.ledger import LedgerEntry
from gqlapi.nodes import Node, case_of, task_of
from gqlapi.organizations import Organization
from gqlapi.plans import Plan, ScanRate
from gqlapi.refusals import Error, error
from gqlapi.scalars import BigInt
from gqlapi.subscriptions import PlanChangePreview
from gqlapi.tasks import Task


@strawberry.type
class Quote:
    reserved_tokens: BigInt
    overage_tokens: BigInt
    blocked_by: Error | None = strawberry.field(description="Why it would not run now; null: it would")


async def _task(info: Info, id: str) -> Task | None:
    case, number = task_of(id)
    found = None if case is None else await info.context.tasks.load((case, number))
    return None if found is None else Task.of(found)


@strawberry.type
class Query:
    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        context = info.context
        if named := parse_invoice_id(id):
            invoice = await invoice_lists.find_invoice(context.ports, context.viewer, named.uuid, case_uuid=named.case)
            return None if invoice is None else Invoice.of(invoice, named.case)
        wanted = ids.parse_id(id)
        if wanted is None:
            return None
        if wanted.kind == "org":
            organization = await cases.find_organization(context.ports, context.viewer, wanted.uuid)
            return None if organization is None else Organization.of(organization)
        if wanted.kind == "clock":
            clock = await clocks.find_test_clock(context.ports, context.viewer, wanted.uuid)
            return None if clock is None else TestClock.of(clock)
        if wanted.kind == "task":
            return await _task(info, id)
        if wanted.kind == "event":  # a cursor only
            return None
        case = await cases.find_case(context.ports, context.viewer, wanted.uuid)
        if case is None or wanted.kind == "case":
            return None if case is None else Case.of(case)
        entry = await ledger.find_entry(context.ports, case, wanted.number)
        return None if entry is None else LedgerEntry.of(wanted.uuid, entry)

    @strawberry.field
    def plans(self) -> list[Plan]:
        return [Plan.of(plan) for plan in CATALOGUES[CURRENT_CATALOGUE].values()]

    @strawberry.field
    def scan_rates(self) -> list[ScanRate]:
        return [ScanRate.of(rate) for rate in RATE_CARD.values()]

    @strawberry.field
    async def cases(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        search: str | None = None,
        status: CaseStatus | None = None,
    ) -> Connection[Case]:
        context = info.context
        size = size_of(context, first)
        start = None if after is None else case_of(after)
        if after is not None and start is None:
            raise not_a_cursor(context)
        page = await cases.page_of_cases(
            context.ports, context.viewer, search=search, status=status, after=start, size=size
        )
        if isinstance(page, InvalidInput):
            raise context.failure(page)
        return connect(
            page,
            after=after,
            node=Case.of,
            cursor=case_id,
            count=lambda: cases.count_cases(context.ports, context.viewer, search=search, status=status),
        )

    @strawberry.field
    async def case(self, info: Info, id: strawberry.ID | None = None, uuid: UUID | None = None) -> Case | None:
        context = info.context
        if (id is None) == (uuid is None):
            raise context.failure(InvalidInput("id", Flaw.ID_OR_UUID))
        wanted = uuid if id is None else case_of(id)
        found = None if wanted is None else await cases.find_case(context.ports, context.viewer, wanted)
        return None if found is None else Case.of(found)

    @strawberry.field
    async def task(self, info: Info, id: strawberry.ID) -> Task | None:
        return await _task(info, id)

    @strawberry.field(description="What a task would cost and whether it would run, without changing anything")
    async def quote(self, info: Info, input: TaskInput) -> Quote:
        context = info.context
        quoted = await tasks.quote(context.ports, context.viewer, case_of(input.case_id), input.request())
        if isinstance(quoted, InvalidInput | NotFound):
            raise context.failure(quoted)
        blocked = None if quoted.blocked_by is None else error(quoted.blocked_by, context.words)
        return Quote(reserved_tokens=quoted.tokens, overage_tokens=quoted.overage, blocked_by=blocked)

    @strawberry.field(description="What a change of plan would do, without changing anything")
    async def preview_plan_change(self, info: Info, case_id: strawberry.ID, tier: PlanTier) -> PlanChangePreview:
        context = info.context
        change = await previews.preview_plan_change(context.ports, context.viewer, case_of(case_id), tier)
        if not isinstance(change, PlanChange):
            raise context.failure(change)
        return PlanChangePreview.of(change)

    explain: Explanation = strawberry.field(
        resolver=explain,
        description="Why a figure of a case is what it is. month: of one of a month, by default that of the latest "
        "cycle. invoiceLineId: of INVOICE_LINE. invoiceId: of INVOICE_TOTAL. Money is for whoever sees it",
    )

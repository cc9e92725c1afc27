"""Cases, their reservoirs and their lists."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

import strawberry

from app.domain import cases
from app.domain.cases import CaseStatus
from app.domain.cycles import Month
from app.domain.ids import NodeId
from app.domain.ledger import EntryKind
from app.domain.tasks import TaskStatus
from app.services import invoice_lists, ledger, subscriptions, tasks, timelines, usage
from gqlapi.clocks import TestClock
from gqlapi.connections import Connection, connect, invoice_after, not_a_cursor, number_after, size_of
from gqlapi.context import Info
from gqlapi.invoices import Invoice, PendingCheckout, connect_invoices
from gqlapi.ledger import LedgerEntry, entry_id
from gqlapi.months import UsageMonth
from gqlapi.nodes import Node
from gqlapi.organizations import Organization
from gqlapi.scalars import BigInt
from gqlapi.subscriptions import Subscription, TimelineEvent
from gqlapi.tasks import Task, task_id


@strawberry.type
class CaseSettings:
    overage_enabled: bool
    auto_upgrade_allowed: bool
    overage_ceiling: BigInt | None = strawberry.field(
        description="Tokens: with overage on, no task may take the overage of a cycle beyond it. null: no ceiling"
    )


@strawberry.type(
    description="tokens: what would be added if nothing changed until then; scheduled downgrades are ignored"
)
class NextRefill:
    at: datetime
    tokens: BigInt


@strawberry.type(description="A case that is not active: balance, held, purchased, cap and fill are 0.")
class Reservoir:
    balance: BigInt | None = strawberry.field(description="Tokens free to spend now. null: unlimited")
    held: BigInt = strawberry.field(description="Set aside by running tasks")
    purchased: BigInt = strawberry.field(
        description="Part of balance + held that was bought rather than granted by the plan"
    )
    cap: BigInt | None = strawberry.field(description="null: unlimited")
    fill: float | None = strawberry.field(description="min(1, (balance + held) / cap). null: unlimited")
    next_refill: NextRefill | None = strawberry.field(
        description="null: the plan has no daily refill, or the case is not active"
    )

    added_since_last_visit: BigInt = strawberry.field(
        description="DAILY_REFILL tokens since this user's previous opening of the panel (a new opening begins after "
        "30 minutes without it). Reading changes nothing; 0 for API keys."
    )

    @classmethod
    def of(cls, case: cases.Case, now: datetime) -> Reservoir:
        """now: in real time. Whoever asks here has an API key, and so never had the panel open."""
        tank, next_refill = case.reservoir, case.next_refill(case.now(now))
        return cls(
            balance=tank.balance,
            held=tank.held,
            purchased=tank.purchased,
            cap=tank.cap,
            fill=tank.fill,
            next_refill=None if next_refill is None else NextRefill(at=next_refill.at, tokens=next_refill.tokens),
            added_since_last_visit=0,
        )


@strawberry.type
class Case(Node):
    case: strawberry.Private[cases.Case]
    uuid: UUID = strawberry.field(description="Nuix Discover's caseUuid")
    name: str
    organization: Organization
    status: CaseStatus
    activated_at: datetime | None
    settings: CaseSettings
    test_clock: TestClock | None = strawberry.field(description="The clock that the case lives by. null: real time")

    @strawberry.field(description="null until the first activation")
    async def subscription(self, info: Info) -> Subscription | None:
        found = await subscriptions.find_subscription(info.context.ports, self.case)
        return None if found is None else Subscription.of(found, active=self.case.terms.active)

    @strawberry.field(description="The latest one. Whoever may not see money sees only what they have begun themselves")
    async def pending_checkout(self, info: Info) -> PendingCheckout | None:
        found = await invoice_lists.find_pending_checkout(info.context.ports, info.context.viewer, self.case)
        return None if found is None else PendingCheckout.of(found)

    @strawberry.field(description="What happened to the plan, newest first")
    async def timeline(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[TimelineEvent]:
        context, case = info.context, self.case
        uuid, sees_money = case.terms.uuid, context.viewer.administers
        start = number_after(context, after, "event", uuid)
        return connect(
            await timelines.page_of_timeline(context.ports, case, after=start, size=size_of(context, first)),
            after=after,
            node=lambda event: TimelineEvent.of(event, sees_money=sees_money),
            cursor=lambda event: str(NodeId("event", uuid, event.number)),
            count=lambda: timelines.count_timeline(context.ports, case),
        )

    @strawberry.field
    def reservoir(self, info: Info) -> Reservoir:
        return Reservoir.of(self.case, info.context.ports.clock())

    @strawberry.field(description="Newest first")
    async def months(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[UsageMonth]:
        context, case = info.context, self.case
        size = size_of(context, first)
        try:
            start = None if after is None else Month.parse(after)
        except ValueError:
            raise not_a_cursor(context) from None
        return connect(
            await usage.page_of_months(context.ports, case, after=start, size=size),
            after=after,
            node=UsageMonth.of,
            cursor=lambda month: str(month.month),
            count=lambda: usage.count_months(context.ports, case),
        )

    @strawberry.field(
        description="Default: the month of the latest cycle. null: no cycle started in that month, or never activated"
    )
    async def month(self, info: Info, month: Month | None = None) -> UsageMonth | None:
        found = await usage.find_month(info.context.ports, self.case, month)
        return None if found is None else UsageMonth.of(found)

    @strawberry.field
    async def tasks(
        self, info: Info, first: int | None = None, after: str | None = None, status: TaskStatus | None = None
    ) -> Connection[Task]:
        context, case = info.context, self.case
        start = number_after(context, after, "task", case.terms.uuid)
        return connect(
            await tasks.page_of_tasks(context.ports, case, status=status, after=start, size=size_of(context, first)),
            after=after,
            node=Task.of,
            cursor=task_id,
            count=lambda: tasks.count_tasks(context.ports, case, status=status),
        )

    @strawberry.field
    async def ledger(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        kinds: list[EntryKind] | None = None,
        month: Month | None = None,
    ) -> Connection[LedgerEntry]:
        context, case = info.context, self.case
        uuid = case.terms.uuid
        start = number_after(context, after, "entry", uuid)
        size = size_of(context, first)
        page = await ledger.page_of_entries(context.ports, case, kinds=kinds, month=month, after=start, size=size)
        return connect(
            page,
            after=after,
            node=lambda entry: LedgerEntry.of(uuid, entry),
            cursor=lambda entry: entry_id(uuid, entry),
            count=lambda: ledger.count_entries(context.ports, case, kinds=kinds, month=month),
        )

    @strawberry.field(
        description="With this case's lines alone: what is pending, then the newest issue first. null: the viewer may "
        "not see money"
    )
    async def invoices(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Invoice] | None:
        context, case = info.context, self.case
        size, start = size_of(context, first), invoice_after(context, after, self.uuid)
        page = await invoice_lists.page_of_case(context.ports, context.viewer, case, after=start, size=size)
        context.cases.prime(self.uuid, case)
        count = partial(invoice_lists.count_of_case, context.ports, case)
        return connect_invoices(context, page, after=after, case=self.uuid, count=count)

    @classmethod
    def of(cls, case: cases.Case) -> Case:
        return cls(
            id=case_id(case),
            case=case,
            uuid=case.terms.uuid,
            name=case.name,
            organization=Organization.of(case.organization),
            status=case.terms.status,
            activated_at=case.activated_at,
            settings=CaseSettings(
                overage_enabled=case.terms.overage_enabled,
                auto_upgrade_allowed=case.terms.auto_upgrade_allowed,
                overage_ceiling=case.terms.overage_ceiling,
            ),
            test_clock=None if case.clock is None else TestClock.of(case.clock),
        )


def case_id(case: cases.Case) -> strawberry.ID:
    return strawberry.ID(str(NodeId("case", case.terms.uuid)))

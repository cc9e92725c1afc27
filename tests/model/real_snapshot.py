"""Everything there is to see of a real case, read back through the services, as the model shows it."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, select

from app.domain import cycles
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.cycles import plan_tokens
from app.domain.months import UsageMonth
from app.domain.plans import plan
from app.domain.rates import ScanMode
from app.domain.reservoirs import NextRefill
from app.domain.subscriptions import PlanEvent, Subscription
from app.domain.tasks import Task
from app.services import ledger, subscriptions, tasks, timelines, usage
from app.services.cases import find_case
from app.services.ports import Ports
from app.storage.tables import task_documents
from tests.model.model_cycles import Cycle
from tests.model.model_snapshot import (
    ChargeSeen,
    MonthSeen,
    NextRefillSeen,
    ReservoirSeen,
    Snapshot,
    SubscriptionSeen,
    TaskSeen,
)
from tests.model.model_tank import Entry
from tests.model.model_task import Outcome

EVERYTHING = 1_000_000
DOCUMENTS = select(task_documents).where(task_documents.c.case_id == bindparam("of_case"))
OUTCOMES: dict[str, Outcome] = {
    "f": ("FAILED", None),
    "s": ("SKIPPED", None),
    "t": ("SUCCEEDED", "TEXT"),
    "i": ("SUCCEEDED", "IMAGE"),
    "a": ("SUCCEEDED", "AUDIO"),
    "v": ("SUCCEEDED", "VIDEO"),
}
# Events of a plan that bill something, by what the model calls them.
CHARGES = {
    PlanEvent.ACTIVATED: "ACTIVATION",
    PlanEvent.REACTIVATED: "REACTIVATION",
    PlanEvent.UPGRADED: "UPGRADE",
    PlanEvent.RENEWED: "RENEWAL",
    PlanEvent.DOWNGRADED: "RENEWAL",  # to a cheaper plan
    PlanEvent.DEACTIVATED: "DEACTIVATION",
}


async def snapshot(ports: Ports, viewer: Viewer, uuid: UUID, name: str, actors: Mapping[str, str]) -> Snapshot:
    """actors: what the history calls those whom the ledger names."""
    found = await find_case(ports, viewer, uuid)
    assert found is not None
    subscription = await subscriptions.find_subscription(ports, found)
    tank, terms = found.reservoir, found.terms
    return Snapshot(
        case=name,
        overage_enabled=terms.overage_enabled,
        overage_ceiling=terms.overage_ceiling,
        auto_upgrade_allowed=terms.auto_upgrade_allowed,
        reservoir=ReservoirSeen(terms.status, tank.balance, tank.held, tank.purchased, tank.cap),
        next_refill=seen_next_refill(found.next_refill(found.now(ports.clock()))),
        subscription=None if subscription is None else seen_subscription(subscription, active=terms.active),
        charges=await charges_of(ports, found),
        credit_left=Decimal("0.00") if subscription is None else subscription.credit,
        tasks=await tasks_of(ports, found),
        entries=await entries_of(ports, found, actors),
        months=await months_of(ports, found),
    )


async def charges_of(ports: Ports, case: Case) -> tuple[ChargeSeen, ...]:
    page = await timelines.page_of_timeline(ports, case, after=None, size=EVERYTHING)
    events = list(reversed(page.rows))
    assert all(event.charge == event.credit == 0 for event in events if event.kind not in CHARGES)
    return tuple(
        ChargeSeen(CHARGES[event.kind], event.occurred_at, event.charge, event.credit)
        for event in events
        if event.kind in CHARGES
    )


async def tasks_of(ports: Ports, case: Case) -> tuple[TaskSeen, ...]:
    page = await tasks.page_of_tasks(ports, case, status=None, after=None, size=EVERYTHING)
    outcomes: dict[int, dict[str, Outcome]] = defaultdict(dict)
    async with ports.database.reading() as connection:
        for row in await connection.execute(DOCUMENTS, {"of_case": case.terms.case_id}):
            outcomes[row.task_number][row.document_id] = OUTCOMES[row.outcome]
    return tuple(seen_task(task, outcomes[task.number]) for task in reversed(page.rows))


async def entries_of(ports: Ports, case: Case, actors: Mapping[str, str]) -> tuple[Entry, ...]:
    page = await ledger.page_of_entries(ports, case, kinds=None, month=None, after=None, size=EVERYTHING)
    return tuple(
        Entry(
            sequence=entry.sequence,
            kind=entry.kind,
            balance_change=entry.balance_change,
            held_change=entry.held_change,
            purchased_change=entry.purchased_change,
            provisional_change=entry.provisional_change,
            overage_change=entry.overage_change,
            balance_after=entry.balance_after,
            held_after=entry.held_after,
            category=entry.category,
            task=entry.task_number,
            cycle=entry.cycle_number,
            at=entry.occurred_at,
            actor=actors.get(entry.actor, entry.actor),
        )
        for entry in reversed(page.rows)
    )


async def months_of(ports: Ports, case: Case) -> tuple[MonthSeen, ...]:
    page = await usage.page_of_months(ports, case, after=None, size=EVERYTHING)
    return tuple(seen_month(month) for month in reversed(page.rows))


def seen_next_refill(refill: NextRefill | None) -> NextRefillSeen | None:
    return None if refill is None else NextRefillSeen(refill.at, refill.tokens)


def seen_subscription(subscription: Subscription, *, active: bool) -> SubscriptionSeen:
    scheduled = subscription.scheduled
    return SubscriptionSeen(
        tier=subscription.plan.tier,
        payment_method=subscription.payment_method,
        cycle=seen_cycle(subscription.cycle) if active else None,
        downgrade=None if scheduled is None else (scheduled.tier, scheduled.effective_at),
    )


def seen_task(task: Task, outcomes: dict[str, Outcome]) -> TaskSeen:
    return TaskSeen(
        number=task.number,
        name=task.name,
        kind=task.kind,
        scope=task.scope,
        mode=task.mode,
        fields=task.active_fields,
        status=task.status,
        documents=task.documents,
        succeeded=task.succeeded,
        failed=task.failed,
        skipped=task.skipped,
        pending=task.pending,
        reserved=task.reserved,
        charged=task.charged,
        refunded=task.refunded,
        held=task.held,
        overage=task.overage,
        created_at=task.created_at,
        finished_at=task.finished_at,
        # The system keeps a mode for every success; the model one only where the report had to name it.
        outcomes=outcomes if task.mode is ScanMode.AUTO else {name: (of[0], None) for name, of in outcomes.items()},
    )


def seen_month(month: UsageMonth) -> MonthSeen:
    for cycle in month.cycles:  # the two sides count the 09:00s of a cycle each in their own way
        assert plan_tokens(plan(cycle.tier), cycle.starts_at, cycle.ends_at) == seen_cycle(cycle).plan_tokens
    return MonthSeen(
        month=str(month.month),
        cycles=tuple(seen_cycle(cycle) for cycle in month.cycles),
        highest_tier=month.highest_tier,
        plan_tokens=month.plan_tokens,
        granted=month.granted,
        consumed=month.consumed,
        overage=month.overage,
        by_category=tuple((part.category, part.tokens) for part in month.by_category),
    )


def seen_cycle(cycle: cycles.Cycle) -> Cycle:
    return Cycle(cycle.number, cycle.starts_at, cycle.ends_at, cycle.tier)

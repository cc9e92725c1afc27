"""Everything there is to see of a case, as plain values (C4, C5). A real system answers with the same dataclasses."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.model.model_case import Case
from tests.model.model_cycles import Cycle
from tests.model.model_prices import CATEGORIES, TIERS
from tests.model.model_tank import Entry
from tests.model.model_task import Outcome, Task


@dataclass(frozen=True)
class ReservoirSeen:
    """The tank in tokens; None: unlimited."""

    status: str
    balance: int | None
    held: int
    purchased: int
    cap: int | None


@dataclass(frozen=True)
class NextRefillSeen:
    """When the next 09:00 adds how many tokens, if nothing changed until then."""

    at: datetime
    tokens: int


@dataclass(frozen=True)
class SubscriptionSeen:
    """The plan, how it is paid, the open cycle (None: not active), and the downgrade that waits for its end."""

    tier: str
    payment_method: str
    cycle: Cycle | None
    downgrade: tuple[str, datetime] | None


@dataclass(frozen=True)
class ChargeSeen:
    """What a change or renewal of the plan billed: CAD to pay at once, and the credit that it earned."""

    kind: str
    at: datetime
    now: Decimal
    earned: Decimal


@dataclass(frozen=True)
class TaskSeen:
    """A task: counts of documents, then tokens; `outcomes` holds every document known so far."""

    number: int
    name: str | None
    kind: str
    scope: str
    mode: str
    fields: int
    status: str
    documents: int
    succeeded: int
    failed: int
    skipped: int
    pending: int
    reserved: int
    charged: int
    refunded: int
    held: int
    overage: int
    created_at: datetime
    finished_at: datetime | None
    outcomes: dict[str, Outcome]


@dataclass(frozen=True)
class MonthSeen:
    """Every cycle that started in the month, oldest first; categories largest first, equal ones in enum order."""

    month: str
    cycles: tuple[Cycle, ...]
    highest_tier: str
    plan_tokens: int | None
    granted: int
    consumed: int
    overage: int
    by_category: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Snapshot:
    """One case at one moment. Tasks and entries in order of number and sequence, months oldest first."""

    case: str
    overage_enabled: bool
    overage_ceiling: int | None
    auto_upgrade_allowed: bool
    reservoir: ReservoirSeen
    next_refill: NextRefillSeen | None
    subscription: SubscriptionSeen | None
    charges: tuple[ChargeSeen, ...]
    credit_left: Decimal
    tasks: tuple[TaskSeen, ...]
    entries: tuple[Entry, ...]
    months: tuple[MonthSeen, ...]


def snapshot_of(case: Case) -> Snapshot:
    """Look at all of a case."""
    return Snapshot(
        case=case.name,
        overage_enabled=case.overage_enabled,
        overage_ceiling=case.overage_ceiling,
        auto_upgrade_allowed=case.auto_upgrade_allowed,
        reservoir=ReservoirSeen(case.status, case.balance, case.held, case.purchased, case.cap),
        next_refill=seen_next_refill(case),
        subscription=seen_subscription(case),
        charges=tuple(ChargeSeen(c.kind, c.at, c.now, c.earned) for c in case.charges if c.kind != "PURCHASE"),
        credit_left=case.credit_left,
        tasks=tuple(seen_task(task) for task in case.tasks),
        entries=tuple(case.entries),
        months=tuple(seen_month(case, month) for month in sorted({cycle.month for cycle in case.cycles})),
    )


def seen_next_refill(case: Case) -> NextRefillSeen | None:
    """L4: downgrades and abandonments before it are not foreseen."""
    at = case.next_refill_at
    return NextRefillSeen(at, case.refill_amount()) if at else None


def seen_subscription(case: Case) -> SubscriptionSeen | None:
    """None until the first activation; a deactivated case shows its last plan."""
    if case.status == "NOT_ACTIVATED":
        return None
    cycle = case.cycles[-1]
    downgrade = (case.scheduled_tier, cycle.ends_at) if case.scheduled_tier else None
    return SubscriptionSeen(case.tier, case.payment_method, cycle if case.status == "ACTIVE" else None, downgrade)


def seen_task(task: Task) -> TaskSeen:
    """Look at one task."""
    return TaskSeen(
        number=task.number,
        name=task.name,
        kind=task.order.kind,
        scope=task.order.scope,
        mode=task.order.mode,
        fields=task.order.fields,
        status=task.status,
        documents=task.order.documents,
        succeeded=task.count("SUCCEEDED"),
        failed=task.count("FAILED"),
        skipped=task.count("SKIPPED"),
        pending=task.pending,
        reserved=task.reserved,
        charged=task.charged,
        refunded=task.refunded,
        held=task.held,
        overage=task.overage,
        created_at=task.created_at,
        finished_at=task.finished_at,
        outcomes=dict(task.documents),
    )


def seen_month(case: Case, month: str) -> MonthSeen:
    """C4: add up the entries of the cycles that started in the month, wherever their own time lies."""
    cycles = tuple(cycle for cycle in case.cycles if cycle.month == month)
    numbers = {cycle.number for cycle in cycles}
    entries = [entry for entry in case.entries if entry.cycle in numbers]
    charges = [entry for entry in entries if entry.kind == "CHARGE"]
    plan_tokens = [cycle.plan_tokens for cycle in cycles]
    spent = {category: sum(tokens_of(e) for e in charges if e.category == category) for category in CATEGORIES}
    return MonthSeen(
        month=month,
        cycles=cycles,
        highest_tier=max((cycle.tier for cycle in cycles), key=TIERS.index),
        plan_tokens=None if None in plan_tokens else sum(tokens or 0 for tokens in plan_tokens),
        granted=sum(e.balance_change or 0 for e in entries if e.kind.endswith("FILL")),
        consumed=sum(tokens_of(entry) for entry in charges),
        overage=sum(entry.overage_change for entry in charges),
        by_category=tuple(sorted(((c, t) for c, t in spent.items() if t), key=lambda part: -part[1])),
    )


def tokens_of(charge: Entry) -> int:
    """T3: tokens that a CHARGE entry took: from the reservoir and beyond it."""
    return -charge.held_change + charge.overage_change

"""Subscriptions: the plan of a case, the downgrade that waits, the credit that is carried, and the timeline."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, cast, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.bills import Credit
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.cycles import Cycle, cycle_end
from app.domain.money import cents
from app.domain.plans import Plan
from app.domain.subscriptions import PlanEvent, ScheduledDowngrade, Subscription, TimelineEvent
from app.storage.reads import Reader
from app.storage.tables import callers, cases, cycle_usage, cycles, invoice_lines, plan_changes, reservoirs

_overage = (
    select(cast(func.coalesce(func.sum(cycle_usage.c.overage), 0), BigInteger))
    .where(cycle_usage.c.case_id == cycles.c.case_id, cycle_usage.c.cycle_number == cycles.c.number)
    .scalar_subquery()
    .label("overage")
)
_SUBSCRIPTION = (
    select(cases.c.payment_method, cases.c.scheduled_tier, cases.c.scheduled_catalogue, cases.c.credit_left, cycles)
    .add_columns(_overage)
    .join_from(cases, reservoirs)
    .join(cycles, (cycles.c.case_id == reservoirs.c.case_id) & (cycles.c.number == reservoirs.c.cycle_number))
    .where(cases.c.case_id == bindparam("of_case"))
)


async def find_subscription(connection: Reader, case_id: int) -> Subscription | None:
    """None: the case was never activated."""
    row = (await connection.execute(_SUBSCRIPTION, {"of_case": case_id})).one_or_none()
    if row is None:
        return None
    cycle = Cycle(row.number, row.tier, row.catalogue, row.anchor_day, row.starts_at, row.ends_at)
    scheduled = None
    if row.scheduled_tier is not None:
        scheduled = ScheduledDowngrade(row.scheduled_tier, row.scheduled_catalogue, cycle.ends_at)
    carried = await find_credits(connection, case_id, cents(row.credit_left)) if row.credit_left else ()
    return Subscription(row.payment_method, cycle, scheduled, row.overage, carried)


_cut, _used = cycles.alias("cut"), invoice_lines.alias("used")
_CREDITS = (
    select(
        plan_changes.c.number,
        plan_changes.c.occurred_at,
        _cut.c.number.label("cycle"),
        _cut.c.tier,
        _cut.c.starts_at,
        _cut.c.anchor_day,
        cast(plan_changes.c.credit * 100 + func.coalesce(func.sum(_used.c.amount), 0), BigInteger).label("unused"),
    )
    .join(_cut, (_cut.c.case_id == plan_changes.c.case_id) & (_cut.c.number == plan_changes.c.cycle_number - 1))
    .outerjoin(_used, (_used.c.case_id == plan_changes.c.case_id) & (_used.c.credit_of == plan_changes.c.number))
    .where(plan_changes.c.case_id == bindparam("of_case"), plan_changes.c.credit > 0)
    .group_by(plan_changes.c.case_id, plan_changes.c.number, _cut.c.case_id, _cut.c.number)
    .order_by(plan_changes.c.number.desc())
)


async def find_credits(connection: Reader, case_id: int, left: int) -> tuple[Credit, ...]:
    """What the carried credit, in cents, consists of: the oldest were used first, so that the latest are left."""
    found = []
    for row in await connection.execute(_CREDITS, {"of_case": case_id}):
        if amount := min(row.unused, left):
            left -= amount
            until = cycle_end(row.starts_at, row.anchor_day)
            found.append(Credit(row.number, row.cycle, row.tier, row.occurred_at, until, amount))
    return tuple(reversed(found))


async def store_plan(
    connection: AsyncConnection, case_id: int, plan: Plan, cycle: Cycle, *, refilled_on: date | None, now: datetime
) -> None:
    """Puts a case on a plan with this open cycle. A balance stays what it is; an unlimited reservoir has none (L7)."""
    await connection.execute(
        update(reservoirs)
        .where(reservoirs.c.case_id == case_id)
        .values(
            status=CaseStatus.ACTIVE,
            tier=plan.tier,
            catalogue=cycle.catalogue,
            cap=plan.cap,
            balance=null() if plan.cap is None else func.coalesce(reservoirs.c.balance, 0),
            cycle_number=cycle.number,
            cycle_ends_at=cycle.ends_at,
            refilled_on=refilled_on,
            changed_at=func.greatest(reservoirs.c.changed_at, now),
            terms_version=reservoirs.c.terms_version + 1,
        )
    )


async def store_inactive(connection: AsyncConnection, case_id: int, now: datetime) -> None:
    """Takes a case, whose tank has been cleared, off its plan (L6)."""
    await connection.execute(
        update(reservoirs)
        .where(reservoirs.c.case_id == case_id)
        .values(
            status=CaseStatus.DEACTIVATED,
            tier=None,
            catalogue=None,
            cap=0,
            cycle_ends_at=None,
            refilled_on=None,
            changed_at=func.greatest(reservoirs.c.changed_at, now),
            terms_version=reservoirs.c.terms_version + 1,
        )
    )


async def store_payment(
    connection: AsyncConnection, case_id: int, payment_method: PaymentMethod, now: datetime
) -> None:
    """How a case pays from its activation, reactivation or upgrade on."""
    activated_at = case((cases.c.activated_at.is_(None), now), else_=cases.c.activated_at)
    values = {"payment_method": payment_method, "activated_at": activated_at}
    await connection.execute(update(cases).where(cases.c.case_id == case_id).values(values))


async def store_scheduled(connection: AsyncConnection, case_id: int, cycle_plan: tuple[Plan, int] | None) -> None:
    """The downgrade that waits, as plan and version of the catalogue; None drops it (C3)."""
    plan, catalogue = cycle_plan or (None, None)
    values = {"scheduled_tier": None if plan is None else plan.tier, "scheduled_catalogue": catalogue}
    await connection.execute(update(cases).where(cases.c.case_id == case_id).values(values))


async def store_moment(connection: AsyncConnection, case_id: int, now: datetime) -> None:
    """That something happened to the case now, where nothing else of its reservoir tells: what comes next is later."""
    moment = func.greatest(reservoirs.c.changed_at, now)
    await connection.execute(update(reservoirs).where(reservoirs.c.case_id == case_id).values(changed_at=moment))


async def store_credit(connection: AsyncConnection, case_id: int, credit: Decimal) -> None:
    """CAD carried to a later invoice (C6)."""
    await connection.execute(update(cases).where(cases.c.case_id == case_id).values(credit_left=credit))


async def store_event(
    connection: AsyncConnection,
    case_id: int,
    kind: PlanEvent,
    *,
    cycle: Cycle,
    plan: Plan,
    before: Plan | None,
    charge: Decimal,
    credit: Decimal,
    caller_id: int,
    occurred_at: datetime,
) -> int:
    """One more event of the timeline, under the case's lock. cycle: the one open after it. Returns its number."""
    latest = select(func.coalesce(func.max(plan_changes.c.number), 0) + 1).where(plan_changes.c.case_id == case_id)
    told = await connection.execute(
        insert(plan_changes)
        .values(
            case_id=case_id,
            number=latest.scalar_subquery(),
            kind=kind,
            occurred_at=occurred_at,
            tier=plan.tier,
            from_tier=None if before is None else before.tier,
            cycle_number=cycle.number,
            charge=charge,
            credit=credit,
            caller_id=caller_id,
        )
        .returning(plan_changes.c.number)
    )
    return int(told.scalar_one())


@cache
def _timeline(*, on: bool) -> Select[Any]:
    query = (
        select(plan_changes, callers.c.name.label("actor"))
        .join_from(plan_changes, callers)
        .where(plan_changes.c.case_id == bindparam("of_case"))
        .order_by(plan_changes.c.number.desc())
        .limit(bindparam("most"))
    )
    return query.where(plan_changes.c.number < bindparam("after")) if on else query


async def page_of_timeline(connection: Reader, case_id: int, *, after: int | None, limit: int) -> list[TimelineEvent]:
    """Newest first, before the number given."""
    asked = {"of_case": case_id, "most": limit}
    if after is not None:
        asked["after"] = after
    rows = await connection.execute(_timeline(on=after is not None), asked)
    return [
        TimelineEvent(
            row.number, row.kind, row.occurred_at, row.tier, row.from_tier, row.cycle_number, row.charge, row.credit,
            row.actor,
        )
        for row in rows
    ]  # fmt: skip


_COUNT = select(func.coalesce(func.max(plan_changes.c.number), 0)).where(plan_changes.c.case_id == bindparam("of_case"))


async def count_timeline(connection: Reader, case_id: int) -> int:
    """Events are numbered without gaps."""
    return int((await connection.execute(_COUNT, {"of_case": case_id})).scalar_one())

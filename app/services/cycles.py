"""The end of a cycle: a downgrade that waited takes effect, and the case is renewed (C1, C3, C6, L5-L7)."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.announcements import Announcement
from app.domain.cases import Case, PaymentMethod
from app.domain.cycles import due_day, eastern_date
from app.domain.ledger import EntryKind
from app.domain.money import cad
from app.domain.plan_changes import NOTHING, renewal_bill
from app.domain.plans import Plan
from app.domain.reservoirs import done_from
from app.domain.subscriptions import PlanEvent
from app.services.invoicing import bill_case
from app.storage import subscriptions as stored
from app.storage.cycles import store_cycle
from app.storage.due import note_outages
from app.storage.keys import find_scheduler
from app.storage.outbox import announce
from app.storage.reservoirs import change_balance, end_unlimited


async def end_cycle(connection: AsyncConnection, case: Case, now: datetime) -> None:
    """Ends the open cycle of a locked case, which has come to its end, and opens the next one there.

    now: when it is done, which entries are dated by; the cycles themselves meet at the planned end, however late.
    """
    case_id = case.terms.case_id
    subscription = await stored.find_subscription(connection, case_id)
    assert subscription is not None
    scheduler = await find_scheduler(connection)
    before, scheduled, ended_at = subscription.plan, subscription.scheduled, subscription.cycle.ends_at
    plan, catalogue = before, subscription.cycle.catalogue
    if scheduled is not None:
        plan, catalogue = scheduled.plan, scheduled.catalogue
    done = _done(case, before, plan, ended_at)
    await _note_missed(connection, case, done, eastern_date(now) - timedelta(days=1) if done else due_day(ended_at))
    if scheduled is not None:
        await _clamp(connection, case, plan, caller_id=scheduler, now=now)
        await stored.store_scheduled(connection, case_id, None)
    cycle = subscription.cycle.following(plan.tier, catalogue)
    bill = renewal_bill(case, subscription, cycle, now)
    credit_left = cad(bill.credit_left).amount
    if credit_left != subscription.credit:
        await stored.store_credit(connection, case_id, credit_left)
    await store_cycle(connection, case_id, cycle)
    await stored.store_plan(connection, case_id, plan, cycle, refilled_on=done, now=now)
    await stored.store_event(
        connection,
        case_id,
        PlanEvent.RENEWED if scheduled is None else PlanEvent.DOWNGRADED,
        cycle=cycle,
        plan=plan,
        before=None if scheduled is None else before,
        charge=cad(bill.total).amount if subscription.payment_method is PaymentMethod.CARD else NOTHING,
        credit=NOTHING,
        caller_id=scheduler,
        occurred_at=ended_at,
    )
    await bill_case(connection, case_id, subscription.payment_method, bill.lines, at=now)
    if scheduled is not None:
        await announce(connection, Announcement.PLAN_CHANGED, case_id)


async def _note_missed(connection: AsyncConnection, case: Case, done: date | None, last: date) -> None:
    """Dates that were not refilled and are over (L4); the refill that follows would find them too late.

    Before an invoice takes its number: another case of the organization may wait for both, in this order alone. done:
    up to where the next plan is refilled, which may be the first that is.
    """
    first = case.refilled_on or done
    if first is not None and case.clock is None and first < last:
        await note_outages(connection, first, last)


async def _clamp(connection: AsyncConnection, case: Case, plan: Plan, *, caller_id: int, now: datetime) -> None:
    """What a downgrade does to the balance, in the cycle that it ends (L6, L7)."""
    case_id, tank = case.terms.case_id, case.reservoir
    wanted = tank.balance_after_downgrade(plan.cap)
    assert wanted is not None, "nothing is above an unlimited plan"
    if tank.balance is not None:
        clamp = wanted - tank.balance
        await change_balance(connection, case_id, EntryKind.DOWNGRADE_CLAMP, clamp, caller_id=caller_id, now=now)
    elif plan.cap is not None:
        await end_unlimited(
            connection,
            case_id,
            EntryKind.DOWNGRADE_CLAMP,
            balance=wanted,
            cap=plan.cap,
            caller_id=caller_id,
            now=now,
        )


def _done(case: Case, before: Plan, plan: Plan, ended_at: datetime) -> date | None:
    """A plan that is refilled as the one before it goes on with the dates that are due; else they begin here (L4)."""
    return case.refilled_on if before.refills and plan.refills else done_from(plan, ended_at)

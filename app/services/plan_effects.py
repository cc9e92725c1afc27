"""What changes of plan share: how one takes effect, and how the timeline tells it (C1-C3, L5, L7)."""

from collections.abc import Callable

from app.domain.announcements import Announcement
from app.domain.cases import PaymentMethod
from app.domain.cycles import Cycle
from app.domain.ledger import EntryKind
from app.domain.payments import PaymentDue
from app.domain.plan_changes import (
    ChangeKind,
    PlanChange,
    opened_cycle,
    plan_change,
)
from app.domain.plans import PlanTier
from app.domain.refusals import NOT_AS_AGREED, PlanChangeRefused
from app.domain.reservoirs import done_from
from app.domain.subscriptions import PlanEvent, Subscription
from app.services.changes import Change, bill_change
from app.storage import subscriptions as stored
from app.storage.cycles import store_cycle
from app.storage.outbox import announce
from app.storage.reservoirs import change_balance
from app.storage.tasks import hold_provisional

Agreed = Callable[[PlanChange, Subscription | None], bool]
"""Whether a change, as it turns out under the lock, is the one that a person was shown and has agreed to."""


def whatever(*_: object) -> bool:
    """Of whoever asks for a change, or a purchase, without having been shown one."""
    return True


_FILLS = {
    ChangeKind.ACTIVATION: (EntryKind.ACTIVATION_FILL, PlanEvent.ACTIVATED),
    ChangeKind.REACTIVATION: (EntryKind.REACTIVATION_FILL, PlanEvent.REACTIVATED),
    ChangeKind.UPGRADE: (EntryKind.UPGRADE_FILL, PlanEvent.UPGRADED),
}


async def begin(
    change: Change, tier: PlanTier, payment_method: PaymentMethod, agreed: Agreed
) -> PlanChangeRefused | PaymentDue | None:
    """Activation and reactivation."""
    subscription = await stored.find_subscription(change.connection, change.case_id)
    planned = plan_change(change.case, subscription, tier, change.now, payment_method)
    if change.payment is None and not agreed(planned, subscription):
        return NOT_AS_AGREED
    if due := change.owes(planned.bill.total if planned.by_card else 0):
        return due
    await stored.store_payment(change.connection, change.case_id, payment_method, change.now)
    await take_effect(change, subscription, planned)
    return None


async def take_effect(change: Change, before: Subscription | None, planned: PlanChange) -> None:
    """Opens a cycle on the new plan and fills the tank, or makes it unlimited (L5, L7)."""
    kind, event = _FILLS[planned.kind]
    plan, now, connection, case_id = planned.plan, change.now, change.connection, change.case_id
    cycle = opened_cycle(before, plan, now)
    await store_cycle(connection, case_id, cycle)
    await stored.store_plan(connection, case_id, plan, cycle, refilled_on=done_from(plan, now), now=now)
    await stored.store_credit(connection, case_id, planned.credit_left)
    caller = change.viewer.caller_id
    if plan.cap is None:
        await hold_provisional(connection, case_id, caller_id=caller, now=now)
    else:
        tokens = change.case.reservoir.fill_tokens(plan.cap)
        await change_balance(connection, case_id, kind, tokens, caller_id=caller, now=now)
    await tell(change, event, before, planned, cycle)


async def tell(
    change: Change, kind: PlanEvent, before: Subscription | None, planned: PlanChange, cycle: Cycle | None = None
) -> None:
    """Writes the event into the timeline, bills and announces it. cycle: the one that the event has opened, if any."""
    opened = cycle or (None if before is None else before.cycle)
    assert opened is not None, "a plan begins with a cycle"
    number = await stored.store_event(
        change.connection,
        change.case_id,
        kind,
        cycle=opened,
        plan=planned.plan,
        before=None if before is None or not change.case.terms.active else before.plan,
        charge=planned.charge,
        credit=planned.credit,
        caller_id=change.viewer.caller_id,
        occurred_at=change.now,
    )
    payment = PaymentMethod.CARD if planned.by_card else PaymentMethod.MONTHLY_INVOICE
    await bill_change(change, payment, planned.bill.lines, own=number)
    await announce(change.connection, Announcement.PLAN_CHANGED, change.case_id)

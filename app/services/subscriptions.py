"""The life of a plan: activated, upgraded, downgraded, deactivated, reactivated (C1-C3, L5-L7)."""

from collections.abc import Callable
from uuid import UUID

from app.domain import idempotency
from app.domain.activation import judge_activation, judge_reactivation
from app.domain.announcements import Announcement
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod, Terms
from app.domain.cycles import Cycle
from app.domain.ledger import EntryKind
from app.domain.plan_changes import (
    ChangeKind,
    PlanChange,
    deactivation,
    judge_change,
    may_change,
    may_preview,
    plan_change,
)
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.refusals import CaseNotActive, Forbidden, NotFound, PlanChangeRefused, PlanRefusal, Refusal
from app.domain.reservoirs import done_from
from app.domain.subscriptions import ChangeOrigin, PlanEvent, Subscription, TimelineEvent
from app.services.changes import Change, change_case
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import subscriptions as stored
from app.storage.cases import find_case
from app.storage.cycles import cut_cycle, store_cycle
from app.storage.outbox import announce
from app.storage.reservoirs import change_balance, clear_reservoir, end_unlimited
from app.storage.tasks import cancel_tasks, hold_provisional

Agreed = Callable[[PlanChange, Subscription | None], bool]
"""Whether a change, as it turns out under the lock, is the one that a person was shown and has agreed to."""


def whatever(_: PlanChange, __: Subscription | None) -> bool:
    """Of whoever asks for a change without having been shown one."""
    return True


_NOT_AS_AGREED = PlanChangeRefused(PlanRefusal.NOT_AS_AGREED)
_FILLS = {
    ChangeKind.ACTIVATION: (EntryKind.ACTIVATION_FILL, PlanEvent.ACTIVATED),
    ChangeKind.REACTIVATION: (EntryKind.REACTIVATION_FILL, PlanEvent.REACTIVATED),
    ChangeKind.UPGRADE: (EntryKind.UPGRADE_FILL, PlanEvent.UPGRADED),
}


async def activate_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    payment_method: PaymentMethod,
    agreed: Agreed = whatever,
) -> Case | Refusal:
    """Puts a new case on a plan: the first cycle begins and the tank is filled to the cap (L5, C1)."""

    async def effect(change: Change) -> Refusal | None:
        refusal = judge_activation(change.case, payment_method, viewer, ports.environment)
        return refusal or await _begin(change, tier, payment_method, agreed)

    request = idempotency.request(viewer.caller_id, "activateCase", key, (tier, payment_method))
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def reactivate_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    payment_method: PaymentMethod,
    agreed: Agreed = whatever,
) -> Case | Refusal:
    """Puts a deactivated case on a plan again: a new cycle, charged in full, fills (C3, L5)."""

    async def effect(change: Change) -> Refusal | None:
        refusal = judge_reactivation(change.case, payment_method, viewer, ports.environment)
        return refusal or await _begin(change, tier, payment_method, agreed)

    request = idempotency.request(viewer.caller_id, "reactivateCase", key, (tier, payment_method))
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def upgrade_plan(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    origin: ChangeOrigin,
    agreed: Agreed = whatever,
) -> Case | Refusal:
    """At once: a new cycle charged in full, the old one's unused days as a credit, the tank filled (C2, L5)."""

    def right(asking: Viewer, terms: Terms) -> bool:
        return may_change(asking, origin, prompts_upgrade=terms.auto_upgrade_allowed)

    async def effect(change: Change) -> Refusal | None:
        if not right(viewer, change.case.terms):
            return Forbidden()
        subscription = await stored.find_subscription(change.connection, change.case_id)
        refusal = judge_change(change.case, subscription, tier, upwards=True)
        if refusal is not None:
            return refusal
        assert subscription is not None
        planned = plan_change(change.case, subscription, tier, change.now)
        if not agreed(planned, subscription):
            return _NOT_AS_AGREED
        await cut_cycle(change.connection, change.case_id, subscription.cycle, change.now)
        await stored.store_scheduled(change.connection, change.case_id, None)
        await _take_effect(change, subscription, planned)
        return None

    request = idempotency.request(viewer.caller_id, "upgradePlan", key, (tier, origin))
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, right=right)


async def schedule_downgrade(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    origin: ChangeOrigin,
    agreed: Agreed = whatever,
) -> Case | Refusal:
    """For the end of the open cycle, in place of any that waits already (C3). Prompts offer upgrades only (C9)."""

    def right(asking: Viewer, terms: Terms) -> bool:
        return asking.administers and may_change(asking, origin, prompts_upgrade=terms.auto_upgrade_allowed)

    async def effect(change: Change) -> Refusal | None:
        subscription = await stored.find_subscription(change.connection, change.case_id)
        refusal = judge_change(change.case, subscription, tier, upwards=False)
        if refusal is not None:
            return refusal
        assert subscription is not None
        planned = plan_change(change.case, subscription, tier, change.now)
        if not agreed(planned, subscription):
            return _NOT_AS_AGREED
        await stored.store_scheduled(change.connection, change.case_id, (planned.plan, CURRENT_CATALOGUE))
        await _tell(change, PlanEvent.DOWNGRADE_SCHEDULED, subscription, planned)
        return None

    request = idempotency.request(viewer.caller_id, "scheduleDowngrade", key, (tier, origin))
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, right=right)


async def cancel_scheduled_downgrade(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None
) -> Case | Refusal:
    """The plan goes on at the end of the cycle, as if nothing had been scheduled (C3)."""

    async def effect(change: Change) -> Refusal | None:
        subscription = await stored.find_subscription(change.connection, change.case_id)
        if subscription is None or not change.case.terms.active:
            return CaseNotActive()
        if subscription.scheduled is None:
            return PlanChangeRefused(PlanRefusal.NOTHING_SCHEDULED)
        await stored.store_scheduled(change.connection, change.case_id, None)
        dropped = plan_change(change.case, subscription, subscription.scheduled.tier, change.now)
        await _tell(change, PlanEvent.DOWNGRADE_CANCELLED, subscription, dropped)
        return None

    request = idempotency.request(viewer.caller_id, "cancelScheduledDowngrade", key, ())
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def deactivate_case(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, agreed: Agreed = whatever
) -> Case | Refusal:
    """At once: running tasks are cancelled and refunded, then all is cleared, in the cycle that ends (C3, L6)."""

    async def effect(change: Change) -> Refusal | None:
        subscription = await stored.find_subscription(change.connection, change.case_id)
        if subscription is None or not change.case.terms.active:
            return CaseNotActive()
        connection, case_id, caller = change.connection, change.case_id, viewer.caller_id
        ended = deactivation(change.case, subscription, change.now)
        if not agreed(ended, subscription):
            return _NOT_AS_AGREED
        await cancel_tasks(connection, case_id, caller_id=caller, now=change.now)
        if change.case.reservoir.balance is not None:
            await clear_reservoir(connection, case_id, caller_id=caller, now=change.now)
        else:
            await end_unlimited(
                connection,
                case_id,
                EntryKind.DEACTIVATION_CLEAR,
                balance=0,
                cap=0,
                purchased=-change.case.reservoir.purchased,
                caller_id=caller,
                now=change.now,
            )
        await cut_cycle(connection, case_id, subscription.cycle, change.now)
        await stored.store_inactive(connection, case_id, change.now)
        await stored.store_scheduled(connection, case_id, None)
        await stored.store_credit(connection, case_id, ended.credit_left)
        await _tell(change, PlanEvent.DEACTIVATED, subscription, ended)
        return None

    request = idempotency.request(viewer.caller_id, "deactivateCase", key, ())
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def _begin(
    change: Change, tier: PlanTier, payment_method: PaymentMethod, agreed: Agreed
) -> PlanChangeRefused | None:
    """Activation and reactivation."""
    subscription = await stored.find_subscription(change.connection, change.case_id)
    planned = plan_change(change.case, subscription, tier, change.now, payment_method)
    if not agreed(planned, subscription):
        return _NOT_AS_AGREED
    await stored.store_payment(change.connection, change.case_id, payment_method, change.now)
    await _take_effect(change, subscription, planned)
    return None


async def _take_effect(change: Change, before: Subscription | None, planned: PlanChange) -> None:
    """Opens a cycle on the new plan and fills the tank, or makes it unlimited (L5, L7)."""
    kind, event = _FILLS[planned.kind]
    plan, now, connection, case_id = planned.plan, change.now, change.connection, change.case_id
    number = 1 if before is None else before.cycle.number + 1
    cycle = Cycle.beginning(number, plan, CURRENT_CATALOGUE, now)
    await store_cycle(connection, case_id, cycle)
    await stored.store_plan(connection, case_id, plan, cycle, refilled_on=done_from(plan, now), now=now)
    await stored.store_credit(connection, case_id, planned.credit_left)
    caller = change.viewer.caller_id
    if plan.cap is None:
        await hold_provisional(connection, case_id, caller_id=caller, now=now)
    else:
        tokens = change.case.reservoir.fill_tokens(plan.cap)
        await change_balance(connection, case_id, kind, tokens, caller_id=caller, now=now)
    await _tell(change, event, before, planned, cycle)


async def _tell(
    change: Change, kind: PlanEvent, before: Subscription | None, planned: PlanChange, cycle: Cycle | None = None
) -> None:
    """Writes the event into the timeline, and announces it. cycle: the one that the event has opened, if any."""
    opened = cycle or (None if before is None else before.cycle)
    assert opened is not None, "a plan begins with a cycle"
    await stored.store_event(
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
    await announce(change.connection, Announcement.PLAN_CHANGED, change.case_id)


async def preview_plan_change(
    ports: Ports, viewer: Viewer, case_uuid: UUID | None, tier: PlanTier
) -> PlanChange | Refusal:
    """Exactly what the change would do now, without changing anything."""
    found = await _seen(ports, viewer, case_uuid)
    if found is None:
        return NotFound()
    case, subscription = found
    if not may_preview(viewer, case, tier):
        return Forbidden()
    return plan_change(case, subscription, tier, case.now(ports.clock()))


async def preview_deactivation(ports: Ports, viewer: Viewer, case_uuid: UUID | None) -> PlanChange | Refusal:
    """What a deactivation would take now, without changing anything."""
    found = await _seen(ports, viewer, case_uuid)
    if found is None:
        return NotFound()
    case, subscription = found
    if not viewer.administers:
        return Forbidden()
    if subscription is None or not case.terms.active:
        return CaseNotActive()
    return deactivation(case, subscription, case.now(ports.clock()))


async def _seen(ports: Ports, viewer: Viewer, case_uuid: UUID | None) -> tuple[Case, Subscription | None] | None:
    """A case and its subscription as they stood at one and the same moment; None: not for this viewer (A2)."""
    if case_uuid is None:
        return None
    async with ports.database.snapshot() as connection:
        case = await find_case(connection, case_uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        return case, await stored.find_subscription(connection, case.terms.case_id)


async def find_subscription(ports: Ports, case: Case) -> Subscription | None:
    """None: the case, which was found for the viewer, was never activated."""
    async with ports.database.reading() as connection:
        return await stored.find_subscription(connection, case.terms.case_id)


async def page_of_timeline(ports: Ports, case: Case, *, after: int | None, size: int) -> Page[TimelineEvent]:
    """What happened to the plan, newest first. The case was found for the viewer."""
    async with ports.database.reading() as connection:
        rows = await stored.page_of_timeline(connection, case.terms.case_id, after=after, limit=size + 1)
    return Page.of(rows, size)


async def count_timeline(ports: Ports, case: Case) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_timeline(connection, case.terms.case_id)

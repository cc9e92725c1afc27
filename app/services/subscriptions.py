"""The life of a plan: activated, upgraded, downgraded, deactivated, reactivated (C1-C3, L5-L7)."""

from uuid import UUID

from app.domain import idempotency
from app.domain.activation import judge_activation, judge_payment, judge_reactivation
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod, Terms
from app.domain.ledger import EntryKind
from app.domain.payments import Payment, PaymentDue, PaymentPurpose, Wanted
from app.domain.plan_changes import (
    deactivation,
    judge_change,
    may_change,
    plan_change,
)
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.refusals import NOT_AS_AGREED, CaseNotActive, Forbidden, PlanChangeRefused, PlanRefusal, Refusal
from app.domain.subscriptions import ChangeOrigin, PlanEvent, Subscription
from app.services.changes import Change, change_case
from app.services.payments import PayBy
from app.services.plan_effects import Agreed, begin, take_effect, tell, whatever
from app.services.ports import Ports
from app.storage import subscriptions as stored
from app.storage.cycles import cut_cycle
from app.storage.reservoirs import clear_reservoir, end_unlimited
from app.storage.tasks import cancel_tasks


async def activate_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    payment_method: PaymentMethod,
    agreed: Agreed = whatever,
    paying: Payment | PayBy = PayBy.SAVED_CARD,
) -> Case | Refusal:
    """Puts a new case on a plan: the first cycle begins and the tank is filled to the cap (L5, C1)."""

    async def effect(change: Change) -> Refusal | PaymentDue | None:
        refusal = judge_activation(change.case, payment_method, viewer, ports.environment)
        return refusal or await begin(change, tier, payment_method, agreed)

    request = idempotency.request(viewer.caller_id, "activateCase", key, (tier, payment_method))
    wanted = Wanted(PaymentPurpose.PLAN, tier, payment_method)
    return await change_case(
        ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, wanted=wanted, paying=paying
    )


async def reactivate_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    payment_method: PaymentMethod,
    agreed: Agreed = whatever,
    paying: Payment | PayBy = PayBy.SAVED_CARD,
) -> Case | Refusal:
    """Puts a deactivated case on a plan again: a new cycle, charged in full, fills (C3, L5)."""

    async def effect(change: Change) -> Refusal | PaymentDue | None:
        refusal = judge_reactivation(change.case, payment_method, viewer, ports.environment)
        return refusal or await begin(change, tier, payment_method, agreed)

    request = idempotency.request(viewer.caller_id, "reactivateCase", key, (tier, payment_method))
    wanted = Wanted(PaymentPurpose.PLAN, tier, payment_method)
    return await change_case(
        ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, wanted=wanted, paying=paying
    )


async def upgrade_plan(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tier: PlanTier,
    origin: ChangeOrigin,
    by_card: bool = False,
    agreed: Agreed = whatever,
    paying: Payment | PayBy = PayBy.SAVED_CARD,
) -> Case | Refusal:
    """At once: a new cycle charged in full, the old one's unused days as a credit, the tank filled (C2, L5).

    by_card: from now on, where the case was invoiced by the month until now (C7).
    """

    def right(asking: Viewer, terms: Terms) -> bool:
        return may_change(asking, origin, prompts_upgrade=terms.auto_upgrade_allowed)

    async def effect(change: Change) -> Refusal | PaymentDue | None:
        if not right(viewer, change.case.terms):
            return Forbidden()
        subscription = await stored.find_subscription(change.connection, change.case_id)
        refusal = judge_change(change.case, subscription, tier, upwards=True)
        if refusal is not None:
            return refusal
        assert subscription is not None
        method = PaymentMethod.CARD if by_card or change.payment is not None else subscription.payment_method
        if uncontracted := judge_payment(change.case, method, viewer, ports.environment):
            return uncontracted
        planned = plan_change(change.case, subscription, tier, change.now, method)
        if change.payment is None and not agreed(planned, subscription):
            return NOT_AS_AGREED
        if due := change.owes(planned.bill.total if planned.by_card else 0):
            return due
        if method is not subscription.payment_method:
            await stored.store_payment(change.connection, change.case_id, method, change.now)
        await cut_cycle(change.connection, change.case_id, subscription.cycle, change.now)
        await stored.store_scheduled(change.connection, change.case_id, None)
        await take_effect(change, subscription, planned)
        return None

    parts = (tier, origin, PaymentMethod.CARD) if by_card else (tier, origin)
    request = idempotency.request(viewer.caller_id, "upgradePlan", key, parts)
    wanted = Wanted(PaymentPurpose.PLAN, tier, origin=origin)
    return await change_case(
        ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, right=right, wanted=wanted,
        paying=paying,
    )  # fmt: skip


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
            return NOT_AS_AGREED
        await stored.store_scheduled(change.connection, change.case_id, (planned.plan, CURRENT_CATALOGUE))
        await stored.store_moment(change.connection, change.case_id, change.now)
        await tell(change, PlanEvent.DOWNGRADE_SCHEDULED, subscription, planned)
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
        await stored.store_moment(change.connection, change.case_id, change.now)
        dropped = plan_change(change.case, subscription, subscription.scheduled.tier, change.now)
        await tell(change, PlanEvent.DOWNGRADE_CANCELLED, subscription, dropped)
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
            return NOT_AS_AGREED
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
        await tell(change, PlanEvent.DEACTIVATED, subscription, ended)
        return None

    request = idempotency.request(viewer.caller_id, "deactivateCase", key, ())
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def find_subscription(ports: Ports, case: Case) -> Subscription | None:
    """None: the case, which was found for the viewer, was never activated."""
    async with ports.database.reading() as connection:
        return await stored.find_subscription(connection, case.terms.case_id)

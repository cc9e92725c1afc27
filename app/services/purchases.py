"""Bought tokens (L3)."""

from collections.abc import Callable
from uuid import UUID

from app.domain import idempotency
from app.domain.announcements import Announcement
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.ledger import EntryKind
from app.domain.payments import Payment, PaymentDue, PaymentPurpose, Wanted
from app.domain.purchases import Purchase, check_purchase, judge_purchase, plan_purchase
from app.domain.refusals import NOT_AS_AGREED, Refusal
from app.services.changes import Change, bill_change, change_case
from app.services.payments import PayBy
from app.services.plan_effects import whatever
from app.services.ports import Ports
from app.storage.outbox import announce
from app.storage.reservoirs import change_balance
from app.storage.subscriptions import find_subscription


async def buy_tokens(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    tokens: int,
    agreed: Callable[[Purchase], bool] = whatever,
    paying: Payment | PayBy = PayBy.SAVED_CARD,
) -> Case | Refusal:
    """Adds tokens to the tank, above the cap if need be (L3).

    agreed: whether the price, as it turns out under the lock, is the one that a person was shown.
    """
    if flaw := check_purchase(tokens):
        return flaw

    async def effect(change: Change) -> Refusal | PaymentDue | None:
        refusal = judge_purchase(change.case, tokens)
        if refusal is not None:
            return refusal
        connection, now = change.connection, change.now
        subscription = await find_subscription(connection, change.case_id)
        assert subscription is not None, "only an active case buys"
        planned = plan_purchase(change.case, subscription, tokens, now)
        if change.payment is None and not agreed(planned):
            return NOT_AS_AGREED
        if due := change.owes(planned.charge):
            return due
        caller = viewer.caller_id
        await change_balance(
            connection, change.case_id, EntryKind.PURCHASE, tokens, purchased=tokens, caller_id=caller, now=now
        )
        await bill_change(change, subscription.payment_method, planned.lines)
        await announce(connection, Announcement.PLAN_CHANGED, change.case_id)
        return None

    request = idempotency.request(viewer.caller_id, "buyTokens", key, (tokens,))
    wanted = Wanted(PaymentPurpose.TOKENS, tokens=tokens)
    return await change_case(
        ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect, wanted=wanted, paying=paying
    )

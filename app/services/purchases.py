"""Bought tokens (L3)."""

from uuid import UUID

from app.domain import idempotency
from app.domain.announcements import Announcement
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.ledger import EntryKind
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.refusals import Refusal
from app.services.changes import Change, change_case
from app.services.ports import Ports
from app.storage.outbox import announce
from app.storage.reservoirs import change_balance


async def buy_tokens(ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, tokens: int) -> Case | Refusal:
    """Adds tokens to the tank, above the cap if need be (L3)."""
    if flaw := check_purchase(tokens):
        return flaw

    async def effect(change: Change) -> Refusal | None:
        refusal = judge_purchase(change.case, tokens)
        if refusal is not None:
            return refusal
        await change_balance(
            change.connection,
            change.case_id,
            EntryKind.PURCHASE,
            tokens,
            purchased=tokens,
            caller_id=viewer.caller_id,
            now=change.now,
        )
        await announce(change.connection, Announcement.PLAN_CHANGED, change.case_id)
        return None

    request = idempotency.request(viewer.caller_id, "buyTokens", key, (tokens,))
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)

"""Typed errors: each refusal of the domain as its member of the unions, worded for the one who asked (E1)."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.adapters.languages import Words
from app.adapters.sentences import SUPPORT, contract_request, sentence
from app.domain import refusals
from app.domain.plans import Feature, PlanTier
from gqlapi.scalars import BigInt


@strawberry.interface
class Error:
    code: str
    message: str


@strawberry.type
class InvalidInput(Error):
    field: str


@strawberry.type
class NotFound(Error):
    pass


@strawberry.type
class Forbidden(Error):
    pass


@strawberry.type
class IdempotencyConflict(Error):
    pass


@strawberry.type
class CaseNotActive(Error):
    pass


@strawberry.type
class TaskFinished(Error):
    pass


@strawberry.type
class PlanChangeRefused(Error):
    pass


@strawberry.type
class InvoicingNotContracted(Error):
    support_email: str
    mailto: str


@strawberry.type
class InsufficientTokens(Error):
    required: BigInt
    balance: BigInt
    missing: BigInt
    minimum_tier: PlanTier | None = strawberry.field(
        description="The cheapest tier above the current one that passes all gates right after an upgrade; null: none"
    )
    next_refill_at: datetime | None
    may_upgrade: bool = strawberry.field(description="Whether this viewer may upgrade from the prompt")
    overage_ceiling: BigInt | None = strawberry.field(
        description="Overage tokens that the case allows in a cycle, which the task would pass; null: overage is off"
    )
    overage_left: BigInt = strawberry.field(description="What the ceiling still leaves; 0 with overage off")


@strawberry.type
class BulkLimitExceeded(Error):
    limit: BigInt
    minimum_tier: PlanTier
    may_upgrade: bool


@strawberry.type
class FeatureNotInPlan(Error):
    feature: Feature
    minimum_tier: PlanTier
    may_upgrade: bool


_PLAIN: dict[type, tuple[type[Error], str]] = {
    refusals.NotFound: (NotFound, "NOT_FOUND"),
    refusals.Forbidden: (Forbidden, "FORBIDDEN"),
    refusals.IdempotencyConflict: (IdempotencyConflict, "IDEMPOTENCY_CONFLICT"),
    refusals.CaseNotActive: (CaseNotActive, "CASE_NOT_ACTIVE"),
    refusals.TaskFinished: (TaskFinished, "TASK_FINISHED"),
    refusals.PlanChangeRefused: (PlanChangeRefused, "PLAN_CHANGE_REFUSED"),
}


def error(refusal: refusals.Refusal, words: Words) -> Error:
    """The union member for a refusal."""
    message = sentence(refusal, words)
    match refusal:
        case refusals.InvalidInput():
            return InvalidInput(code="INVALID_INPUT", message=message, field=refusal.field)
        case refusals.InvoicingNotContracted():
            return InvoicingNotContracted(
                code="INVOICING_NOT_CONTRACTED",
                message=message,
                support_email=SUPPORT,
                mailto=contract_request(refusal, words),
            )
        case refusals.InsufficientTokens():
            return InsufficientTokens(
                code="INSUFFICIENT_TOKENS",
                message=message,
                required=refusal.required,
                balance=refusal.balance,
                missing=refusal.missing,
                minimum_tier=refusal.minimum_tier,
                next_refill_at=refusal.next_refill_at,
                may_upgrade=refusal.may_upgrade,
                overage_ceiling=refusal.overage_ceiling,
                overage_left=refusal.overage_left,
            )
        case refusals.BulkLimitExceeded():
            return BulkLimitExceeded(
                code="BULK_LIMIT_EXCEEDED",
                message=message,
                limit=refusal.limit,
                minimum_tier=refusal.minimum_tier,
                may_upgrade=refusal.may_upgrade,
            )
        case refusals.FeatureNotInPlan():
            return FeatureNotInPlan(
                code="FEATURE_NOT_IN_PLAN",
                message=message,
                feature=refusal.feature,
                minimum_tier=refusal.minimum_tier,
                may_upgrade=refusal.may_upgrade,
            )
        case _:
            member, code = _PLAIN[type(refusal)]
            return member(code=code, message=message)

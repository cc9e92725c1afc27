"""What the services answer, in the words of the model."""

from app.domain import cases, quotes
from app.domain.plan_changes import PlanChange
from app.domain.refusals import BulkLimitExceeded, FeatureNotInPlan, InsufficientTokens, InvalidInput
from app.domain.tasks import Task
from tests.model.model_results import Preview, Quote, Refusal, Result, Success


def answer(case: str, result: object) -> Result:
    """`case`: the one that was asked about."""
    match result:
        case cases.Case():
            return Success(case)
        case Task():
            return Success(case, result.number)
        case quotes.Quote():
            blocked = None if result.blocked_by is None else refusal(result.blocked_by)
            return Quote(result.tokens, result.overage, blocked)
        case PlanChange():
            return preview(result)
    return refusal(result)


def preview(change: PlanChange) -> Preview:
    return Preview(
        allowed=change.allowed,
        effective_at=change.effective_at,
        charge_now=change.charge,
        credit=change.credit,
        balance_before=change.balance_before,
        balance_after=change.balance_after,
        tokens_lost=change.tokens_lost,
        unlocks=tuple(change.unlocks),
        loses=tuple(change.loses),
    )


def refusal(result: object) -> Refusal:
    match result:
        case InvalidInput():
            return Refusal("INVALID_INPUT", field=result.field)
        case InsufficientTokens():
            return Refusal(
                "INSUFFICIENT_TOKENS",
                required=result.required,
                balance=result.balance,
                missing=result.missing,
                minimum_tier=result.minimum_tier,
                next_refill_at=result.next_refill_at,
                may_upgrade=result.may_upgrade,
                overage_ceiling=result.overage_ceiling,
                overage_left=result.overage_left,
            )
        case BulkLimitExceeded():
            return Refusal(
                "BULK_LIMIT_EXCEEDED",
                limit=result.limit,
                minimum_tier=result.minimum_tier,
                may_upgrade=result.may_upgrade,
            )
        case FeatureNotInPlan():
            return Refusal(
                "FEATURE_NOT_IN_PLAN",
                feature=result.feature,
                minimum_tier=result.minimum_tier,
                may_upgrade=result.may_upgrade,
            )
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in type(result).__name__)
    return Refusal(words.strip("_").upper())

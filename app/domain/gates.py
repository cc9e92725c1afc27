"""The gates a task must pass before it runs (T1), in their order: case active, feature in plan, bulk limit, tokens."""

from datetime import datetime

from app.domain import plans
from app.domain.cases import Terms
from app.domain.plans import Plan, PlanTier
from app.domain.rates import TaskScope
from app.domain.refusals import BulkLimitExceeded, CaseNotActive, FeatureNotInPlan, InsufficientTokens
from app.domain.reservoirs import Reservoir
from app.domain.tasks import MOST_TOKENS, TaskRequest


def judge_terms(
    terms: Terms, request: TaskRequest, reservoir: Reservoir
) -> CaseNotActive | FeatureNotInPlan | BulkLimitExceeded | None:
    """The gates that status and plan decide; None: only the tokens are left to judge."""
    plan = terms.plan
    if plan is None:
        return CaseNotActive()
    if not _has_feature(plan, request):
        assert request.feature is not None
        return FeatureNotInPlan(request.feature, _certain_tier(terms, request, reservoir), terms.auto_upgrade_allowed)
    if not _within_limit(plan, request):
        assert plan.bulk_task_limit is not None
        return BulkLimitExceeded(
            plan.bulk_task_limit, _certain_tier(terms, request, reservoir), terms.auto_upgrade_allowed
        )
    return None


def overage_needed(request: TaskRequest, reservoir: Reservoir) -> int:
    """Tokens of the worst case that the balance does not cover (T5); 0 when unlimited."""
    return 0 if reservoir.balance is None else max(0, request.tokens - reservoir.balance)


def overflows(request: TaskRequest, reservoir: Reservoir) -> bool:
    """Whether the tank would hold more tokens than can be counted; `create_task` looks again under the lock."""
    return reservoir.held + request.tokens > MOST_TOKENS


def judge_tokens(
    terms: Terms, request: TaskRequest, reservoir: Reservoir, next_refill_at: datetime | None
) -> InsufficientTokens | None:
    """The last gate: with overage off the worst case must fit the balance (T5)."""
    if terms.overage_enabled or reservoir.balance is None or not overage_needed(request, reservoir):
        return None
    return InsufficientTokens(
        required=request.tokens,
        balance=reservoir.balance,
        minimum_tier=minimum_tier(terms, request, reservoir),
        next_refill_at=next_refill_at,
        may_upgrade=terms.auto_upgrade_allowed,
    )


def minimum_tier(terms: Terms, request: TaskRequest, reservoir: Reservoir) -> PlanTier | None:
    """The cheapest tier above the case's that passes every gate right after an upgrade to it (T1). None: none does."""
    assert terms.tier is not None
    for tier in terms.tier.above():
        plan = plans.plan(tier)
        if _has_feature(plan, request) and _within_limit(plan, request) and _would_fit(plan, terms, request, reservoir):
            return tier
    return None


def _certain_tier(terms: Terms, request: TaskRequest, reservoir: Reservoir) -> PlanTier:
    """Where a feature or the limit blocks, Enterprise always clears it, so that there is a tier."""
    tier = minimum_tier(terms, request, reservoir)
    assert tier is not None
    return tier


def _has_feature(plan: Plan, request: TaskRequest) -> bool:
    return request.feature is None or request.feature in plan.features


def _within_limit(plan: Plan, request: TaskRequest) -> bool:
    return (
        request.scope is not TaskScope.BULK or plan.bulk_task_limit is None or request.documents <= plan.bulk_task_limit
    )


def _would_fit(plan: Plan, terms: Terms, request: TaskRequest, reservoir: Reservoir) -> bool:
    """With overage off the worst case must fit what is free after the upgrade's fill (L5, T5)."""
    free = reservoir.balance_after_fill(plan.cap)
    return terms.overage_enabled or free is None or free >= request.tokens

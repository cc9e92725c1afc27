"""The gates a task must pass before it runs (T1), in their order: case active, feature in plan, bulk limit, tokens."""

from datetime import datetime

from app.domain import plans
from app.domain.cases import Terms
from app.domain.overage import NO_OVERAGE, OverageUse, overage_left
from app.domain.plans import Plan, PlanTier
from app.domain.rates import TaskScope
from app.domain.refusals import BulkLimitExceeded, CaseNotActive, FeatureNotInPlan, InsufficientTokens
from app.domain.reservoirs import Reservoir
from app.domain.tasks import MOST_TOKENS, TaskRequest


def judge_terms(
    terms: Terms, request: TaskRequest, reservoir: Reservoir, use: OverageUse = NO_OVERAGE
) -> CaseNotActive | FeatureNotInPlan | BulkLimitExceeded | None:
    """The gates that status and plan decide; None: only the tokens are left to judge.

    use: counts where there is a ceiling on overage, here for the tier that passes every gate.
    """
    plan = terms.plan
    if plan is None:
        return CaseNotActive()
    if not _has_feature(plan, request):
        assert request.feature is not None
        tier = _certain_tier(terms, request, reservoir, use)
        return FeatureNotInPlan(request.feature, tier, terms.auto_upgrade_allowed)
    if not _within_limit(plan, request):
        assert plan.bulk_task_limit is not None
        tier = _certain_tier(terms, request, reservoir, use)
        return BulkLimitExceeded(plan.bulk_task_limit, tier, terms.auto_upgrade_allowed)
    return None


def overage_needed(request: TaskRequest, reservoir: Reservoir) -> int:
    """Tokens of the worst case that the balance does not cover (T5); 0 when unlimited."""
    return 0 if reservoir.balance is None else max(0, request.tokens - reservoir.balance)


def overflows(request: TaskRequest, reservoir: Reservoir) -> bool:
    """Whether the tank would hold more tokens than can be counted; `create_task` looks again under the lock."""
    return reservoir.held + request.tokens > MOST_TOKENS


def judge_tokens(
    terms: Terms,
    request: TaskRequest,
    reservoir: Reservoir,
    next_refill_at: datetime | None,
    use: OverageUse = NO_OVERAGE,
) -> InsufficientTokens | None:
    """The last gate: what the balance lacks must be allowed as overage, which with overage off is nothing (T5)."""
    left = overage_left(terms, use)
    if reservoir.balance is None or left is None or overage_needed(request, reservoir) <= left:
        return None
    return InsufficientTokens(
        required=request.tokens,
        balance=reservoir.balance,
        minimum_tier=minimum_tier(terms, request, reservoir, use),
        next_refill_at=next_refill_at,
        may_upgrade=terms.auto_upgrade_allowed,
        overage_ceiling=terms.overage_ceiling if terms.overage_enabled else None,
        overage_left=left,
    )


def minimum_tier(
    terms: Terms, request: TaskRequest, reservoir: Reservoir, use: OverageUse = NO_OVERAGE
) -> PlanTier | None:
    """The cheapest tier above the case's that passes every gate right after an upgrade to it (T1). None: none does."""
    assert terms.tier is not None
    left = overage_left(terms, use.in_a_new_cycle())
    for tier in terms.tier.above():
        plan = plans.plan(tier)
        if _has_feature(plan, request) and _within_limit(plan, request) and _would_fit(plan, request, reservoir, left):
            return tier
    return None


def _certain_tier(terms: Terms, request: TaskRequest, reservoir: Reservoir, use: OverageUse) -> PlanTier:
    """Where a feature or the limit blocks, Enterprise always clears it, so that there is a tier."""
    tier = minimum_tier(terms, request, reservoir, use)
    assert tier is not None
    return tier


def _has_feature(plan: Plan, request: TaskRequest) -> bool:
    return request.feature is None or request.feature in plan.features


def _within_limit(plan: Plan, request: TaskRequest) -> bool:
    return (
        request.scope is not TaskScope.BULK or plan.bulk_task_limit is None or request.documents <= plan.bulk_task_limit
    )


def _would_fit(plan: Plan, request: TaskRequest, reservoir: Reservoir, overage: int | None) -> bool:
    """What is free after the upgrade's fill, and the overage that is then left, must cover the worst case (L5, T5)."""
    free = reservoir.balance_after_fill(plan.cap)
    return free is None or overage is None or request.tokens <= free + overage

"""The gates of a task, in their order, and the tier that would let it pass (T1, T5)."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cases import CaseStatus, Terms
from app.domain.gates import judge_terms, judge_tokens, minimum_tier, overage_needed
from app.domain.plans import CURRENT_CATALOGUE, Feature, PlanTier, plan
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import BulkLimitExceeded, CaseNotActive, FeatureNotInPlan, GateRefusal, InsufficientTokens
from app.domain.reservoirs import Reservoir
from app.domain.tasks import TaskRequest

NINE = datetime(2026, 3, 4, 14, tzinfo=UTC)
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier


def terms(tier: PlanTier, *, overage: bool = False, auto_upgrade: bool = True) -> Terms:
    return Terms(
        case_id=1,
        uuid=UUID(int=1),
        organization_id=1,
        version=1,
        status=CaseStatus.ACTIVE,
        tier=tier,
        catalogue=CURRENT_CATALOGUE,
        overage_enabled=overage,
        auto_upgrade_allowed=auto_upgrade,
    )


def tank(tier: PlanTier, balance: int | None = None, held: int = 0, purchased: int = 0) -> Reservoir:
    """A tank of a plan; full where nothing else is said."""
    cap = plan(tier).cap
    return Reservoir(cap if balance is None else balance, held, purchased, cap)


def bulk(documents: int, mode: ScanMode = ScanMode.TEXT) -> TaskRequest:
    return TaskRequest(TaskKind.SCAN, TaskScope.BULK, mode, documents)


def multi_code(documents: int, fields: int = 1, scope: TaskScope = TaskScope.BULK) -> TaskRequest:
    return TaskRequest(TaskKind.MULTI_CODE, scope, ScanMode.TEXT, documents, fields)


def judged(case: Terms, request: TaskRequest, reservoir: Reservoir) -> GateRefusal | None:
    """All gates together."""
    return judge_terms(case, request, reservoir) or judge_tokens(case, request, reservoir, NINE)


def test_gates_refuse_in_their_order() -> None:
    """T1: active, feature, limit, tokens; each stands in the way only when those before it are open."""
    request, empty = multi_code(10_001, 8), Reservoir(0, 0, 0, 1_000)
    starter = terms(STARTER)
    inactive = replace(starter, status=CaseStatus.DEACTIVATED)
    assert judged(inactive, request, empty) == CaseNotActive()
    assert judged(starter, request, empty) == FeatureNotInPlan(Feature.MULTI_CODE, ENTERPRISE, True)
    assert judged(terms(PRO), request, empty) == BulkLimitExceeded(10_000, ENTERPRISE, True)
    assert judged(terms(BUSINESS), request, empty) == InsufficientTokens(80_008, 0, ENTERPRISE, NINE, True)
    assert judged(terms(ENTERPRISE), request, Reservoir(None, 0, 0, None)) is None


@pytest.mark.parametrize("status", [CaseStatus.NOT_ACTIVATED, CaseStatus.DEACTIVATED])
def test_a_case_that_is_not_active_runs_nothing_not_even_a_free_scan(status: CaseStatus) -> None:
    inactive = replace(terms(PRO), status=status)
    single = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)
    assert judge_terms(inactive, single, tank(PRO)) == CaseNotActive()


@pytest.mark.parametrize("scope", TaskScope)
def test_multi_code_is_refused_on_starter_only(scope: TaskScope) -> None:
    """P3."""
    request = multi_code(1, scope=scope)
    assert judge_terms(terms(STARTER), request, tank(STARTER)) == FeatureNotInPlan(Feature.MULTI_CODE, PRO, True)
    for tier in (PRO, BUSINESS, ENTERPRISE):
        assert judge_terms(terms(tier), request, tank(tier)) is None


@pytest.mark.parametrize("mode", ScanMode)
def test_visual_scans_are_gated_by_no_tier(mode: ScanMode) -> None:
    """P3."""
    for scope in TaskScope:
        assert judged(terms(STARTER), TaskRequest(TaskKind.SCAN, scope, mode, 1), tank(STARTER)) is None


@pytest.mark.parametrize(("tier", "limit"), [(STARTER, 1_000), (PRO, 10_000), (BUSINESS, 100_000)])
@pytest.mark.parametrize("overage", [False, True])
def test_a_bulk_task_may_have_as_many_documents_as_the_plan_says(tier: PlanTier, limit: int, overage: bool) -> None:
    """T1: to the document, and overage does not lift the limit. (What the tank lacks is another gate.)"""
    case = terms(tier, overage=overage)
    assert judge_terms(case, bulk(limit), tank(tier)) is None
    refused = judge_terms(case, bulk(limit + 1), tank(tier))
    assert isinstance(refused, BulkLimitExceeded)
    assert refused.limit == limit


def test_the_bulk_limit_gates_bulk_only() -> None:
    """P3: that a single run is one document is judged before any gate."""
    many = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.TEXT, 1_001)
    assert judge_terms(terms(STARTER), many, tank(STARTER)) is None


def test_enterprise_has_no_bulk_limit() -> None:
    assert judged(terms(ENTERPRISE), bulk(10**12), Reservoir(None, 0, 0, None)) is None


@pytest.mark.parametrize(
    ("tier", "overage", "held", "purchased", "request_", "expected"),
    [
        # 1,001 documents: over Starter's limit; Pro allows 10,000 documents and holds 10,000 tokens.
        (STARTER, False, 0, 0, bulk(1_001), PRO),
        (STARTER, False, 0, 0, bulk(10_000), PRO),
        (STARTER, False, 0, 0, bulk(10_001), BUSINESS),
        (STARTER, False, 0, 0, bulk(50_000), BUSINESS),
        # Business allows 100,000 documents, but holds 50,000 tokens: only overage makes them run there.
        (STARTER, False, 0, 0, bulk(50_001), ENTERPRISE),
        (STARTER, True, 0, 0, bulk(50_001), BUSINESS),
        (STARTER, True, 0, 0, bulk(100_000), BUSINESS),
        (STARTER, True, 0, 0, bulk(100_001), ENTERPRISE),
        # 500 AUTO documents reserve 10,000.
        (STARTER, False, 0, 0, bulk(500, ScanMode.AUTO), PRO),
        (STARTER, False, 1, 0, bulk(500, ScanMode.AUTO), BUSINESS),
        (STARTER, False, 1, 1, bulk(500, ScanMode.AUTO), PRO),
        (STARTER, False, 0, 20, bulk(501, ScanMode.AUTO), PRO),
        (STARTER, False, 0, 19, bulk(501, ScanMode.AUTO), BUSINESS),
        (PRO, False, 6_000, 1_000, bulk(2_250, ScanMode.AUTO), BUSINESS),
        (PRO, False, 6_000, 1_000, bulk(2_251, ScanMode.AUTO), ENTERPRISE),
        (PRO, True, 6_000, 1_000, bulk(2_251, ScanMode.AUTO), BUSINESS),
        # Multi-Code with 8 fields reserves 8 a document; every tier above Starter has it.
        (STARTER, False, 0, 0, multi_code(1_250, 8), PRO),
        (STARTER, False, 0, 0, multi_code(1_251, 8), BUSINESS),
        (STARTER, True, 0, 0, multi_code(1_251, 8), PRO),
        (BUSINESS, False, 0, 0, bulk(1), ENTERPRISE),
        (ENTERPRISE, False, 0, 0, bulk(1), None),
    ],
)
def test_the_minimum_tier_is_the_cheapest_above_that_passes_every_gate_after_an_upgrade(
    tier: PlanTier, overage: bool, held: int, purchased: int, request_: TaskRequest, expected: PlanTier | None
) -> None:
    """T1: feature, bulk limit, and with overage off cap + purchased - held >= required."""
    assert minimum_tier(terms(tier, overage=overage), request_, tank(tier, 0, held, purchased)) is expected


@pytest.mark.parametrize(("balance", "blocked"), [(99, True), (100, False), (101, False)])
def test_with_overage_off_the_worst_case_must_fit_the_balance(balance: int, blocked: bool) -> None:
    """T5: 5 AUTO documents reserve 100; held tokens are not free to spend."""
    refused = judge_tokens(terms(PRO), bulk(5, ScanMode.AUTO), tank(PRO, balance, held=5_000), NINE)
    assert (refused is not None) == blocked
    if refused is not None:
        assert refused == InsufficientTokens(100, 99, BUSINESS, NINE, True)
        assert refused.missing == 1


def test_with_overage_on_tokens_block_nothing() -> None:
    assert judged(terms(PRO, overage=True), bulk(10_000, ScanMode.VIDEO), tank(PRO, 0)) is None


def test_a_free_task_runs_on_an_empty_tank() -> None:
    """T7."""
    single = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.VIDEO, 1)
    assert judged(terms(STARTER), single, tank(STARTER, 0)) is None


@pytest.mark.parametrize(("balance", "needed"), [(None, 0), (200, 0), (100, 0), (60, 40), (0, 100)])
def test_overage_is_what_the_balance_lacks(balance: int | None, needed: int) -> None:
    """T5; nothing is beyond an unlimited reservoir."""
    assert overage_needed(bulk(100), Reservoir(balance, 0, 0, None if balance is None else 10_000)) == needed


@pytest.mark.parametrize("allowed", [False, True])
def test_every_prompt_says_whether_it_may_upgrade(allowed: bool) -> None:
    """C9."""
    starter = terms(STARTER, auto_upgrade=allowed)
    for request in (multi_code(1), bulk(1_001), bulk(1)):
        refused = judged(starter, request, tank(STARTER, 0))
        assert isinstance(refused, FeatureNotInPlan | BulkLimitExceeded | InsufficientTokens)
        assert refused.may_upgrade is allowed


def test_a_plan_without_refills_promises_none() -> None:
    refused = judge_tokens(terms(STARTER), bulk(1), tank(STARTER, 0), None)
    assert refused == InsufficientTokens(1, 0, PRO, None, True)


requests = st.one_of(
    st.builds(
        TaskRequest, st.just(TaskKind.SCAN), st.just(TaskScope.BULK), st.sampled_from(ScanMode), st.integers(1, 120_000)
    ),
    st.builds(
        TaskRequest,
        st.just(TaskKind.MULTI_CODE),
        st.just(TaskScope.BULK),
        st.sampled_from(ScanMode),
        st.integers(1, 120_000),
        st.integers(1, 8),
    ),
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.sampled_from([STARTER, PRO, BUSINESS]), st.booleans(), requests, st.data())
def test_a_refused_task_passes_right_after_an_upgrade_to_the_tier_it_names_and_on_none_below(
    tier: PlanTier, overage: bool, request_: TaskRequest, data: st.DataObject
) -> None:
    """T1, L5: upgrades the case for each tier and judges again."""
    cap = plan(tier).cap
    assert cap is not None
    purchased = data.draw(st.integers(0, 30_000))
    held = data.draw(st.integers(0, cap + purchased))
    balance = data.draw(st.integers(0, cap + purchased - held))
    case, before = terms(tier, overage=overage), tank(tier, balance, held, purchased)
    refused = judged(case, request_, before)
    if refused is None:
        return
    assert not isinstance(refused, CaseNotActive)
    passing = [target for target in tier.above() if judged(*_upgraded(case, before, target, request_)) is None]
    assert refused.minimum_tier is passing[0]


def _upgraded(
    case: Terms, before: Reservoir, target: PlanTier, request: TaskRequest
) -> tuple[Terms, TaskRequest, Reservoir]:
    """The case on the new plan, its tank filled."""
    cap = plan(target).cap
    assert before.balance is not None
    balance = None if cap is None else before.balance + before.fill_tokens(cap)
    return replace(case, tier=target), request, Reservoir(balance, before.held, before.purchased, cap)

"""Quotes: what a task would hold, what is in its way, and what would help (T1, T5)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.cases import Case, CaseStatus, Organization, Terms
from app.domain.cycles import eastern_date
from app.domain.plans import CURRENT_CATALOGUE, Feature, PlanTier, plan
from app.domain.quotes import Quote, documents_that_fit, judge, refills_that_clear
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import (
    BulkLimitExceeded,
    CaseNotActive,
    FeatureNotInPlan,
    Flaw,
    InsufficientTokens,
    InvalidInput,
)
from app.domain.reservoirs import RefillsUntil, Reservoir, done_from
from app.domain.tasks import MOST_TOKENS, TaskRequest

laws = settings(max_examples=400, derandomize=True, deadline=None)
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
TEN = datetime(2026, 3, 3, 15, tzinfo=UTC)
"""Tuesday 3 March 2026, 10:00 in New York, after the day's refill."""
NINE = datetime(2026, 3, 4, 14, tzinfo=UTC)
"""The next one."""
NEW_YORK = ZoneInfo("America/New_York")


def local_nine(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=NEW_YORK).astimezone(UTC)


def case_on(
    tier: PlanTier | None,
    balance: int | None = None,
    held: int = 0,
    purchased: int = 0,
    *,
    overage: bool = False,
    refilled_on: date | None = None,
) -> Case:
    """A case whose tank is full where nothing else is said. tier None: it is not active."""
    cap = 0 if tier is None else plan(tier).cap
    return Case(
        terms=Terms(
            case_id=1,
            uuid=UUID(int=1),
            organization_id=1,
            version=1,
            status=CaseStatus.DEACTIVATED if tier is None else CaseStatus.ACTIVE,
            tier=tier,
            catalogue=None if tier is None else CURRENT_CATALOGUE,
            overage_enabled=overage,
            auto_upgrade_allowed=True,
        ),
        organization=Organization(1, UUID(int=2), "1", "Firm", "https://portal.example.com", False),
        name="Roe v. Doe",
        registered_at=TEN,
        activated_at=None if tier is None else TEN,
        reservoir=Reservoir(cap if balance is None else balance, held, purchased, cap),
        refilled_on=refilled_on or (None if tier is None else done_from(plan(tier), TEN)),
        tasks=0,
        entries=0,
    )


def bulk(documents: int, mode: ScanMode = ScanMode.TEXT) -> TaskRequest:
    return TaskRequest(TaskKind.SCAN, TaskScope.BULK, mode, documents)


def codes(documents: int, fields: int = 1, scope: TaskScope = TaskScope.BULK) -> TaskRequest:
    return TaskRequest(TaskKind.MULTI_CODE, scope, ScanMode.TEXT, documents, fields)


def judged(case: Case, request: TaskRequest) -> Quote:
    """For a request that can be judged."""
    quote = judge(case, request, TEN)
    assert isinstance(quote, Quote)
    return quote


def short(required: int, balance: int, tier: PlanTier | None, *, refill: bool = True) -> InsufficientTokens:
    return InsufficientTokens(required, balance, tier, NINE if refill else None, may_upgrade=True)


@pytest.mark.parametrize(
    ("case", "request_", "quote"),
    [
        (case_on(PRO), bulk(10_000), Quote(10_000, 0, None)),
        (case_on(PRO), bulk(4, ScanMode.AUTO), Quote(80, 0, None)),
        (case_on(PRO), codes(4, 8), Quote(32, 0, None)),
        (case_on(PRO, 0), TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.VIDEO, 1), Quote(0, 0, None)),
        (case_on(PRO, 9_999), bulk(10_000), Quote(10_000, 0, short(10_000, 9_999, BUSINESS))),
        (case_on(PRO, 9_999, overage=True), bulk(10_000), Quote(10_000, 1, None)),
        (case_on(PRO, 0, overage=True), bulk(10), Quote(10, 10, None)),
        (case_on(PRO, overage=True), bulk(10_001), Quote(10_001, 0, BulkLimitExceeded(10_000, BUSINESS, True))),
        (case_on(PRO, 0), bulk(10_001), Quote(10_001, 0, BulkLimitExceeded(10_000, BUSINESS, True))),
        (case_on(STARTER), bulk(1_001), Quote(1_001, 0, BulkLimitExceeded(1_000, PRO, True))),
        (case_on(STARTER, 0), codes(1_001), Quote(1_001, 0, FeatureNotInPlan(Feature.MULTI_CODE, PRO, True))),
        (case_on(STARTER, 0), bulk(1), Quote(1, 0, short(1, 0, PRO, refill=False))),
        (case_on(BUSINESS), bulk(2_501, ScanMode.AUTO), Quote(50_020, 0, short(50_020, 50_000, ENTERPRISE))),
        (case_on(ENTERPRISE), bulk(1_000_000_000), Quote(1_000_000_000, 0, None)),
        (case_on(None), codes(1_001, scope=TaskScope.BULK), Quote(1_001, 0, CaseNotActive())),
    ],
)
def test_a_quote_is_the_worst_case_and_the_first_gate_that_is_shut(
    case: Case, request_: TaskRequest, quote: Quote
) -> None:
    """T1, T5: no overage is set aside for what does not run."""
    assert judge(case, request_, TEN) == quote


def test_what_would_hold_more_than_can_be_counted_is_no_quote() -> None:
    whole = bulk(MOST_TOKENS)
    assert whole.flaw() is None
    assert judged(case_on(ENTERPRISE), whole) == Quote(MOST_TOKENS, 0, None)
    assert judge(case_on(ENTERPRISE, held=1), whole, TEN) == InvalidInput("documentCount", Flaw.TOO_MANY_TOKENS)


# ---------------------------------------------------------------------------------------------- refills that clear


@pytest.mark.parametrize(
    ("case", "request_", "refills"),
    [
        (case_on(PRO, 9_999), bulk(10_000), RefillsUntil(1, 1, NINE)),
        (case_on(PRO, 8_000), bulk(9_000), RefillsUntil(2, 1_000, NINE + timedelta(days=1))),
        (case_on(PRO, 8_000, refilled_on=date(2026, 3, 5)), bulk(9_000),
         RefillsUntil(2, 1_000, NINE + timedelta(days=3))),
        # The second of them comes on Sunday 8 March, when clocks have been put forward.
        (case_on(PRO, 8_000, refilled_on=date(2026, 3, 6)), bulk(9_000),
         RefillsUntil(2, 1_000, local_nine(2026, 3, 8))),
        (case_on(PRO, 9_000, 1_000), bulk(9_001), None),
        (case_on(PRO, 9_000), bulk(9_000), None),
        (case_on(PRO, 9_000, overage=True), bulk(10_000), None),
        (case_on(PRO, 0), bulk(10_001), None),
        (case_on(PRO, 0), bulk(501, ScanMode.AUTO), None),
        (case_on(STARTER, 0), bulk(1), None),
        (case_on(STARTER), codes(1), None),
        (case_on(ENTERPRISE), bulk(10**9), None),
        (case_on(None), bulk(1), None),
    ],
)  # fmt: skip
def test_refills_clear_a_shortage_and_nothing_else(
    case: Case, request_: TaskRequest, refills: RefillsUntil | None
) -> None:
    """L4: a limit, a feature or a case without a plan is not cleared by waiting."""
    assert refills_that_clear(case, request_, judged(case, request_), TEN) == refills


requests = st.builds(
    TaskRequest,
    st.just(TaskKind.SCAN),
    st.just(TaskScope.BULK),
    st.sampled_from(ScanMode),
    st.integers(1, 800) | st.integers(1, 120_000),
) | st.builds(
    TaskRequest, st.just(TaskKind.MULTI_CODE), st.sampled_from(TaskScope), st.sampled_from(ScanMode), st.just(1),
    st.integers(1, 8),
)  # fmt: skip
cases = st.builds(
    case_on,
    st.none() | st.sampled_from(PlanTier),
    st.integers(0, 12_000) | st.integers(0, 60_000),
    st.integers(0, 9_000),
    st.integers(0, 3_000),
    overage=st.booleans(),
).map(
    lambda case: (
        case if case.reservoir.cap is not None else replace(case, reservoir=replace(case.reservoir, balance=None))
    )
)
nearly = st.tuples(st.integers(0, 9_900), st.integers(1, 10_000)).map(
    lambda drawn: (case_on(PRO, drawn[0]), bulk(drawn[1]))
)


def after_refills(case: Case, number: int) -> Case:
    """Every refill by itself, nothing else happening."""
    tank, sold = case.reservoir, case.terms.plan
    assert sold is not None
    for _ in range(number):
        tank = replace(tank, balance=(tank.balance or 0) + tank.refill_tokens(sold))
    return replace(case, reservoir=tank)


@laws
@given(st.tuples(cases, requests) | nearly)
def test_the_task_runs_after_the_refills_that_are_promised_and_not_before(drawn: tuple[Case, TaskRequest]) -> None:
    case, request_ = drawn
    quote = judged(case, request_)
    promised = refills_that_clear(case, request_, quote, TEN)
    if promised is not None:
        assert isinstance(quote.blocked_by, InsufficientTokens)
        after = after_refills(case, promised.refills)
        assert judged(after, request_).blocked_by is None
        assert promised.tokens == (after.reservoir.balance or 0) - (case.reservoir.balance or 0)
        assert judged(after_refills(case, promised.refills - 1), request_).blocked_by is not None
        assert (eastern_date(promised.at) - date(2026, 3, 4)).days == promised.refills - 1
    elif isinstance(quote.blocked_by, InsufficientTokens):
        assert judged(after_refills(case, 200), request_).blocked_by is not None


# ---------------------------------------------------------------------------------------------- documents that fit


@pytest.mark.parametrize(
    ("case", "request_", "documents"),
    [
        (case_on(PRO, 99), bulk(100), 99),
        (case_on(PRO, 99), bulk(100, ScanMode.AUTO), 4),
        (case_on(PRO, 19), bulk(100, ScanMode.AUTO), 0),
        (case_on(PRO, 31), codes(100, 8), 3),
        (case_on(PRO), bulk(10_001), 10_000),
        (case_on(PRO, 50), bulk(10_001), 50),
        (case_on(PRO, 50, overage=True), bulk(10_001), 10_000),
        (case_on(BUSINESS), bulk(100_001), 50_000),
        (case_on(PRO), bulk(10_000), 0),
        (case_on(PRO, 0, overage=True), bulk(10_000), 0),
        (case_on(STARTER), codes(2_000), 0),
        (case_on(PRO, 0), codes(1, 3, TaskScope.SINGLE), 0),
        (case_on(ENTERPRISE), bulk(10**9), 0),
        (case_on(None), bulk(10), 0),
    ],
)
def test_of_a_task_that_is_too_large_so_many_documents_would_run(
    case: Case, request_: TaskRequest, documents: int
) -> None:
    assert documents_that_fit(case, request_, judged(case, request_)) == documents


@laws
@given(st.tuples(cases, requests) | nearly)
def test_the_documents_that_fit_run_and_one_more_does_not(drawn: tuple[Case, TaskRequest]) -> None:
    case, request_ = drawn
    quote = judged(case, request_)
    fitting = documents_that_fit(case, request_, quote)
    too_large = isinstance(quote.blocked_by, BulkLimitExceeded | InsufficientTokens)
    if fitting:
        assert too_large
        assert judged(case, replace(request_, documents=fitting)).blocked_by is None
        assert judged(case, replace(request_, documents=fitting + 1)).blocked_by is not None
    elif too_large:
        assert judged(case, replace(request_, documents=1)).blocked_by is not None

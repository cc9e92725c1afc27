"""The ceiling on overage in a cycle: what counts toward it, and what it leaves to a task (T1, T5)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.cases import Case, Terms
from app.domain.gates import judge_terms, judge_tokens, minimum_tier
from app.domain.overage import OverageUse, counts_overage, overage_left
from app.domain.plans import PlanTier, plan
from app.domain.quotes import Quote, documents_that_fit, judge, refills_that_clear
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import BulkLimitExceeded, InsufficientTokens
from app.domain.reservoirs import Reservoir
from app.domain.tasks import TaskRequest
from tests.domain.standing import START, case_on

NINE = datetime(2026, 3, 4, 14, tzinfo=UTC)
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
USE = OverageUse(settled=300, provisional=200)


def bulk(documents: int, mode: ScanMode = ScanMode.TEXT) -> TaskRequest:
    return TaskRequest(TaskKind.SCAN, TaskScope.BULK, mode, documents)


def limited(tier: PlanTier, ceiling: int | None, *, balance: int = 100, overage: bool = True) -> Case:
    """A case with overage on and a ceiling, its tank nearly empty."""
    case = case_on(tier, Reservoir(balance, 0, 0, plan(tier).cap))
    return replace(case, terms=replace(case.terms, overage_enabled=overage, overage_ceiling=ceiling))


def terms(ceiling: int | None, *, overage: bool = True) -> Terms:
    return limited(STARTER, ceiling, overage=overage).terms


@pytest.mark.parametrize(("ceiling", "left"), [(1_000, 500), (500, 0), (499, 0), (0, 0), (None, None)])
def test_what_is_settled_and_what_is_set_aside_both_count(ceiling: int | None, left: int | None) -> None:
    """T5: a ceiling that was lowered below what is in use leaves nothing, and no less."""
    assert overage_left(terms(ceiling), USE) == left
    assert counts_overage(terms(ceiling)) == (ceiling is not None)


def test_with_overage_off_there_is_none_whatever_the_ceiling() -> None:
    assert overage_left(terms(1_000, overage=False), USE) == 0
    assert not counts_overage(terms(1_000, overage=False))


@pytest.mark.parametrize(("documents", "runs"), [(100, True), (600, True), (601, False)])
def test_a_task_may_lack_what_the_ceiling_leaves_and_not_a_token_more(documents: int, runs: bool) -> None:
    """T1: balance 100, 500 of 1,000 left."""
    case = limited(STARTER, 1_000)
    refusal = judge_tokens(case.terms, bulk(documents), case.reservoir, NINE, USE)
    assert (refusal is None) == runs
    if refusal is not None:
        assert refusal == InsufficientTokens(601, 100, PRO, NINE, True, overage_ceiling=1_000, overage_left=500)
        assert (refusal.missing, refusal.uncovered) == (501, 1)


def test_a_task_that_lacks_nothing_runs_however_low_the_ceiling_was_set() -> None:
    case = limited(STARTER, 0)
    assert judge_tokens(case.terms, bulk(100), case.reservoir, NINE, USE) is None
    assert judge_tokens(case.terms, bulk(101), case.reservoir, NINE, USE) is not None


def test_a_refusal_with_overage_off_speaks_of_no_ceiling() -> None:
    case = limited(STARTER, 1_000, overage=False)
    refusal = judge_tokens(case.terms, bulk(101), case.reservoir, NINE, USE)
    assert refusal is not None
    assert (refusal.overage_ceiling, refusal.overage_left, refusal.uncovered) == (None, 0, 1)


@pytest.mark.parametrize(
    ("documents", "tier"),
    [(10_000, PRO), (10_800, BUSINESS), (50_800, BUSINESS), (50_801, ENTERPRISE)],
)
def test_the_cheapest_tier_counts_what_the_ceiling_leaves_to_the_cycle_that_the_upgrade_begins(
    documents: int, tier: PlanTier
) -> None:
    """T1, C2: what is settled lies in the cycle that ends, what is set aside settles in the new one. 800 are left."""
    case = limited(STARTER, 1_000, balance=0)
    assert minimum_tier(case.terms, bulk(documents), case.reservoir, USE) is tier


def test_a_task_over_the_bulk_limit_is_led_to_a_tier_that_also_passes_the_ceiling() -> None:
    """T1: Pro allows the documents; its tank and the overage that is left do not hold them."""
    case = limited(STARTER, 1_000)
    request = bulk(1_500, ScanMode.AUDIO)
    assert judge_terms(case.terms, request, case.reservoir, USE) == BulkLimitExceeded(1_000, BUSINESS, True)
    free = limited(STARTER, None)
    assert judge_terms(free.terms, request, free.reservoir, USE) == BulkLimitExceeded(1_000, PRO, True)


def test_a_quote_tells_refills_and_documents_with_the_overage_that_is_left() -> None:
    """T1: balance 100 and 500 left make 600 of 1,100; one refill of 500 makes up the rest."""
    case, request = limited(PRO, 1_000), bulk(1_100)
    quote = judge(case, request, START, USE)
    assert isinstance(quote, Quote)
    assert isinstance(quote.blocked_by, InsufficientTokens)
    assert documents_that_fit(case, request, quote, USE) == 600
    refills = refills_that_clear(case, request, quote, START)
    assert refills is not None
    assert refills.refills == 1
    assert judge(case, bulk(600), START, USE) == Quote(600, 500, None)

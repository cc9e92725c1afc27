"""Bought tokens: how many, and by whom (L3, L7)."""

import pytest

from app.domain.cases import CaseStatus
from app.domain.plans import PlanTier
from app.domain.purchases import MOST_BOUGHT, check_purchase, judge_purchase
from app.domain.refusals import CaseNotActive, Flaw, InvalidInput, PlanChangeRefused, PlanRefusal
from app.domain.reservoirs import Reservoir
from app.domain.tasks import MOST_TOKENS
from tests.domain.standing import case_on


@pytest.mark.parametrize(
    ("tokens", "fits"), [(1, True), (MOST_BOUGHT, True), (0, False), (-1, False), (MOST_BOUGHT + 1, False)]
)
def test_a_purchase_is_of_at_least_one_token_and_not_without_end(tokens: int, *, fits: bool) -> None:
    flaw = InvalidInput("tokens", Flaw.TOKENS_OUT_OF_RANGE, {"most": MOST_BOUGHT})
    assert check_purchase(tokens) == (None if fits else flaw)


@pytest.mark.parametrize("tier", [PlanTier.STARTER, PlanTier.PRO, PlanTier.BUSINESS])
def test_a_full_tank_may_be_bought_more(tier: PlanTier) -> None:
    """L3: bought tokens stand above the cap."""
    assert judge_purchase(case_on(tier), 1_234) is None


def test_unlimited_tokens_need_no_purchase() -> None:
    """L7."""
    assert judge_purchase(case_on(PlanTier.ENTERPRISE), 1) == PlanChangeRefused(PlanRefusal.UNLIMITED_ALREADY)


@pytest.mark.parametrize("status", [CaseStatus.NOT_ACTIVATED, CaseStatus.DEACTIVATED])
def test_a_case_on_no_plan_buys_nothing(status: CaseStatus) -> None:
    assert judge_purchase(case_on(None, Reservoir(0, 0, 0, 0), status=status), 1) == CaseNotActive()


@pytest.mark.parametrize(("balance", "held", "fits"), [(9, 0, True), (0, 9, True), (10, 0, False), (4, 6, False)])
def test_a_tank_never_holds_more_than_can_be_counted(balance: int, held: int, *, fits: bool) -> None:
    bought = MOST_TOKENS - 10
    tank = Reservoir(balance + bought, held, bought, 10_000)
    found = judge_purchase(case_on(PlanTier.PRO, tank), 1)
    assert (found is None) is fits
    assert found is None or isinstance(found, InvalidInput)

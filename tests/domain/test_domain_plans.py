"""The catalogue, figure by figure (P1, P3)."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from app.domain import plans
from app.domain.money import Currency, Money
from app.domain.plans import CATALOGUES, CURRENT_CATALOGUE, Feature, PlanTier, plan

STARTER = {Feature.SINGLE_DOCUMENT_SCANS, Feature.AGENT_MODE, Feature.SCAN_HISTORY}
PRO = STARTER | {
    Feature.MULTIPLE_AGENT_THREADS,
    Feature.CASE_CONTEXT,
    Feature.VISUAL_SCANS,
    Feature.MULTI_CODE,
}
BUSINESS = PRO | {Feature.ECA}
ENTERPRISE = BUSINESS | {Feature.PRIORITY_COMPUTE, Feature.DEDICATED_SUPPORT}


@pytest.mark.parametrize(
    ("tier", "name", "price", "cap", "refill", "limit", "threads", "ceiling"),
    [
        (PlanTier.STARTER, "Starter", "49.00", 1_000, 0, 1_000, 10, 1_000),
        (PlanTier.PRO, "Pro", "499.00", 10_000, 500, 10_000, None, 25_000),
        (PlanTier.BUSINESS, "Business", "4999.00", 50_000, 7_500, 100_000, None, 275_000),
        (PlanTier.ENTERPRISE, "Enterprise", "29999.00", None, None, None, None, None),
    ],
)
def test_a_plan_costs_and_allows_what_was_published(
    tier: PlanTier,
    name: str,
    price: str,
    cap: int | None,
    refill: int | None,
    limit: int | None,
    threads: int | None,
    ceiling: int | None,
) -> None:
    """P1: version 1 stays so; dollars are Canadian; None is unlimited; the ceiling is the cap and 30 refills."""
    sold = plan(tier, 1)
    assert (sold.tier, sold.name, sold.monthly_price) == (tier, name, Money(Decimal(price), Currency.CAD))
    assert (sold.cap, sold.daily_refill, sold.bulk_task_limit) == (cap, refill, limit)
    assert (sold.saved_thread_limit, sold.monthly_ceiling) == (threads, ceiling)


@pytest.mark.parametrize(
    ("tier", "features", "unlocks"),
    [
        (PlanTier.STARTER, STARTER, STARTER),
        (PlanTier.PRO, PRO, PRO - STARTER - {Feature.VISUAL_SCANS}),
        (PlanTier.BUSINESS, BUSINESS, BUSINESS - PRO),
        (PlanTier.ENTERPRISE, ENTERPRISE, ENTERPRISE - BUSINESS),
    ],
)
def test_visual_scans_are_named_on_the_plan_and_unlocked_by_none(
    tier: PlanTier, features: set[Feature], unlocks: set[Feature]
) -> None:
    """P3: a dearer plan has every feature of the cheaper ones and announces what it adds."""
    assert _once(plan(tier).features) == features
    assert _once(plan(tier).unlocks) == unlocks


def _once(features: Iterable[Feature]) -> set[Feature]:
    named = list(features)
    assert len(named) == len(set(named))
    return set(named)


def test_what_is_unlimited_in_any_way_has_no_ceiling() -> None:
    assert replace(plan(PlanTier.PRO), cap=None).monthly_ceiling is None
    assert replace(plan(PlanTier.PRO), daily_refill=None).monthly_ceiling is None


def test_only_pro_and_business_are_refilled_at_nine() -> None:
    """L4: Starter has no refill, Enterprise needs none."""
    assert [tier for tier in PlanTier if plan(tier).refills] == [PlanTier.PRO, PlanTier.BUSINESS]


def test_tiers_stand_from_the_cheapest_to_the_dearest() -> None:
    prices = [plan(tier).monthly_price.amount for tier in PlanTier]
    assert prices == sorted(prices)
    assert [tier.rank for tier in PlanTier] == [0, 1, 2, 3]
    assert PlanTier.STARTER.above() == (PlanTier.PRO, PlanTier.BUSINESS, PlanTier.ENTERPRISE)
    assert PlanTier.BUSINESS.above() == (PlanTier.ENTERPRISE,)
    assert PlanTier.ENTERPRISE.above() == ()


def test_what_is_sold_now_is_the_newest_catalogue_and_older_ones_stay() -> None:
    """P1: a subscription keeps the version that it was sold."""
    assert max(CATALOGUES) == CURRENT_CATALOGUE
    for version, catalogue in CATALOGUES.items():
        assert {tier: sold.tier for tier, sold in catalogue.items()} == {tier: tier for tier in PlanTier}
        assert all(plan(tier, version) is catalogue[tier] for tier in PlanTier)
    with pytest.raises(KeyError):
        plan(PlanTier.PRO, CURRENT_CATALOGUE + 1)


@pytest.mark.parametrize("table", [CATALOGUES, CATALOGUES[CURRENT_CATALOGUE]])
def test_nothing_changes_the_catalogue_while_the_service_runs(table: object) -> None:
    with pytest.raises(TypeError):
        cast("Any", table)[1] = None


def test_amounts_are_never_added_to_each_other_by_accident() -> None:
    """P1: dollars of two countries have no sum, so Money has none."""
    with pytest.raises(TypeError):
        cast("Any", plan(PlanTier.PRO).monthly_price) + Money(Decimal("1.00"), Currency.USD)
    assert plans.REFILLS_IN_CEILING == 30

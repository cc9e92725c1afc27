"""Cases: the plan they are on and the refill that comes next (P1, L4, L6)."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.domain.cases import Case, CaseStatus, Organization, Terms
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan
from app.domain.reservoirs import NextRefill, Reservoir

MORNING = datetime(2026, 3, 3, 13, tzinfo=UTC)
"""08:00 in New York."""


def case(
    tier: PlanTier | None,
    status: CaseStatus = CaseStatus.ACTIVE,
    reservoir: Reservoir | None = None,
    refilled_on: date | None = None,
    catalogue: int | None = CURRENT_CATALOGUE,
) -> Case:
    return Case(
        terms=Terms(
            case_id=1,
            uuid=UUID(int=1),
            organization_id=1,
            version=1,
            status=status,
            tier=tier,
            catalogue=catalogue,
            overage_enabled=False,
            auto_upgrade_allowed=True,
        ),
        organization=Organization(1, UUID(int=2), "1", "Firm", "https://portal.example.com", monthly_invoicing=False),
        name="Roe v. Doe",
        registered_at=MORNING,
        activated_at=None,
        reservoir=reservoir or Reservoir(9_800, 0, 0, 10_000),
        refilled_on=refilled_on,
        tasks=0,
        entries=0,
    )


@pytest.mark.parametrize("tier", PlanTier)
def test_an_active_case_is_on_the_plan_it_was_sold(tier: PlanTier) -> None:
    terms = case(tier).terms
    assert terms.active
    assert terms.plan is plan(tier, CURRENT_CATALOGUE)


def test_a_plan_is_looked_up_in_the_catalogue_it_was_sold_from() -> None:
    """P1: never in the one that is sold now."""
    with pytest.raises(KeyError):
        _ = case(PlanTier.PRO, catalogue=CURRENT_CATALOGUE + 1).terms.plan


@pytest.mark.parametrize("status", [CaseStatus.NOT_ACTIVATED, CaseStatus.DEACTIVATED])
@pytest.mark.parametrize("tier", [None, PlanTier.PRO])
def test_a_case_that_is_not_active_has_no_plan_and_no_refill(status: CaseStatus, tier: PlanTier | None) -> None:
    """L4, L6."""
    inactive = case(tier, status)
    assert not inactive.terms.active
    assert inactive.terms.plan is None
    assert inactive.next_refill(MORNING) is None


@pytest.mark.parametrize(("tier", "catalogue"), [(None, CURRENT_CATALOGUE), (PlanTier.PRO, None)])
def test_a_plan_needs_a_tier_and_a_catalogue(tier: PlanTier | None, catalogue: int | None) -> None:
    assert case(tier, catalogue=catalogue).terms.plan is None


@pytest.mark.parametrize("tier", [PlanTier.STARTER, PlanTier.ENTERPRISE])
def test_starter_and_enterprise_have_no_next_refill(tier: PlanTier) -> None:
    """L4."""
    assert case(tier, reservoir=Reservoir(0, 0, 0, plan(tier).cap)).next_refill(MORNING) is None


@pytest.mark.parametrize(
    ("balance", "refilled_on", "refill"),
    [
        (9_800, date(2026, 3, 2), NextRefill(datetime(2026, 3, 3, 14, tzinfo=UTC), 200)),
        (9_200, date(2026, 3, 2), NextRefill(datetime(2026, 3, 3, 14, tzinfo=UTC), 500)),
        (9_200, date(2026, 3, 3), NextRefill(datetime(2026, 3, 4, 14, tzinfo=UTC), 500)),
        (10_000, date(2026, 3, 2), NextRefill(datetime(2026, 3, 3, 14, tzinfo=UTC), 0)),
    ],
)
def test_the_next_refill_says_when_and_how_much_if_nothing_changes(
    balance: int, refilled_on: date | None, refill: NextRefill
) -> None:
    """L4: at 09:00 in New York; a full tank is promised 0."""
    pro = case(PlanTier.PRO, reservoir=Reservoir(balance, 0, 0, 10_000), refilled_on=refilled_on)
    assert pro.next_refill(MORNING) == refill

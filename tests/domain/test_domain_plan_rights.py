"""Who may change a plan, and which changes there are (A1, A2, C3, C7, C9)."""

import pytest

from app.domain.activation import judge_activation, judge_reactivation
from app.domain.callers import Role
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.plan_changes import judge_change, may_change, may_preview
from app.domain.plans import PlanTier
from app.domain.refusals import CaseNotActive, InvoicingNotContracted, PlanChangeRefused, PlanRefusal
from app.domain.reservoirs import Reservoir
from app.domain.subscriptions import ChangeOrigin
from tests.domain.standing import case_on, subscription_to, viewer

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
ADMINS = [Role.CASE_ADMIN, Role.ORG_ADMIN, Role.OPERATOR]
EMPTY = Reservoir(0, 0, 0, 0)
PERSON = viewer(Role.CASE_ADMIN)


@pytest.mark.parametrize("tier", PlanTier)
@pytest.mark.parametrize("current", PlanTier)
def test_an_upgrade_goes_up_and_a_downgrade_goes_down(current: PlanTier, tier: PlanTier) -> None:
    """C2, C3: staying is neither."""
    case, subscription = case_on(current), subscription_to(current)
    up = judge_change(case, subscription, tier, upwards=True)
    down = judge_change(case, subscription, tier, upwards=False)
    assert (up is None, down is None) == (tier.rank > current.rank, tier.rank < current.rank)
    assert up in (None, PlanChangeRefused(PlanRefusal.NOT_AN_UPGRADE))
    assert down in (None, PlanChangeRefused(PlanRefusal.NOT_A_DOWNGRADE))


@pytest.mark.parametrize("upwards", [True, False])
def test_a_case_on_no_plan_has_none_to_change(*, upwards: bool) -> None:
    new = case_on(None, EMPTY, status=CaseStatus.NOT_ACTIVATED)
    gone = case_on(None, EMPTY, status=CaseStatus.DEACTIVATED)
    assert judge_change(new, None, PRO, upwards=upwards) == CaseNotActive()
    assert judge_change(gone, subscription_to(BUSINESS), PRO, upwards=upwards) == CaseNotActive()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("allowed", [True, False])
def test_from_a_prompt_everybody_upgrades_or_nobody(role: Role, *, allowed: bool) -> None:
    """C9: the switch decides, whoever asks; in the settings admins may, whatever the switch says."""
    assert may_change(viewer(role), ChangeOrigin.PROMPT, prompts_upgrade=allowed) is allowed
    assert may_change(viewer(role), ChangeOrigin.SETTINGS, prompts_upgrade=allowed) is (role in ADMINS)


@pytest.mark.parametrize("tier", PlanTier)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("allowed", [True, False])
def test_prices_are_for_admins_but_for_an_upgrade_that_a_prompt_offers(
    role: Role, tier: PlanTier, *, allowed: bool
) -> None:
    """A2, C9."""
    offered = allowed and tier in (BUSINESS, ENTERPRISE)
    assert may_preview(viewer(role), case_on(PRO, auto_upgrade=allowed), tier) is (role in ADMINS or offered)


@pytest.mark.parametrize("status", [CaseStatus.NOT_ACTIVATED, CaseStatus.DEACTIVATED])
def test_what_a_first_or_renewed_plan_costs_is_for_admins(status: CaseStatus) -> None:
    case = case_on(None, EMPTY, status=status)
    assert not may_preview(viewer(Role.MEMBER), case, PRO)
    assert may_preview(PERSON, case, PRO)


@pytest.mark.parametrize(
    ("status", "activation", "reactivation"),
    [
        (CaseStatus.NOT_ACTIVATED, None, PlanRefusal.ACTIVATE_INSTEAD),
        (CaseStatus.ACTIVE, PlanRefusal.ALREADY_ACTIVE, PlanRefusal.ALREADY_ACTIVE),
        (CaseStatus.DEACTIVATED, PlanRefusal.REACTIVATE_INSTEAD, None),
    ],
)
def test_a_case_is_activated_once_and_reactivated_afterwards(
    status: CaseStatus, activation: PlanRefusal | None, reactivation: PlanRefusal | None
) -> None:
    """C3."""
    case = case_on(PRO if status is CaseStatus.ACTIVE else None, status=status)
    for judge, refusal in ((judge_activation, activation), (judge_reactivation, reactivation)):
        expected = None if refusal is None else PlanChangeRefused(refusal)
        assert judge(case, PaymentMethod.CARD, PERSON, "production") == expected


@pytest.mark.parametrize("again", [False, True])
def test_monthly_invoices_are_for_organizations_on_the_list(*, again: bool) -> None:
    """C7: others get what support needs to know."""
    judge = judge_reactivation if again else judge_activation
    status = CaseStatus.DEACTIVATED if again else CaseStatus.NOT_ACTIVATED
    contracted = case_on(None, EMPTY, status=status, monthly_invoicing=True)
    assert judge(contracted, PaymentMethod.MONTHLY_INVOICE, PERSON, "staging") is None
    refusal = judge(case_on(None, EMPTY, status=status), PaymentMethod.MONTHLY_INVOICE, PERSON, "staging")
    assert refusal == InvoicingNotContracted(
        {
            "portal": "https://portal.example.com",
            "environment": "staging",
            "ORG_ID": "1",
            "organization": "Firm",
            "user": "Ms. Roe",
            "case": "Roe v. Doe (00000000-0000-0000-0000-000000000001)",
        }
    )

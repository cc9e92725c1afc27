"""What changes of plan do to tokens, charges and features, which their previews tell (C1-C3, C6, L5-L7, P3)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.bills import Bill
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.money import Currency, Money, cad, cents
from app.domain.plan_changes import ChangeKind, deactivation, plan_change, renewal_bill
from app.domain.plans import CURRENT_CATALOGUE, Feature, PlanTier, plan
from app.domain.reservoirs import Reservoir
from app.domain.subscriptions import Subscription
from tests.domain.standing import START, case_on, local, subscription_to

laws = settings(max_examples=300, derandomize=True, deadline=None)
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
CARD, MONTHLY = PaymentMethod
ZERO = Decimal(0)
NOW = local(2026, 2, 10, 12)
tanks = st.builds(
    lambda balance, held, bought: Reservoir(balance + bought, held, bought, 10_000),
    st.integers(0, 10_000), st.integers(0, 60_000), st.integers(0, 5_000),
)  # fmt: skip


def test_an_upgrade_in_the_middle_of_a_month_charges_the_new_cycle_and_credits_the_old_one() -> None:
    """C2, C6: Pro from 31 January, Business on 10 February; the credit is not on the upgrade's own invoice."""
    change = plan_change(case_on(PRO), subscription_to(PRO), BUSINESS, NOW)
    assert (change.kind, change.plan, change.effective_at) == (ChangeKind.UPGRADE, plan(BUSINESS), NOW)
    assert change.charge_now == Money(Decimal("4999.00"), Currency.CAD)
    assert change.credit_on_next_invoice == Money(Decimal("320.79"), Currency.CAD)
    assert change.credit_left == Decimal("320.79")
    assert (change.balance_before, change.balance_after, change.tokens_lost) == (10_000, 50_000, 0)
    assert change.allowed


@pytest.mark.parametrize(
    ("payment", "overage", "credit", "charge", "left"),
    [
        (CARD, 0, "0.00", "4999.00", "320.79"),
        (CARD, 25, "0.00", "5001.50", "320.79"),
        (CARD, 0, "450.71", "4548.29", "320.79"),
        (CARD, 25, "450.71", "4550.79", "320.79"),
        (CARD, 0, "4999.00", "0.00", "320.79"),
        (CARD, 0, "5000.00", "0.00", "321.79"),
        (CARD, 20, "5000.00", "1.00", "320.79"),
        (MONTHLY, 25, "0.00", "0.00", "0.00"),
        (MONTHLY, 0, "12.34", "0.00", "0.00"),
    ],
)
def test_an_upgrade_charges_the_overage_of_the_ended_cycle_less_the_credit_from_before(
    payment: PaymentMethod, overage: int, credit: str, charge: str, left: str
) -> None:
    """C6: no total falls below 0.00, the rest of a credit is carried on; monthly invoices use it and charge nothing."""
    subscription = subscription_to(PRO, payment=payment, overage=overage, credit=credit)
    change = plan_change(case_on(PRO), subscription, BUSINESS, NOW)
    assert (change.charge, change.credit, change.credit_left) == (
        Decimal(charge), Decimal("320.79"), Decimal(left),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tank", "tier", "after"),
    [
        (Reservoir(2_000, 6_000, 1_000, 10_000), BUSINESS, 45_000),
        (Reservoir(2_000, 6_000, 1_000, 10_000), ENTERPRISE, None),
        (Reservoir(0, 10_000, 0, 10_000), BUSINESS, 40_000),
        (Reservoir(0, 60_000, 0, 10_000), BUSINESS, 0),
        (Reservoir(1_500, 60_000, 1_500, 10_000), BUSINESS, 1_500),
    ],
)
def test_an_upgrade_fills_what_held_and_bought_tokens_leave_of_the_new_cap(
    tank: Reservoir, tier: PlanTier, after: int | None
) -> None:
    """L5, L7: tokens held since a downgrade may be more than the new cap, and then nothing is added."""
    change = plan_change(case_on(PRO, tank), subscription_to(PRO), tier, NOW)
    assert (change.balance_before, change.balance_after, change.tokens_lost) == (tank.balance, after, 0)


@pytest.mark.parametrize(
    ("tier", "tank", "to", "after", "lost"),
    [
        (BUSINESS, Reservoir(41_234, 0, 1_234, 50_000), PRO, 11_234, 30_000),
        (BUSINESS, Reservoir(8_000, 0, 0, 50_000), PRO, 8_000, 0),
        (BUSINESS, Reservoir(21_234, 25_000, 1_234, 50_000), PRO, 1_234, 20_000),
        (BUSINESS, Reservoir(5_000, 8_000, 0, 50_000), PRO, 2_000, 3_000),
        (PRO, Reservoir(10_000, 0, 0, 10_000), STARTER, 1_000, 9_000),
        (ENTERPRISE, Reservoir(None, 0, 0, None), PRO, 10_000, 0),
        (ENTERPRISE, Reservoir(None, 4_000, 700, None), PRO, 6_700, 0),
        (ENTERPRISE, Reservoir(None, 40_000, 700, None), PRO, 700, 0),
    ],
)
def test_a_downgrade_waits_for_the_end_of_the_cycle_and_tells_what_it_would_take_now(
    tier: PlanTier, tank: Reservoir, to: PlanTier, after: int, lost: int
) -> None:
    """C3, L6, L7: nothing is charged or credited for it, and a credit from before stays."""
    subscription = subscription_to(tier, overage=25, credit="12.34")
    change = plan_change(case_on(tier, tank), subscription, to, NOW)
    assert (change.kind, change.effective_at) == (ChangeKind.DOWNGRADE, local(2026, 2, 28))
    assert (change.balance_before, change.balance_after, change.tokens_lost) == (tank.balance, after, lost)
    assert (change.charge, change.credit, change.credit_left) == (ZERO, ZERO, Decimal("12.34"))
    assert change.allowed


@pytest.mark.parametrize(
    ("method", "listed", "allowed"), [(CARD, False, True), (MONTHLY, False, False), (MONTHLY, True, True)]
)
def test_an_upgrade_that_could_not_be_invoiced_is_not_allowed(
    method: PaymentMethod, listed: bool, allowed: bool
) -> None:
    """C7: the organization was taken off the list since."""
    case = case_on(PRO)
    case = replace(case, organization=replace(case.organization, monthly_invoicing=listed))
    subscription = replace(subscription_to(PRO), payment_method=method)
    assert plan_change(case, subscription, BUSINESS, NOW).allowed is allowed
    assert plan_change(case, subscription, BUSINESS, NOW, CARD).allowed
    assert plan_change(case, subscription, STARTER, NOW).allowed


def test_the_tier_that_a_case_is_on_is_no_change() -> None:
    change = plan_change(case_on(PRO), subscription_to(PRO, credit="12.34"), PRO, NOW)
    assert not change.allowed
    assert (change.balance_before, change.balance_after, change.tokens_lost) == (10_000, 10_000, 0)
    assert (change.charge, change.credit, change.credit_left) == (ZERO, ZERO, Decimal("12.34"))
    assert change.unlocks == change.loses == ()


@pytest.mark.parametrize(
    ("tier", "payment", "charge"),
    [(STARTER, CARD, "49.00"), (PRO, CARD, "499.00"), (ENTERPRISE, CARD, "29999.00"), (PRO, MONTHLY, "0.00")],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_beginning_is_charged_in_full_and_fills(
    tier: PlanTier, payment: PaymentMethod, charge: str, *, again: bool
) -> None:
    """C3, L5, C6: a credit from before the deactivation waits."""
    status = CaseStatus.DEACTIVATED if again else CaseStatus.NOT_ACTIVATED
    before = subscription_to(BUSINESS, overage=25, credit="12.34") if again else None
    case = case_on(None, Reservoir(0, 0, 0, 0), status=status)
    change = plan_change(case, before, tier, NOW, payment)
    assert change.kind is (ChangeKind.REACTIVATION if again else ChangeKind.ACTIVATION)
    assert (change.charge, change.credit) == (Decimal(charge), ZERO)
    assert change.credit_left == Decimal("12.34" if again else "0.00")
    assert (change.balance_before, change.balance_after) == (0, plan(tier).cap)
    assert change.effective_at == NOW


def test_a_beginning_is_previewed_as_it_was_paid_before() -> None:
    case = case_on(None, Reservoir(0, 0, 0, 0), status=CaseStatus.DEACTIVATED)
    assert plan_change(case, subscription_to(PRO, payment=MONTHLY), PRO, NOW).charge == 0
    assert plan_change(case, subscription_to(PRO), PRO, NOW).charge == Decimal("499.00")
    assert plan_change(case, None, PRO, NOW).charge == Decimal("499.00")


@pytest.mark.parametrize(
    ("tank", "lost"),
    [
        (Reservoir(11_234, 0, 1_234, 10_000), 11_234),
        (Reservoir(4_000, 3_000, 500, 10_000), 7_000),
        (Reservoir(None, 3_000, 500, None), 0),
        (Reservoir(0, 0, 0, 10_000), 0),
    ],
)
def test_a_deactivation_loses_every_token_that_there_is(tank: Reservoir, lost: int) -> None:
    """C3, L6: what running tasks hold comes back first, and then goes with the rest."""
    tier = ENTERPRISE if tank.balance is None else PRO
    change = deactivation(case_on(tier, tank), subscription_to(tier), NOW)
    assert (change.balance_before, change.balance_after, change.tokens_lost) == (tank.balance, 0, lost)
    assert (change.charge, change.credit, change.unlocks) == (ZERO, ZERO, ())
    assert Feature.MULTI_CODE in change.loses


@pytest.mark.parametrize(
    ("following", "overage", "credit", "charge", "left"),
    [
        (None, 0, "0.00", "0.00", "0.00"),
        (None, 25, "1.00", "1.50", "0.00"),
        (None, 25, "10.00", "0.00", "7.50"),
        (PRO, 0, "320.79", "178.21", "0.00"),
        (STARTER, 0, "320.79", "0.00", "271.79"),
        (PRO, 3_210, "499.00", "321.00", "0.00"),
    ],
)
def test_the_end_of_a_cycle_invoices_its_overage_and_the_plan_that_follows_less_the_credit(
    following: PlanTier | None, overage: int, credit: str, charge: str, left: str
) -> None:
    """C6: a renewal, a downgrade, a deactivation; 0.10 a token."""
    subscription = subscription_to(BUSINESS, overage=overage, credit=credit)
    bill = _end(subscription, following)
    assert (cad(bill.total).amount, cad(bill.credit_left).amount) == (Decimal(charge), Decimal(left))


@laws
@given(st.sampled_from(PlanTier), st.integers(0, 10**6), st.decimals(0, 50_000, places=2))
def test_what_is_charged_and_what_is_left_make_up_the_invoice(tier: PlanTier, overage: int, credit: Decimal) -> None:
    """C6: to the cent; a credit is never paid out, and left over only where nothing is charged."""
    bill = _end(subscription_to(PRO, overage=overage, credit=str(credit)), tier)
    assert bill.total - bill.credit_left == cents(plan(tier).monthly_price.amount - credit) + 10 * overage
    assert min(bill.total, bill.credit_left) == 0


def _end(subscription: Subscription, following: PlanTier | None) -> Bill:
    """What the planned end of the cycle bills, or a deactivation there."""
    case = case_on(subscription.plan.tier)
    if following is None:
        return deactivation(case, subscription, subscription.cycle.ends_at).bill
    cycle = subscription.cycle.following(following, CURRENT_CATALOGUE)
    return renewal_bill(case, subscription, cycle, cycle.starts_at)


@pytest.mark.parametrize(
    ("old", "new", "unlocks", "loses"),
    [
        (STARTER, PRO, {Feature.MULTIPLE_AGENT_THREADS, Feature.CASE_CONTEXT, Feature.MULTI_CODE}, set()),
        (PRO, BUSINESS, {Feature.ECA}, set()),
        (BUSINESS, PRO, set(), {Feature.ECA}),
        (ENTERPRISE, BUSINESS, set(), {Feature.PRIORITY_COMPUTE, Feature.DEDICATED_SUPPORT}),
        (PRO, STARTER, set(), {Feature.MULTIPLE_AGENT_THREADS, Feature.CASE_CONTEXT, Feature.MULTI_CODE}),
    ],
)
def test_a_change_names_the_features_that_it_brings_and_takes(
    old: PlanTier, new: PlanTier, unlocks: set[Feature], loses: set[Feature]
) -> None:
    """P3: visual scans are neither brought nor taken."""
    change = plan_change(case_on(old), subscription_to(old), new, NOW)
    assert (set(change.unlocks), set(change.loses)) == (unlocks, loses)


@laws
@given(tanks, st.sampled_from([STARTER, BUSINESS, ENTERPRISE]), st.integers(0, 28 * 24 - 11))
def test_no_change_makes_up_tokens(tank: Reservoir, tier: PlanTier, hours: int) -> None:
    """L2, L5, L6: after an upgrade the tank is full or as it was; a downgrade loses just what it takes."""
    change = plan_change(case_on(PRO, tank), subscription_to(PRO), tier, START + timedelta(hours=hours))
    cap, before, after = plan(tier).cap, change.balance_before, change.balance_after
    assert before is not None
    if after is None:
        assert cap is None
        return
    assert cap is not None
    if change.kind is ChangeKind.UPGRADE:
        assert after + tank.held == max(before + tank.held, cap + tank.purchased)
    else:
        assert change.tokens_lost == before - after >= 0
        assert after >= min(before, tank.purchased)

"""Bills: lines, tax, and the worked examples of what an invoice comes to (C2, C3, C6)."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from app.domain.bills import (
    Bill,
    LineKind,
    card_bill,
    most_tax,
    overage_line,
    plan_line,
    purchase_line,
    tax_line,
    tax_on,
)
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.cycles import Cycle, Month
from app.domain.plan_changes import deactivation, plan_change, renewal_bill
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan
from tests.domain.standing import case_on, local, subscription_to

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
MONTHLY = PaymentMethod.MONTHLY_INVOICE
NO_TAX, QUEBEC = Decimal(0), Decimal("0.14975")
PLAN, CREDIT, OVERAGE, PURCHASE, TAX = (
    LineKind.PLAN, LineKind.PRORATION_CREDIT, LineKind.OVERAGE, LineKind.TOKEN_PURCHASE, LineKind.TAX,
)  # fmt: skip


def amounts(bill: Bill) -> list[tuple[LineKind, int]]:
    """Cents of each line."""
    return [(line.kind, line.amount) for line in bill.lines]


def begun(tier: PlanTier, at: datetime) -> Cycle:
    return Cycle.beginning(1, plan(tier), CURRENT_CATALOGUE, at)


def test_a_plan_is_charged_in_full_from_the_start_of_its_cycle() -> None:
    cycle = begun(PRO, local(2026, 1, 31, 10))
    line = plan_line(cycle)
    assert (line.amount, line.effective_at, line.until) == (49_900, cycle.starts_at, local(2026, 2, 28))
    assert (line.kind, line.cycle, line.tier) == (PLAN, 1, PRO)


def test_ten_tokens_beyond_the_reservoir_cost_one_dollar() -> None:
    """C6."""
    line = overage_line(begun(STARTER, local(2026, 3, 3, 10)), 10)
    assert line is not None
    assert (line.quantity, line.unit_price, line.amount) == (10, 10, 100)


def test_without_overage_there_is_no_line() -> None:
    assert overage_line(begun(STARTER, local(2026, 3, 3, 10)), 0) is None


@pytest.mark.parametrize(
    ("began", "plan_date", "month"),
    [
        ((2026, 3, 1, 10), (2026, 3, 31, 23, 59, 59, 999_999), "2026-03"),  # it ends on 1 April 00:00
        ((2026, 1, 31, 10), (2026, 2, 27, 23, 59, 59, 999_999), "2026-02"),
        ((2025, 12, 1), (2025, 12, 31, 23, 59, 59, 999_999), "2025-12"),
        ((2026, 2, 8, 12), (2026, 3, 7, 23, 59, 59, 999_999), "2026-03"),  # the clocks change in the night
    ],
)
def test_overage_is_dated_by_the_last_instant_of_its_cycle(
    began: tuple[int, ...], plan_date: tuple[int, ...], month: str
) -> None:
    line = overage_line(begun(STARTER, local(*began)), 1)
    assert line is not None
    assert line.effective_at == local(*plan_date)
    assert str(Month.of(line.effective_at)) == month


@pytest.mark.parametrize("cut", [(2026, 3, 20, 9, 30), (2026, 4, 1), (2026, 3, 3, 10)])
def test_overage_of_a_cycle_that_is_cut_is_dated_right_before_the_cut(cut: tuple[int, ...]) -> None:
    line = overage_line(replace(begun(STARTER, local(2026, 3, 3, 10)), ends_at=local(*cut)), 1)
    assert line is not None
    assert line.until is not None
    assert (line.until, (line.until - line.effective_at).total_seconds()) == (local(*cut), 0.000001)


def test_bought_tokens_are_billed_at_their_instant_with_their_entry() -> None:
    line = purchase_line(1_234, 3, 17, local(2026, 3, 3, 10))
    assert (line.kind, line.amount, line.effective_at, line.cycle, line.entry) == (
        PURCHASE, 12_340, local(2026, 3, 3, 10), 3, 17,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "taxed", "tax"),
    [
        ("0.14975", 49_900, 7_473),  # 74.72525
        ("0.14975", 499_900, 74_860),  # 748.60025
        ("0.05", 10, 0),  # half a cent, to even
        ("0.05", 30, 2),  # 1.5
        ("0.05", 50, 2),  # 2.5
        ("0.05", 70, 4),  # 3.5
        ("0.5", 1, 0),
        ("0.5", 3, 2),
        ("0.5", 5, 2),
        ("0.00001", 49_999, 0),
        ("0.00001", 50_000, 0),
        ("0.00001", 50_001, 1),
        ("0.99999", 100_000, 99_999),
        ("0", 49_900, 0),
        ("0.14975", 0, 0),
    ],
)
def test_tax_is_rounded_once_to_the_even_cent(rate: str, taxed: int, tax: int) -> None:
    """No line where it comes to nothing."""
    line = tax_line(Decimal(rate), taxed, local(2026, 3, 3))
    assert (0 if line is None else line.amount) == tax
    assert line is None or (line.kind, line.rate, line.effective_at) == (TAX, Decimal(rate), local(2026, 3, 3))


def test_the_upgrade_of_ten_february() -> None:
    """C2, C6: 4,999.00 at once; 320.79 for 18 of 28 days of Pro off the invoice of 10 March."""
    now = local(2026, 2, 10, 14)
    pro = subscription_to(PRO, local(2026, 1, 31, 10))
    upgrade = plan_change(case_on(PRO), pro, BUSINESS, now)
    assert amounts(upgrade.bill) == [(PLAN, 499_900)]
    assert upgrade.bill.credit_left == 32_079

    business = replace(subscription_to(BUSINESS, now, credit="320.79"), overage=10)
    bill = renewal_bill(
        case_on(BUSINESS), business, business.cycle.following(BUSINESS, CURRENT_CATALOGUE), business.cycle.ends_at
    )
    assert business.cycle.ends_at == local(2026, 3, 10)
    assert amounts(bill) == [(OVERAGE, 100), (PLAN, 499_900), (CREDIT, -32_079)]
    assert (bill.total, bill.credit_left) == (467_921, 0)


def test_tax_is_on_what_a_credit_leaves() -> None:
    business = subscription_to(BUSINESS, local(2026, 2, 10, 14), credit="320.79")
    taxed = case_on(BUSINESS)
    taxed = replace(taxed, organization=replace(taxed.organization, tax_rate=QUEBEC))
    bill = renewal_bill(taxed, business, business.cycle.following(BUSINESS, CURRENT_CATALOGUE), business.cycle.ends_at)
    assert amounts(bill)[-1] == (TAX, 70_056)  # of 4,678.21


def test_what_is_more_than_a_small_plan_is_carried_and_never_paid_out() -> None:
    """C6: Business to Enterprise gives 4,999.00; Starter at the end of the cycle takes 49.00 of it, and so on."""
    at = local(2026, 3, 1, 12)
    upgrade = plan_change(case_on(BUSINESS), subscription_to(BUSINESS, at), ENTERPRISE, at)
    assert (upgrade.bill.total, upgrade.bill.credit_left) == (2_999_900, 499_900)

    enterprise = subscription_to(ENTERPRISE, at, credit="4999.00", scheduled=STARTER)
    bill = renewal_bill(
        case_on(ENTERPRISE),
        enterprise,
        enterprise.cycle.following(STARTER, CURRENT_CATALOGUE),
        enterprise.cycle.ends_at,
    )
    assert amounts(bill) == [(PLAN, 4_900), (CREDIT, -4_900)]
    assert (bill.total, bill.credit_left) == (0, 495_000)

    starter = subscription_to(STARTER, at, credit="4950.00", overage=7)
    ended = deactivation(case_on(STARTER), starter, local(2026, 3, 20))
    assert amounts(ended.bill) == [(OVERAGE, 70), (CREDIT, -70)]
    assert (ended.bill.total, ended.bill.credit_left) == (0, 494_930)


def test_a_reactivation_leaves_a_credit_alone() -> None:
    """C6: it waits through a deactivation."""
    before = subscription_to(PRO, credit="499.00")
    again = plan_change(
        case_on(None, status=CaseStatus.DEACTIVATED), before, STARTER, local(2026, 5, 1), PaymentMethod.CARD
    )
    assert (amounts(again.bill), again.bill.credit_left) == ([(PLAN, 4_900)], 49_900)


def test_a_deactivation_without_overage_bills_nothing() -> None:
    """So that there is no invoice."""
    ended = deactivation(case_on(PRO), subscription_to(PRO, credit="1.00"), local(2026, 2, 10))
    assert (ended.bill.lines, ended.bill.credit_left) == ((), 100)


def test_an_upgrade_on_monthly_invoices_gives_its_credit_beside_its_plan() -> None:
    """C6: nothing is carried."""
    now = local(2026, 2, 10, 14)
    pro = subscription_to(PRO, local(2026, 1, 31, 10), payment=MONTHLY, overage=3)
    change = plan_change(case_on(PRO), pro, BUSINESS, now)
    assert amounts(change.bill) == [(OVERAGE, 30), (PLAN, 499_900), (CREDIT, -32_079)]
    assert {line.effective_at for line in change.bill.lines[1:]} == {now}
    assert (change.charge, change.bill.credit_left) == (Decimal("0.00"), 0)


def test_a_carried_credit_stays_on_the_invoice_of_the_month_of_the_last_line() -> None:
    """C6: overage of March and the plan of April go on two invoices; the credit goes with the plan, at its date."""
    monthly = subscription_to(STARTER, local(2026, 3, 1, 10), payment=MONTHLY, overage=600, credit="100.00")
    bill = renewal_bill(
        case_on(STARTER), monthly, monthly.cycle.following(STARTER, CURRENT_CATALOGUE), monthly.cycle.ends_at
    )
    assert amounts(bill) == [(OVERAGE, 6_000), (PLAN, 4_900), (CREDIT, -4_900)]
    assert bill.lines[2].effective_at == local(2026, 4, 1)
    assert bill.credit_left == 5_100

    inside = subscription_to(STARTER, local(2026, 3, 3, 10), payment=MONTHLY, overage=600, credit="100.00")
    bill = renewal_bill(
        case_on(STARTER), inside, inside.cycle.following(STARTER, CURRENT_CATALOGUE), inside.cycle.ends_at
    )
    assert (amounts(bill)[2], bill.credit_left) == ((CREDIT, -10_000), 0)


def test_credits_do_not_go_on_a_purchase() -> None:
    """C6: it is billed without the pool."""
    bill = card_bill([purchase_line(1_000, 1, 2, local(2026, 3, 3))], (), QUEBEC, local(2026, 3, 3))
    assert amounts(bill) == [(PURCHASE, 10_000), (TAX, 1_498)]


@pytest.mark.parametrize("rate", [NO_TAX, Decimal("0.05"), Decimal("0.1"), Decimal("0.13"), QUEBEC])
def test_tokens_raise_the_tax_of_an_invoice_by_no_more_than_is_told(rate: Decimal) -> None:
    """C6: whatever else the invoice holds, credits of any amount among it; and no less is told than may be."""
    for added in range(0, 300, 10):
        raised = {tax_on(sum_ + added, rate) - tax_on(sum_, rate) for sum_ in range(400)}
        assert added * rate <= most_tax(added, rate)
        assert max(raised) <= most_tax(added, rate) < added * rate + 2

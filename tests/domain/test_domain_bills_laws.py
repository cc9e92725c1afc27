"""Laws of bills: no total below nothing, credits used once and never paid out, tax to the nearest cent (C6)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from app.domain.bills import Bill, Credit, Line, LineKind, card_bill, monthly_bill, tax_line
from app.domain.cycles import Month
from app.domain.plans import PlanTier

laws = settings(max_examples=400, derandomize=True, deadline=None)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
instants = st.integers(0, 60 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
amounts = st.integers(0, 4_000_000)
rates = st.integers(0, 99_999).map(lambda part: Decimal(part).scaleb(-5))
credits_carried = st.lists(st.tuples(instants, st.integers(1, 600_000)), max_size=5).map(
    lambda given: [
        Credit(number, number, PlanTier.PRO, at, at + timedelta(days=30), left)
        for number, (at, left) in enumerate(given, 1)
    ]
)
billed = st.lists(st.tuples(instants, amounts), max_size=3).map(
    lambda lines: [Line(LineKind.PLAN, at, 1, amount, cycle=1) for at, amount in sorted(lines)]
)


def used(bill: Bill) -> int:
    """Cents that were given back."""
    return -sum(line.amount for line in bill.lines if line.kind is LineKind.PRORATION_CREDIT)


def check_credits(bill: Bill, carried: Sequence[Credit]) -> None:
    """What was carried is used or left; each as far as it goes, and a later one when those before are used up."""
    assert used(bill) + bill.credit_left == sum(credit.left for credit in carried)
    by_change = {line.credit_of: -line.amount for line in bill.lines if line.kind is LineKind.PRORATION_CREDIT}
    assert all(amount > 0 for amount in by_change.values())
    in_order = sorted(carried, key=lambda credit: credit.arose_at)
    assert all(by_change.get(credit.change, 0) <= credit.left for credit in in_order)
    for earlier, later in pairwise(in_order):
        assert later.change not in by_change or by_change.get(earlier.change, 0) == earlier.left


@laws
@given(billed, credits_carried, rates, instants)
def test_a_card_pays_no_less_than_nothing_and_all_that_a_credit_leaves(
    lines: list[Line], carried: list[Credit], rate: Decimal, at: datetime
) -> None:
    bill = card_bill(lines, carried, rate, at)
    check_credits(bill, carried)
    before_tax = sum(line.amount for line in lines) - used(bill)
    tax = sum(line.amount for line in bill.lines if line.kind is LineKind.TAX)
    assert bill.total == before_tax + tax
    assert before_tax >= 0
    assert before_tax == 0 or bill.credit_left == 0
    assert tax == 0 or 0 < tax <= before_tax + 1


@laws
@given(billed, credits_carried, st.one_of(st.none(), st.integers(1, 600_000)), instants)
def test_no_part_of_a_monthly_invoice_is_less_than_nothing(
    lines: list[Line], carried: list[Credit], own: int | None, at: datetime
) -> None:
    """Whatever month each line falls into; the credit of an upgrade is less than the plan that it goes with."""
    if own is not None:
        lines = [*lines, Line(LineKind.PLAN, at, 1, own + 1, cycle=2)]
        lines.sort(key=lambda line: line.effective_at)
        at = lines[-1].effective_at
        lines[-1] = Line(LineKind.PLAN, at, 1, max(own + 1, lines[-1].amount), cycle=2)
    credit = None if own is None else Credit(None, 1, PlanTier.PRO, at, at, own)
    bill = monthly_bill(lines, credit, carried, at)
    mine = sum(-line.amount for line in bill.lines if line.amount < 0 and line.credit_of is None)
    assert mine == (own or 0)
    rest = Bill(tuple(line for line in bill.lines if line.amount >= 0 or line.credit_of), bill.credit_left)
    check_credits(rest, carried)
    for month in {Month.of(line.effective_at) for line in bill.lines}:
        assert sum(line.amount for line in bill.lines if Month.of(line.effective_at) == month) >= 0
    assert not any(line.kind is LineKind.TAX for line in bill.lines)


@laws
@given(rates, amounts)
def test_tax_is_the_nearest_cent(rate: Decimal, taxed: int) -> None:
    """Half a cent goes to the even one."""
    line = tax_line(rate, taxed, FIRST)
    assert (0 if line is None else line.amount) == round(Fraction(rate) * taxed)

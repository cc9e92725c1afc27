"""Laws of money that hold in every state of the model: what was used is billed once, to the token and the cent (C6)."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from tests.model.history_money import MoneyHistory, draw_rates
from tests.model.model import Model
from tests.model.model_books import Invoice
from tests.model.model_case import Case
from tests.model.model_charges import Line, cents
from tests.model.model_cycles import end_of_month, month_of
from tests.model.model_prices import PLANS

STEPS = 60
over_histories = pytest.mark.parametrize("seed", range(300, 324))


@cache
def model_after(seed: int) -> Model:
    """The model at the end of a history, to look at."""
    cards = seed % 2 == 0
    model, history = Model(tax_rates=draw_rates(seed), charges_cards=cards), MoneyHistory(seed, cards=cards)
    for _ in range(STEPS):
        command = history.next(model)
        getattr(model, command.method)(**vars(command))
    return model


def lines_of(model: Model, case: Case, kind: str) -> list[Line]:
    return [
        line
        for invoice in model.books.invoices
        for name, line in invoice.lines
        if (name, line.kind) == (case.name, kind)
    ]


def parts(model: Model) -> Iterator[tuple[Invoice, str, list[Line]]]:
    """Each invoice case by case."""
    for invoice in model.books.invoices:
        for case in dict.fromkeys(name for name, _ in invoice.lines):
            yield invoice, case, [line for name, line in invoice.lines if name == case]


@over_histories
def test_every_overage_token_of_a_cycle_that_has_ended_is_billed_once(seed: int) -> None:
    model = model_after(seed)
    for case in model.cases.values():
        ended = case.cycles[:-1] if case.status == "ACTIVE" else case.cycles
        used = Counter[int]()
        for entry in case.entries:
            used[entry.cycle] += entry.overage_change
        billed = [(line.cycle, line.quantity) for line in lines_of(model, case, "OVERAGE")]
        assert sorted(billed) == [(cycle.number, used[cycle.number]) for cycle in ended if used[cycle.number]]


@over_histories
def test_every_cycle_and_every_purchase_is_billed_once(seed: int) -> None:
    model = model_after(seed)
    for case in model.cases.values():
        plans = [(line.cycle, line.amount) for line in lines_of(model, case, "PLAN")]
        assert sorted(plans) == [(cycle.number, cents(PLANS[cycle.tier].price)) for cycle in case.cycles]
        bought = [(line.entry, line.quantity) for line in lines_of(model, case, "TOKEN_PURCHASE")]
        entries = [(e.sequence, e.balance_change) for e in case.entries if e.kind == "PURCHASE"]
        assert sorted(bought) == entries


@over_histories
def test_a_credit_is_no_more_than_its_cycle_cost_and_is_used_or_left(seed: int) -> None:
    model = model_after(seed)
    for case in model.cases.values():
        given = {charge.at: charge.earned for charge in case.charges if charge.kind == "UPGRADE"}
        back = lines_of(model, case, "PRORATION_CREDIT")
        earned = sum(cents(charge.earned) for charge in case.charges)
        assert earned + sum(line.amount for line in back) == cents(case.credit_left)
        assert len(given) <= len(case.cycles)
        for cycle in case.cycles:
            assert -sum(line.amount for line in back if line.cycle == cycle.number) <= cents(PLANS[cycle.tier].price)


@over_histories
def test_no_part_of_an_invoice_is_less_than_nothing_and_tax_is_on_each(seed: int) -> None:
    model = model_after(seed)
    for invoice, _, lines in parts(model):
        assert sum(line.amount for line in lines) >= 0
        taxes = [line for line in lines if line.kind == "TAX"]
        assert len(taxes) <= (invoice.number is not None)
        rest = sum(line.amount for line in lines if line.kind != "TAX")
        rate = model.tax_rates[invoice.organization]
        if invoice.number is not None:
            assert 2 * abs(sum(line.amount for line in taxes) - rate * rest) <= 1


@over_histories
def test_a_monthly_invoice_is_of_its_month_and_comes_after_it(seed: int) -> None:
    model = model_after(seed)
    assert model.now is not None
    for invoice in model.books.invoices:
        if invoice.month is not None:
            dated = [line.at for _, line in invoice.lines if line.kind != "TAX"]
            assert {month_of(at) for at in dated} == {invoice.month}
            assert (invoice.issued_at or model.now) >= end_of_month(invoice.month) or invoice.number is None


@over_histories
def test_numbers_are_consecutive_in_the_order_of_issue(seed: int) -> None:
    model = model_after(seed)
    for organization in ("contracted", "not contracted"):
        issued = sorted((i for i in model.books.of(organization) if i.number), key=lambda i: i.number or 0)
        assert [invoice.number for invoice in issued] == list(range(1, len(issued) + 1))
        dates = [invoice.issued_at for invoice in issued if invoice.issued_at is not None]
        assert len(dates) == len(issued)
        assert all(earlier <= later for earlier, later in pairwise(dates))


def test_histories_reach_what_money_does() -> None:
    """Without this a change of the draw could quietly stop exercising a rule."""
    seen = Counter[str]()
    for seed in range(300, 400):
        seen.update(sights_of(model_after(seed)))
    rare = {"tax", "half a cent", "covered by credit", "credit carried into a month", "two invoices of a month"}
    rare |= {"several cases", "declined renewal", "overage of a month before", "oldest credit first"}
    assert {name for name in rare if seen[name] < 2} == set()


def sights_of(model: Model) -> Iterator[str]:
    for invoice, _, lines in parts(model):
        kinds = [line.kind for line in lines]
        yield from ["tax"] * ("TAX" in kinds)
        rest = sum(line.amount for line in lines if line.kind != "TAX")
        yield from ["half a cent"] * (model.tax_rates[invoice.organization] * rest % 1 * 2 == 1)
        yield from ["covered by credit"] * (invoice.number is not None and rest == 0)
        yield from ["declined renewal"] * (invoice.tried and invoice.status == "OPEN")
        yield from ["oldest credit first"] * (kinds.count("PRORATION_CREDIT") > 1 and invoice.month is None)
        own = {line.at for line in lines if line.kind == "PLAN"}
        carried = [line for line in lines if line.kind == "PRORATION_CREDIT" and line.until and line.at >= line.until]
        yield from ["credit carried into a month"] * (invoice.month is not None and bool(carried) and bool(own))
    for invoice in model.books.invoices:
        yield from ["several cases"] * (len({name for name, _ in invoice.lines}) > 1)
        if invoice.month is not None:
            same = [i for i in model.books.of(invoice.organization) if i.month == invoice.month]
            yield from ["two invoices of a month"] * (len(same) > 1)
            ended = [line for _, line in invoice.lines if line.kind == "OVERAGE"]
            yield from ["overage of a month before"] * any(line.until == end_of_month(invoice.month) for line in ended)

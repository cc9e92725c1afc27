"""What documents cost, field by field and mode by mode (P2)."""

from itertools import product

import pytest

from app.domain.plans import PlanTier
from app.domain.rates import RATE_CARD, RESOLVED_MODES, Price, ScanMode, ScanRate, TaskKind, TaskScope, price

BY_MODE = {ScanMode.TEXT: 1, ScanMode.IMAGE: 5, ScanMode.AUDIO: 10, ScanMode.VIDEO: 20}
MULTI_CODE_RANGES = {
    ScanMode.TEXT: (1, 8),
    ScanMode.IMAGE: (5, 12),
    ScanMode.AUDIO: (10, 17),
    ScanMode.VIDEO: (20, 27),
}
"""Tokens for 1 and for 8 active fields, as published."""


@pytest.mark.parametrize("mode", ScanMode)
def test_a_single_scan_is_free_in_every_mode(mode: ScanMode) -> None:
    assert price(TaskKind.SCAN, TaskScope.SINGLE, mode, 1) == Price(reserve=0, charges=(0, 0, 0, 0))


@pytest.mark.parametrize(("mode", "tokens"), BY_MODE.items())
def test_a_bulk_scan_costs_its_modes_rate(mode: ScanMode, tokens: int) -> None:
    assert price(TaskKind.SCAN, TaskScope.BULK, mode, 1) == Price(reserve=tokens, charges=(tokens,) * 4)


def test_a_bulk_auto_scan_reserves_the_dearest_rate_and_charges_the_resolved_one() -> None:
    assert price(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, 1) == Price(reserve=20, charges=(1, 5, 10, 20))


@pytest.mark.parametrize("scope", TaskScope)
@pytest.mark.parametrize("fields", range(1, 9))
def test_multi_code_adds_a_token_for_every_further_field(scope: TaskScope, fields: int) -> None:
    """The same alone and in bulk; AUTO reserves 20 + (n - 1)."""
    extra = fields - 1
    for mode, tokens in BY_MODE.items():
        each = tokens + extra
        assert price(TaskKind.MULTI_CODE, scope, mode, fields) == Price(reserve=each, charges=(each,) * 4)
    assert price(TaskKind.MULTI_CODE, scope, ScanMode.AUTO, fields) == Price(
        reserve=20 + extra, charges=(1 + extra, 5 + extra, 10 + extra, 20 + extra)
    )


@pytest.mark.parametrize(("mode", "published"), MULTI_CODE_RANGES.items())
def test_multi_code_costs_the_published_range(mode: ScanMode, published: tuple[int, int]) -> None:
    one, eight = (price(TaskKind.MULTI_CODE, TaskScope.BULK, mode, fields).reserve for fields in (1, 8))
    assert (one, eight) == published


def test_no_success_is_charged_more_than_was_reserved() -> None:
    """T2: the reservation is the worst case, whatever a document turns out to be."""
    for kind, scope, mode, fields in product(TaskKind, TaskScope, ScanMode, range(1, 9)):
        cost = price(kind, scope, mode, fields)
        assert max(cost.charges) == cost.reserve
        assert min(cost.charges) >= 0


def test_the_rate_card_has_a_line_for_every_kind_scope_and_mode() -> None:
    assert set(RATE_CARD) == set(product(TaskKind, TaskScope, ScanMode))
    for (kind, scope, mode), rate in RATE_CARD.items():
        assert (rate.kind, rate.scope, rate.mode) == (kind, scope, mode)


@pytest.mark.parametrize(
    "rate",
    [
        ScanRate(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 0, None, 0, PlanTier.STARTER),
        ScanRate(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.VIDEO, 0, 0, 0, PlanTier.STARTER),
        ScanRate(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, 20, None, 0, PlanTier.STARTER),
        ScanRate(TaskKind.SCAN, TaskScope.BULK, ScanMode.IMAGE, 5, 5, 0, PlanTier.STARTER),
        ScanRate(TaskKind.MULTI_CODE, TaskScope.SINGLE, ScanMode.TEXT, 1, 1, 1, PlanTier.PRO),
        ScanRate(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.AUTO, 20, None, 1, PlanTier.PRO),
        ScanRate(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.AUDIO, 10, 10, 1, PlanTier.PRO),
    ],
    ids=lambda rate: f"{rate.kind}-{rate.scope}-{rate.mode}",
)
def test_a_line_of_the_rate_card_says_what_one_field_costs_and_who_may_run_it(rate: ScanRate) -> None:
    assert RATE_CARD[rate.kind, rate.scope, rate.mode] == rate


def test_resolved_modes_stand_in_the_order_of_the_charges() -> None:
    assert RESOLVED_MODES == (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)

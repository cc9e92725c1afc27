"""Shares of a whole in tenths of a percent: what a month shows beside its categories (C4)."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.months import shares

laws = settings(max_examples=300, derandomize=True, deadline=None)
parts = st.lists(st.integers(0, 10**15) | st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(
    ("tokens", "tenths"),
    [
        ([], []),
        ([0], [0]),
        ([0, 0], [0, 0]),
        ([7], [1000]),
        ([1, 1], [500, 500]),
        ([1, 1, 1], [334, 333, 333]),
        ([2, 1], [667, 333]),
        ([1, 2], [333, 667]),
        ([1, 1, 1, 1, 1, 1], [167, 167, 167, 167, 166, 166]),
        ([2_000, 1, 0], [1000, 0, 0]),
        ([999_999, 1], [1000, 0]),
        ([1_999, 1], [1000, 0]),
        ([1_998, 1, 1], [999, 1, 0]),
    ],
)
def test_shares_round_by_the_largest_remainders_the_first_among_equals(tokens: list[int], tenths: list[int]) -> None:
    assert shares(tokens) == tenths


@laws
@given(parts)
def test_shares_of_something_make_exactly_a_hundred_percent(tokens: Sequence[int]) -> None:
    assert sum(shares(tokens)) == (1000 if sum(tokens) else 0)
    assert len(shares(tokens)) == len(tokens)


@laws
@given(parts)
def test_no_share_is_a_tenth_of_a_percent_off(tokens: Sequence[int]) -> None:
    """In whole numbers: floats would lie about counts above 2 to the 53rd."""
    whole = sum(tokens)
    for part, tenths in zip(tokens, shares(tokens), strict=True):
        assert abs(tenths * whole - part * 1000) < max(1, whole)
        assert tenths == 0 or part > 0


@laws
@given(parts)
def test_a_larger_part_never_shows_a_smaller_share(tokens: Sequence[int]) -> None:
    shown = sorted(zip(tokens, shares(tokens), strict=True))
    assert all(less[1] <= more[1] for less, more in pairwise(shown))


@laws
@given(parts, st.integers(1, 1_000))
def test_shares_do_not_hang_on_the_size_of_the_whole(tokens: list[int], times: int) -> None:
    assert shares([part * times for part in tokens]) == shares(tokens)

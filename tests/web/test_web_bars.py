"""The bar of a task."""

from hypothesis import given, settings, strategies as st

from app.web.bars import LEAST_WIDTH, bar


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.integers(1, 2**40), st.lists(st.integers(0, 2**40), min_size=3, max_size=3))
def test_every_part_of_the_bar_is_seen_and_all_of_it_fits(documents: int, counts: list[int]) -> None:
    left = documents
    done = []
    for count in counts:
        done.append(min(count, left))
        left -= done[-1]
    widths = bar(documents, done)
    assert [width >= LEAST_WIDTH if count else width == 0 for width, count in zip(widths, done, strict=True)] == [
        True
    ] * 3
    assert sum(widths) <= 1000 - (LEAST_WIDTH if left else 0)
    assert left or sum(widths) == 1000

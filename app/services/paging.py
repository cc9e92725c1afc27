"""Pages of a list by keyset: as many rows as asked for, and whether there are more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.domain.refusals import Flaw, InvalidInput

T = TypeVar("T")

DEFAULT_PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: Sequence[T]
    has_next: bool

    @classmethod
    def of(cls, rows: Sequence[T], size: int) -> "Page[T]":
        """From rows that were asked for one more than the page holds."""
        return cls(rows[:size], len(rows) > size)


def page_size(first: int | None) -> int | InvalidInput:
    """1 to 100, 20 unless told."""
    if first is None:
        return DEFAULT_PAGE
    if not 1 <= first <= LARGEST_PAGE:
        return InvalidInput("first", Flaw.FIRST_OUT_OF_RANGE, {"most": LARGEST_PAGE})
    return first

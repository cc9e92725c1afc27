"""The summands of a figure, each with what it says of itself (C5, C6, L4). Values of money are whole cents of CAD."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.cycles import Cycle
from app.domain.invoices import InvoiceLine
from app.domain.ledger import EntryKind
from app.domain.plans import Plan, PlanTier
from app.domain.rates import UsageCategory


@dataclass(frozen=True, slots=True)
class ByKind:
    """What all entries of one kind change the figure by."""

    kind: EntryKind
    value: int


@dataclass(frozen=True, slots=True)
class ByCategory:
    """What all charges of one category make."""

    category: UsageCategory
    value: int


@dataclass(frozen=True, slots=True)
class CycleCap:
    """The cap that a cycle could fill to (C5)."""

    cycle: Cycle
    value: int


@dataclass(frozen=True, slots=True)
class CycleRefills:
    """So many daily refills of so many tokens each, one for every 09:00 of a cycle (C5)."""

    cycle: Cycle
    refills: int
    each: int

    @property
    def value(self) -> int:
        return self.refills * self.each


@dataclass(frozen=True, slots=True)
class DailyRefill:
    """What a refill adds at most (L4)."""

    plan: Plan
    value: int


@dataclass(frozen=True, slots=True)
class NoRoom:
    """What of a refill does not fit: cap, and the granted tokens that are in the tank already (L4)."""

    cap: int
    granted: int
    value: int


@dataclass(frozen=True, slots=True)
class CyclePrice:
    """A plan for a cycle, in full (C1). until: its planned end."""

    tier: PlanTier
    starts_at: datetime
    until: datetime
    value: int


@dataclass(frozen=True, slots=True)
class PricedTokens:
    """So many tokens at a price each. category: of the overage that they are; None: they were bought."""

    category: UsageCategory | None
    tokens: int
    each: int

    @property
    def value(self) -> int:
        return self.tokens * self.each


@dataclass(frozen=True, slots=True)
class UnusedDays:
    """What an upgrade gives back of the cycle that it cut: the unused days of all that were paid (C2)."""

    tier: PlanTier
    upgraded_at: datetime
    price: int
    unused: int
    days: int
    value: int


@dataclass(frozen=True, slots=True)
class CreditElsewhere:
    """What of a credit is on other invoices, or still carried (C6)."""

    value: int


@dataclass(frozen=True, slots=True)
class Tax:
    """A share of the other lines of one case on the invoice; half a cent rounds to even (C6)."""

    rate: Decimal
    taxed: int
    value: int


@dataclass(frozen=True, slots=True)
class LineAmount:
    """A line of an invoice."""

    line: InvoiceLine

    @property
    def value(self) -> int:
        return self.line.line.amount


Term = (
    ByKind | ByCategory | CycleCap | CycleRefills | DailyRefill | NoRoom | CyclePrice | PricedTokens | UnusedDays
    | CreditElsewhere | Tax | LineAmount
)  # fmt: skip
"""One summand, with its sign."""


def by_kind(parts: Iterable[tuple[EntryKind, int]]) -> tuple[ByKind, ...]:
    """In the order of the kinds; what is 0 is left out."""
    totals = dict.fromkeys(EntryKind, 0)
    for kind, tokens in parts:
        totals[kind] += tokens
    return tuple(ByKind(kind, tokens) for kind, tokens in totals.items() if tokens)


def by_category(parts: Iterable[tuple[UsageCategory | None, int]]) -> tuple[ByCategory, ...]:
    """Largest first, as the table of a month; entries without a category have charged nothing."""
    totals = dict.fromkeys(UsageCategory, 0)
    for category, tokens in parts:
        if category is not None:
            totals[category] += tokens
    used = sorted(((category, tokens) for category, tokens in totals.items() if tokens), key=lambda item: -item[1])
    return tuple(ByCategory(category, tokens) for category, tokens in used)

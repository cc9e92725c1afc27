"""What a case used in a month: the sum over every cycle that began in it (C4, C5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import plans
from app.domain.cycles import Cycle, Month, plan_tokens
from app.domain.plans import PlanTier
from app.domain.rates import UsageCategory


@dataclass(frozen=True, slots=True)
class CycleUsage:
    """A cycle with what was granted and charged in it, in tokens. charged holds overage, too."""

    cycle: Cycle
    granted: int
    charged: Mapping[UsageCategory, int]
    overage: int


@dataclass(frozen=True, slots=True)
class CategoryUsage:
    category: UsageCategory
    tokens: int
    share: float


def shares(tokens: Sequence[int]) -> list[int]:
    """Parts of a whole in tenths of a percent, which make 1,000 by the largest remainders; all 0 for nothing."""
    whole = sum(tokens)
    if not whole:
        return [0] * len(tokens)
    exact = [divmod(part * 1000, whole) for part in tokens]
    missing = 1000 - sum(tenths for tenths, _ in exact)
    largest = sorted(range(len(tokens)), key=lambda place: -exact[place][1])[:missing]
    return [tenths + (place in largest) for place, (tenths, _) in enumerate(exact)]


_NOTHING = dict.fromkeys(UsageCategory, 0)


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """A month of a case; its cycles in order, at least one. previous and next are its neighbours that hold a cycle."""

    usage: Sequence[CycleUsage]
    previous: Month | None
    next: Month | None

    @property
    def month(self) -> Month:
        return self.usage[0].cycle.month

    @property
    def cycles(self) -> list[Cycle]:
        return [part.cycle for part in self.usage]

    @property
    def highest_tier(self) -> PlanTier:
        return max((cycle.tier for cycle in self.cycles), key=lambda tier: tier.rank)

    @property
    def plan_tokens(self) -> int | None:
        """None: one of its cycles was unlimited."""
        parts = [
            plan_tokens(plans.plan(cycle.tier, cycle.catalogue), cycle.starts_at, cycle.ends_at)
            for cycle in self.cycles
        ]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    @property
    def granted(self) -> int:
        return sum(part.granted for part in self.usage)

    @property
    def consumed(self) -> int:
        return sum(sum(part.charged.values()) for part in self.usage)

    @property
    def overage(self) -> int:
        return sum(part.overage for part in self.usage)

    @property
    def by_category(self) -> list[CategoryUsage]:
        """Largest first, in the order of the categories among equals; categories with zero are left out."""
        totals = _NOTHING.copy()
        for part in self.usage:
            for category, tokens in part.charged.items():
                totals[category] += tokens
        used = sorted(((category, tokens) for category, tokens in totals.items() if tokens), key=lambda item: -item[1])
        consumed = self.consumed
        return [CategoryUsage(category, tokens, tokens / consumed) for category, tokens in used]

"""Overage that counts toward a case's ceiling on it: what is settled in a cycle, and what may still become so (T5)."""

from dataclasses import dataclass

from app.domain.cases import Terms


@dataclass(frozen=True, slots=True)
class OverageUse:
    """Tokens beyond the reservoir: settled in the open cycle, and provisional, set aside by all running tasks."""

    settled: int
    provisional: int

    @property
    def counted(self) -> int:
        """What of a ceiling is taken."""
        return self.settled + self.provisional

    def in_a_new_cycle(self) -> "OverageUse":
        """As an upgrade leaves it, which begins a cycle: running tasks go on, and settle in that one (C2, C4)."""
        return OverageUse(0, self.provisional)


NO_OVERAGE = OverageUse(0, 0)


def counts_overage(terms: Terms) -> bool:
    """Whether a ceiling applies, so that the overage in use matters to a task that lacks tokens."""
    return terms.overage_enabled and terms.overage_ceiling is not None


def overage_left(terms: Terms, use: OverageUse) -> int | None:
    """Tokens that new tasks may still lack: none with overage off, what the ceiling leaves with one. None: any (T5)."""
    if not terms.overage_enabled:
        return 0
    return None if terms.overage_ceiling is None else max(0, terms.overage_ceiling - use.counted)

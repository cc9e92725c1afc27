"""The reservoir: what is free, what running tasks hold, and what a fill or a refill adds (L2-L5, L7)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.cycles import due_day, eastern_date, refill_instant
from app.domain.plans import Plan


@dataclass(frozen=True, slots=True)
class Reservoir:
    """Tokens of a case. balance and cap None: unlimited (L7); all 0 while the case is not active (L6)."""

    balance: int | None
    held: int
    purchased: int
    cap: int | None

    @property
    def fill(self) -> float | None:
        """How full the tank is, 0 to 1: free and held over the cap. None: unlimited."""
        if self.cap is None:
            return None
        return min(1.0, ((self.balance or 0) + self.held) / self.cap) if self.cap else 0.0

    def fill_tokens(self, cap: int | None) -> int:
        """What filling up to a plan's cap adds (L5); nothing to an unlimited reservoir."""
        return 0 if cap is None else max(0, cap + self.purchased - (self.balance or 0) - self.held)

    def balance_after_fill(self, cap: int | None) -> int | None:
        """What is free right after filling up to a plan's cap, as an upgrade does (L5). None: unlimited."""
        return None if cap is None else (self.balance or 0) + self.fill_tokens(cap)

    def clamp_tokens(self, cap: int | None) -> int:
        """What a downgrade takes from the balance (L6): granted tokens above the new cap; held ones are never cut.

        An unlimited reservoir has no balance to take from: `balance_after_downgrade` says what it gets (L7).
        """
        if self.balance is None or cap is None:
            return 0
        above = max(0, self.balance + self.held - self.purchased - cap)
        return min(above, max(0, self.balance - self.purchased))

    def balance_after_downgrade(self, cap: int | None) -> int | None:
        """What is free once a downgrade to a plan has taken effect (L6, L7). None: the plan is unlimited."""
        if cap is None:
            return None
        if self.balance is None:
            return self.purchased + max(0, cap - self.held)
        return self.balance - self.clamp_tokens(cap)

    def refill_tokens(self, plan: Plan) -> int:
        """What a daily refill at this moment adds (L4)."""
        if not plan.daily_refill or plan.cap is None:
            return 0
        granted = (self.balance or 0) + self.held - self.purchased
        return max(0, min(plan.daily_refill, plan.cap - granted))


@dataclass(frozen=True, slots=True)
class NextRefill:
    """When the next scheduled addition comes, and its tokens if nothing changed until then."""

    at: datetime
    tokens: int


@dataclass(frozen=True, slots=True)
class RefillsUntil:
    """How many daily refills it takes, the tokens that they add together, and when the last of them comes."""

    refills: int
    tokens: int
    at: datetime


def refills_until(reservoir: Reservoir, plan: Plan, tokens: int, next_refill_at: datetime) -> RefillsUntil | None:
    """When refills alone would make room for so many tokens, if nothing was spent or given back before (L4).

    None: they never would, because the plan has none or its cap and what is held leave too little room.
    """
    missing = tokens - (reservoir.balance or 0)
    if not plan.daily_refill or plan.cap is None or missing <= 0:
        return None
    room = plan.cap - ((reservoir.balance or 0) + reservoir.held - reservoir.purchased)
    if missing > room:
        return None
    refills = -(-missing // plan.daily_refill)
    last = refill_instant(eastern_date(next_refill_at) + timedelta(days=refills - 1))
    return RefillsUntil(refills, min(refills * plan.daily_refill, room), last)


def next_refill_at(now: datetime, refilled_on: date) -> datetime:
    """The 09:00 Eastern after the last date that is done; now, where it has come and is yet to be done (L4)."""
    return max(now, refill_instant(refilled_on + timedelta(days=1)))


def done_from(plan: Plan, now: datetime) -> date | None:
    """The date up to which refills are done for a case that is filled, or put on the plan, at this instant (L4).

    A fill at or after 09:00:00 marks its own date done, one before does not. None: the plan has no refill.
    """
    return due_day(now) if plan.refills else None

"""What a case of the demonstration can spend, as far as planning its year needs it: the service itself decides."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.cycles import Cycle
from app.domain.plans import CURRENT_CATALOGUE, Plan, PlanTier, plan
from app.runtime.demonstration.deeds import Activated, Bought, Deactivated, Deed, DowngradeScheduled, Upgraded

_OVERAGE = 12
"""Where overage is allowed, people let a task take as much of it as this part of the cap."""


@dataclass(slots=True)
class Tank:
    """tokens: what is free; None where the plan is unlimited. plan None: the case is not active."""

    plan: Plan | None = None
    tokens: int | None = 0
    overage: bool = False
    cycle: Cycle | None = None
    scheduled: PlanTier | None = None

    def change(self, deed: Deed, at: datetime) -> None:
        match deed:
            case Activated(tier) | Upgraded(tier):
                self.plan, self.scheduled = plan(tier), None
                self.tokens = self.plan.cap
                self.cycle = Cycle.beginning(1, self.plan, CURRENT_CATALOGUE, at)
            case DowngradeScheduled(tier):
                self.scheduled = tier
            case Bought(tokens) if self.tokens is not None:
                self.tokens += tokens
            case Deactivated():
                self.plan, self.tokens, self.cycle, self.scheduled = None, 0, None, None
            case _:
                self.overage = True

    def renew(self, at: datetime) -> datetime | None:
        """Ends the open cycle if it ends by the instant. Returns when it ended."""
        if self.cycle is None or self.plan is None or self.cycle.ends_at > at:
            return None
        ended_at = self.cycle.ends_at
        if self.scheduled is not None:
            self.plan, self.scheduled = plan(self.scheduled), None
            self.tokens = self.plan.cap if self.tokens is None else min(self.tokens, self.plan.cap or 0)
        self.cycle = self.cycle.following(self.plan.tier, CURRENT_CATALOGUE)
        return ended_at

    def refill(self) -> None:
        """What 09:00 does."""
        if self.plan is None or self.tokens is None or self.plan.cap is None or self.plan.daily_refill is None:
            return
        self.tokens += max(0, min(self.plan.daily_refill, self.plan.cap - self.tokens))

    def room(self) -> int | None:
        """How many tokens a task may reserve; None: any number."""
        if self.plan is None or self.tokens is None or self.plan.cap is None:
            return None
        return self.tokens + (self.plan.cap // _OVERAGE if self.overage else 0)

    def take(self, tokens: int) -> None:
        if self.tokens is not None:
            self.tokens = max(0, self.tokens - tokens)

    def give_back(self, tokens: int) -> None:
        if self.tokens is not None:
            self.tokens += tokens

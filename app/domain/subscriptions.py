"""Subscriptions: the plan of a case from cycle to cycle, and what its timeline tells (C1-C3)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain import plans
from app.domain.bills import Credit
from app.domain.cases import PaymentMethod
from app.domain.cycles import Cycle
from app.domain.money import cad
from app.domain.plans import Plan, PlanTier


class ChangeOrigin(StrEnum):
    """Where a change is asked for: in the plan manager, or from the prompt that a refusal shows (C9)."""

    SETTINGS = "SETTINGS"
    PROMPT = "PROMPT"


class PlanEvent(StrEnum):
    """What the plan timeline of a case tells."""

    ACTIVATED = "ACTIVATED"
    REACTIVATED = "REACTIVATED"
    UPGRADED = "UPGRADED"
    DOWNGRADE_SCHEDULED = "DOWNGRADE_SCHEDULED"
    DOWNGRADE_CANCELLED = "DOWNGRADE_CANCELLED"
    DOWNGRADED = "DOWNGRADED"
    RENEWED = "RENEWED"
    DEACTIVATED = "DEACTIVATED"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event in the life of a plan, in CAD. tier: that of the case from then on, or the one that was scheduled
    or is so no longer.

    charge: what was due at once. credit: what the event left for the next invoice (C2).
    """

    number: int
    kind: PlanEvent
    occurred_at: datetime
    tier: PlanTier
    from_tier: PlanTier | None
    cycle_number: int
    charge: Decimal
    credit: Decimal
    actor: str


@dataclass(frozen=True, slots=True)
class ScheduledDowngrade:
    """The plan that follows at the end of the open cycle, as it was sold when it was scheduled (C3, P1)."""

    tier: PlanTier
    catalogue: int
    effective_at: datetime

    @property
    def plan(self) -> Plan:
        return plans.plan(self.tier, self.catalogue)


@dataclass(frozen=True, slots=True)
class Subscription:
    """How a case pays, and its latest cycle, which is the open one while the case is active.

    overage: tokens settled in that cycle beyond the reservoir. credits: carried to the next invoice that may use them.
    """

    payment_method: PaymentMethod
    cycle: Cycle
    scheduled: ScheduledDowngrade | None
    overage: int
    credits: tuple[Credit, ...] = ()

    @property
    def credit(self) -> Decimal:
        """All that is carried, in CAD."""
        return cad(sum(credit.left for credit in self.credits)).amount

    @property
    def plan(self) -> Plan:
        return plans.plan(self.cycle.tier, self.cycle.catalogue)

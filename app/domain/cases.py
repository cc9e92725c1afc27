"""Cases, the organizations they belong to, and the terms that their tasks are judged by."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain import plans
from app.domain.clocks import TestClock
from app.domain.cycles import due_day
from app.domain.plans import Plan, PlanTier
from app.domain.reservoirs import NextRefill, Reservoir, next_refill_at


class CaseStatus(StrEnum):
    NOT_ACTIVATED = "NOT_ACTIVATED"
    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"


class PaymentMethod(StrEnum):
    CARD = "CARD"
    MONTHLY_INVOICE = "MONTHLY_INVOICE"


@dataclass(frozen=True, slots=True)
class Organization:
    """A customer: a Nuix organization on one Discover portal.

    monthly_invoicing: it is on the contracted list (C7), under contract_id at Nuix. tax_rate: a share, 0 for none (C6).
    """

    organization_id: int
    uuid: UUID
    nuix_id: str
    name: str
    portal_url: str
    monthly_invoicing: bool
    contract_id: str | None = None
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a task is judged by, apart from tokens: status, plan and settings. version counts every change of them."""

    case_id: int
    uuid: UUID
    organization_id: int
    version: int
    status: CaseStatus
    tier: PlanTier | None
    catalogue: int | None
    overage_enabled: bool
    auto_upgrade_allowed: bool
    clock_id: int | None = None
    """The test clock that the case lives by; None: real time (C10)."""

    overage_ceiling: int | None = None
    """Overage tokens of a cycle beyond which no task may go; None: there is no limit."""

    @property
    def active(self) -> bool:
        return self.status is CaseStatus.ACTIVE

    @property
    def plan(self) -> Plan | None:
        """The plan at the version it was sold; None unless the case is active."""
        if not self.active or self.tier is None or self.catalogue is None:
            return None
        return plans.plan(self.tier, self.catalogue)


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands. tasks and entries: how many of each there are.

    refilled_on: the last New York date whose refill is done; None where there is none to come (L4).
    """

    terms: Terms
    organization: Organization
    name: str
    registered_at: datetime
    activated_at: datetime | None
    reservoir: Reservoir
    refilled_on: date | None
    tasks: int
    entries: int
    cycle_ends_at: datetime | None = None
    """Of the open cycle; None unless the case is active."""

    clock: TestClock | None = None

    def now(self, real: datetime) -> datetime:
        """What time it is for the case (C10)."""
        return real if self.clock is None else self.clock.now

    def is_behind(self, now: datetime) -> bool:
        """Whether something is due before a command at this instant: an ended cycle, or a refill (C10)."""
        ended = self.cycle_ends_at is not None and self.cycle_ends_at <= now
        return ended or (self.refilled_on is not None and self.refilled_on < due_day(now))

    def next_refill(self, now: datetime) -> NextRefill | None:
        """None: the plan has no daily refill, or the case is not active (L4)."""
        plan = self.terms.plan
        if plan is None or self.refilled_on is None:
            return None
        return NextRefill(next_refill_at(now, self.refilled_on), self.reservoir.refill_tokens(plan))

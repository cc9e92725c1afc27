"""Cases and subscriptions as they stand, made in a line; and instants by New York's wall clock."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.bills import Credit
from app.domain.callers import Role, Viewer
from app.domain.cases import Case, CaseStatus, Organization, PaymentMethod, Terms
from app.domain.cycles import Cycle
from app.domain.money import cents
from app.domain.plans import CURRENT_CATALOGUE, PlanTier, plan
from app.domain.reservoirs import Reservoir, done_from
from app.domain.subscriptions import ScheduledDowngrade, Subscription

NEW_YORK = ZoneInfo("America/New_York")


def local(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0, *, fold: int = 0
) -> datetime:
    """An instant by the wall clock of New York, in UTC."""
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=NEW_YORK, fold=fold).astimezone(UTC)


START = local(2026, 1, 31, 10)


def case_on(
    tier: PlanTier | None,
    tank: Reservoir | None = None,
    *,
    status: CaseStatus = CaseStatus.ACTIVE,
    auto_upgrade: bool = True,
    monthly_invoicing: bool = False,
) -> Case:
    """A case whose tank is full where nothing else is said. tier None: it is on no plan."""
    cap = 0 if tier is None else plan(tier).cap
    return Case(
        terms=Terms(
            case_id=1,
            uuid=UUID(int=1),
            organization_id=1,
            version=1,
            status=status,
            tier=tier,
            catalogue=None if tier is None else CURRENT_CATALOGUE,
            overage_enabled=False,
            auto_upgrade_allowed=auto_upgrade,
        ),
        organization=Organization(1, UUID(int=2), "1", "Firm", "https://portal.example.com", monthly_invoicing),
        name="Roe v. Doe",
        registered_at=START,
        activated_at=START,
        reservoir=tank or Reservoir(cap, 0, 0, cap),
        refilled_on=None if tier is None else done_from(plan(tier), START),
        tasks=0,
        entries=0,
    )


def subscription_to(
    tier: PlanTier,
    began: datetime = START,
    *,
    payment: PaymentMethod = PaymentMethod.CARD,
    overage: int = 0,
    credit: str = "0.00",
    scheduled: PlanTier | None = None,
) -> Subscription:
    """On the first cycle of the tier. overage: tokens settled in it; credit: CAD from before."""
    cycle = Cycle.beginning(1, plan(tier), CURRENT_CATALOGUE, began)
    waiting = None if scheduled is None else ScheduledDowngrade(scheduled, CURRENT_CATALOGUE, cycle.ends_at)
    carried = Credit(1, 0, tier, began, began, cents(Decimal(credit)))
    return Subscription(payment, cycle, waiting, overage, (carried,) if carried.left else ())


def viewer(role: Role) -> Viewer:
    return Viewer(1, "Ms. Roe", role, None if role is Role.OPERATOR else 1)

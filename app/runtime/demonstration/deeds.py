"""What somebody does to the plan of a case of the demonstration."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.refusals import Refusal
from app.domain.subscriptions import ChangeOrigin
from app.services import cases, purchases, subscriptions
from app.services.ports import Ports


@dataclass(frozen=True, slots=True)
class Activated:
    tier: PlanTier
    payment: PaymentMethod = PaymentMethod.CARD


@dataclass(frozen=True, slots=True)
class Upgraded:
    tier: PlanTier
    origin: ChangeOrigin = ChangeOrigin.SETTINGS


@dataclass(frozen=True, slots=True)
class DowngradeScheduled:
    tier: PlanTier


@dataclass(frozen=True, slots=True)
class Deactivated:
    pass


@dataclass(frozen=True, slots=True)
class Bought:
    tokens: int


@dataclass(frozen=True, slots=True)
class OverageAllowed:
    pass


Deed = Activated | Upgraded | DowngradeScheduled | Deactivated | Bought | OverageAllowed


async def do(deed: Deed, ports: Ports, viewer: Viewer, *, case_uuid: UUID, key: str) -> Case | Refusal:
    """Asks the service for it, once for a key."""
    change: Callable[..., Awaitable[Case | Refusal]]
    match deed:
        case Activated(tier, payment):
            change = partial(subscriptions.activate_case, tier=tier, payment_method=payment)
        case Upgraded(tier, origin):
            change = partial(subscriptions.upgrade_plan, tier=tier, origin=origin)
        case DowngradeScheduled(tier):
            change = partial(subscriptions.schedule_downgrade, tier=tier, origin=ChangeOrigin.SETTINGS)
        case Deactivated():
            change = subscriptions.deactivate_case
        case Bought(tokens):
            change = partial(purchases.buy_tokens, tokens=tokens)
        case OverageAllowed():
            change = partial(cases.update_case_settings, overage_enabled=True, auto_upgrade_allowed=None)
    return await change(ports, viewer, key=key, case_uuid=case_uuid)

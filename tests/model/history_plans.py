"""Random changes of plan: mostly ones that the case may have, sometimes ones that make no sense for it."""

from datetime import datetime
from random import Random
from typing import Any

from tests.model.history_commands import (
    Activate,
    Buy,
    PreviewChange,
    PreviewDeactivation,
    Reactivate,
    ScheduleDowngrade,
    Upgrade,
)
from tests.model.history_times import weighted
from tests.model.model_case import Case
from tests.model.model_input_faults import MOST_BOUGHT
from tests.model.model_plan_commands import CONTRACTED
from tests.model.model_prices import TIERS

PURCHASES = (1, 50, 777, 1_000, 5_000, 123_456)


def draw_beginning(random: Random, case: Case, sender: dict[str, Any]) -> Activate | Reactivate:
    """Mostly the one of the two that the case may have next, and mostly paid in a way that it may."""
    tier = weighted(random, dict(zip(TIERS, (40, 30, 15, 15), strict=True)))
    monthly = random.random() < (0.5 if case.name in CONTRACTED else 0.04)
    first = random.random() < {"NOT_ACTIVATED": 0.9, "ACTIVE": 0.5, "DEACTIVATED": 0.1}[case.status]
    command = Activate if first else Reactivate
    return command(case=case.name, tier=tier, payment_method="MONTHLY_INVOICE" if monthly else "CARD", **sender)


def draw_upgrade(random: Random, case: Case, sender: dict[str, Any]) -> Upgrade:
    """Mostly to a dearer plan."""
    tier = _tier(random, TIERS[TIERS.index(case.tier) + 1 :])
    return Upgrade(case=case.name, tier=tier, origin="PROMPT" if random.random() < 0.3 else "SETTINGS", **sender)


def draw_downgrade(random: Random, case: Case, sender: dict[str, Any]) -> ScheduleDowngrade:
    """Mostly to a cheaper plan."""
    tier = _tier(random, TIERS[: TIERS.index(case.tier)])
    origin = "PROMPT" if random.random() < 0.1 else "SETTINGS"
    return ScheduleDowngrade(case=case.name, tier=tier, origin=origin, **sender)


def draw_preview(random: Random, case: Case, at: datetime) -> PreviewChange | PreviewDeactivation:
    """Of any plan, or of none."""
    if random.random() < 0.15:
        return PreviewDeactivation(case=case.name, at=at)
    return PreviewChange(case=case.name, tier=random.choice(TIERS), at=at)


def draw_purchase(random: Random, case: Case, sender: dict[str, Any]) -> Buy:
    """From one token to more than any plan has; sometimes of an impossible number."""
    tokens = random.choice((0, -5, MOST_BOUGHT + 1)) if random.random() < 0.03 else random.choice(PURCHASES)
    return Buy(case=case.name, tokens=tokens, **sender)


def _tier(random: Random, sensible: tuple[str, ...]) -> str:
    return random.choice(TIERS if random.random() < 0.12 or not sensible else sensible)

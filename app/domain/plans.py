"""Plans and prices as versioned data (P1): a subscription keeps the version of the catalogue that it was sold."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from app.domain.money import Currency, Money

REFILLS_IN_CEILING = 30
"""Daily refills counted in a plan's illustrative monthly ceiling."""


class PlanTier(StrEnum):
    """Tiers from the cheapest to the dearest."""

    STARTER = "STARTER"
    PRO = "PRO"
    BUSINESS = "BUSINESS"
    ENTERPRISE = "ENTERPRISE"

    @property
    def rank(self) -> int:
        """0 for the cheapest tier."""
        return _ORDER.index(self)

    def above(self) -> tuple["PlanTier", ...]:
        """Every dearer tier, the cheapest of them first."""
        return _ORDER[self.rank + 1 :]


_ORDER = tuple(PlanTier)


class Feature(StrEnum):
    SINGLE_DOCUMENT_SCANS = "SINGLE_DOCUMENT_SCANS"
    AGENT_MODE = "AGENT_MODE"
    SCAN_HISTORY = "SCAN_HISTORY"
    MULTIPLE_AGENT_THREADS = "MULTIPLE_AGENT_THREADS"
    CASE_CONTEXT = "CASE_CONTEXT"
    VISUAL_SCANS = "VISUAL_SCANS"
    MULTI_CODE = "MULTI_CODE"
    ECA = "ECA"
    PRIORITY_COMPUTE = "PRIORITY_COMPUTE"
    DEDICATED_SUPPORT = "DEDICATED_SUPPORT"


_ANNOUNCED_BY_NOBODY = frozenset({Feature.VISUAL_SCANS})
"""Named on the plan, but every tier can do it, so that no upgrade unlocks it (P3)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tier costs and allows, per case. A limit of None is unlimited, a value of its own (P1)."""

    tier: PlanTier
    name: str
    monthly_price: Money
    cap: int | None
    daily_refill: int | None
    bulk_task_limit: int | None
    saved_thread_limit: int | None
    features: tuple[Feature, ...]
    unlocks: tuple[Feature, ...]

    @property
    def monthly_ceiling(self) -> int | None:
        """Tokens: the cap and 30 daily refills, illustrative. None: there is no ceiling."""
        if self.cap is None or self.daily_refill is None:
            return None
        return self.cap + REFILLS_IN_CEILING * self.daily_refill

    @property
    def refills(self) -> bool:
        """Whether 09:00 adds tokens; an unlimited reservoir needs none (L4)."""
        return bool(self.daily_refill)


def _cad(amount: str) -> Money:
    return Money(Decimal(amount), Currency.CAD)


def _catalogue(*plans: Plan) -> Mapping[PlanTier, Plan]:
    return MappingProxyType({plan.tier: plan for plan in plans})


def announced(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """Those that a change of plan is said to bring or to take (P3)."""
    return tuple(feature for feature in features if feature not in _ANNOUNCED_BY_NOBODY)


_STARTER_FEATURES = (Feature.SINGLE_DOCUMENT_SCANS, Feature.AGENT_MODE, Feature.SCAN_HISTORY)
_PRO_ADDS = (Feature.MULTIPLE_AGENT_THREADS, Feature.CASE_CONTEXT, Feature.VISUAL_SCANS, Feature.MULTI_CODE)
_BUSINESS_ADDS = (Feature.ECA,)
_ENTERPRISE_ADDS = (Feature.PRIORITY_COMPUTE, Feature.DEDICATED_SUPPORT)

CATALOGUES: Mapping[int, Mapping[PlanTier, Plan]] = MappingProxyType(
    {
        1: _catalogue(
            Plan(
                tier=PlanTier.STARTER,
                name="Starter",
                monthly_price=_cad("49.00"),
                cap=1_000,
                daily_refill=0,
                bulk_task_limit=1_000,
                saved_thread_limit=10,
                features=_STARTER_FEATURES,
                unlocks=announced(_STARTER_FEATURES),
            ),
            Plan(
                tier=PlanTier.PRO,
                name="Pro",
                monthly_price=_cad("499.00"),
                cap=10_000,
                daily_refill=500,
                bulk_task_limit=10_000,
                saved_thread_limit=None,
                features=_STARTER_FEATURES + _PRO_ADDS,
                unlocks=announced(_PRO_ADDS),
            ),
            Plan(
                tier=PlanTier.BUSINESS,
                name="Business",
                monthly_price=_cad("4999.00"),
                cap=50_000,
                daily_refill=7_500,
                bulk_task_limit=100_000,
                saved_thread_limit=None,
                features=_STARTER_FEATURES + _PRO_ADDS + _BUSINESS_ADDS,
                unlocks=announced(_BUSINESS_ADDS),
            ),
            Plan(
                tier=PlanTier.ENTERPRISE,
                name="Enterprise",
                monthly_price=_cad("29999.00"),
                cap=None,
                daily_refill=None,
                bulk_task_limit=None,
                saved_thread_limit=None,
                features=_STARTER_FEATURES + _PRO_ADDS + _BUSINESS_ADDS + _ENTERPRISE_ADDS,
                unlocks=announced(_ENTERPRISE_ADDS),
            ),
        )
    }
)

CURRENT_CATALOGUE = max(CATALOGUES)
"""The version that is sold now."""


def plan(tier: PlanTier, version: int = CURRENT_CATALOGUE) -> Plan:
    """The plan of a tier in a version of the catalogue; KeyError where there is none."""
    return CATALOGUES[version][tier]


def first_with(feature: Feature) -> Plan:
    """The cheapest plan of today's catalogue that has the feature (P3)."""
    return next(plan for plan in CATALOGUES[CURRENT_CATALOGUE].values() if feature in plan.features)

"""Short descriptions of the plans, for cards, reports and mails."""

from collections.abc import Mapping
from types import MappingProxyType

from app.adapters.languages import Words, mark
from app.domain.plans import PlanTier

_DESCRIPTIONS: Mapping[PlanTier, str] = MappingProxyType(
    {
        PlanTier.STARTER: mark(
            "Unlimited single-document scans and Agent Mode; tokens for bulk scans as you need them."
        ),
        PlanTier.PRO: mark("Bulk scans with a daily refill, Multi-Code and Case Context."),
        PlanTier.BUSINESS: mark("The full feature set and early case assessment for large matters."),
        PlanTier.ENTERPRISE: mark("Unlimited tokens with priority compute and dedicated support."),
    }
)


def description(tier: PlanTier, words: Words) -> str:
    return words.say(_DESCRIPTIONS[tier])

"""What the plans are and bring, in words, for cards, previews, reports and mails."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.adapters.languages import Words, capitalized, mark
from app.adapters.task_texts import MULTI_CODE
from app.domain.cases import PaymentMethod
from app.domain.plans import Feature, Plan, PlanTier

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

_FEATURES: Mapping[Feature, str] = MappingProxyType(
    {
        Feature.SINGLE_DOCUMENT_SCANS: mark("single-document scans"),
        Feature.AGENT_MODE: mark("Agent Mode"),
        Feature.SCAN_HISTORY: mark("scan history"),
        Feature.MULTIPLE_AGENT_THREADS: mark("multiple threads in Agent Mode"),
        Feature.CASE_CONTEXT: mark("Case Context"),
        Feature.VISUAL_SCANS: mark("visual scans"),
        Feature.MULTI_CODE: MULTI_CODE,
        Feature.ECA: mark("early case assessment (ECA)"),
        Feature.PRIORITY_COMPUTE: mark("priority compute"),
        Feature.DEDICATED_SUPPORT: mark("dedicated support"),
    }
)
"""Small, as within a sentence."""

PAYMENT_METHODS: Mapping[PaymentMethod, str] = MappingProxyType(
    {PaymentMethod.CARD: mark("Card"), PaymentMethod.MONTHLY_INVOICE: mark("Monthly invoice")}
)


def description(tier: PlanTier, words: Words) -> str:
    return words.say(_DESCRIPTIONS[tier])


def features(named: Iterable[Feature], words: Words) -> str:
    """An enumeration within a sentence."""
    return words.listed([words.say(_FEATURES[feature]) for feature in named])


def brings(plan: Plan, words: Words) -> str:
    """What the plan has that the cheaper ones lack, as a line of its own; of the cheapest, all that it has."""
    named = features(plan.unlocks, words)
    if plan.tier is PlanTier.STARTER:
        return capitalized(named)
    return words.say("Adds %(features)s", features=named)


def limits(plan: Plan, words: Words) -> list[tuple[str, str]]:
    """The figures of a plan with their labels, the same rows for every plan (P1)."""
    unlimited = words.say("Unlimited")
    no_refill, whole = words.say("None"), words.say("%(tokens)s in total", tokens=plan.cap)
    return [
        (words.say("Reservoir cap"), unlimited if plan.cap is None else words.number(plan.cap)),
        (
            words.say("Daily refill"),
            unlimited if plan.daily_refill is None else words.number(plan.daily_refill) if plan.refills else no_refill,
        ),
        (
            words.say("Monthly ceiling"),
            unlimited
            if plan.monthly_ceiling is None
            else words.number(plan.monthly_ceiling)
            if plan.refills
            else whole,
        ),
        (
            words.say("Documents a task"),
            unlimited if plan.bulk_task_limit is None else words.number(plan.bulk_task_limit),
        ),
    ]

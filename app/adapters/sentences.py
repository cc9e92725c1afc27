"""Refusals as sentences for a person, in both languages (E1). Each says what is wrong and what can be done."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlencode

from app.adapters.languages import Words, mark
from app.adapters.task_texts import MULTI_CODE
from app.domain import plans
from app.domain.plans import Feature, PlanTier
from app.domain.refusals import (
    BulkLimitExceeded,
    CaseNotActive,
    FeatureNotInPlan,
    Flaw,
    Forbidden,
    IdempotencyConflict,
    InsufficientTokens,
    InvalidInput,
    InvoicingNotContracted,
    NotFound,
    PlanChangeRefused,
    PlanRefusal,
    Refusal,
    TaskFinished,
)

SUPPORT = "support@claira.to"

FLAWS: Mapping[Flaw, str] = MappingProxyType(
    {
        Flaw.KEY_LENGTH: mark("An idempotency key has 1 to %(longest)s characters."),
        Flaw.TEXT_LENGTH: mark("This text must have 1 to %(longest)s characters."),
        Flaw.TEXT_CHARACTERS: mark("This text holds a character that cannot be stored."),
        Flaw.NOT_A_PORTAL_URL: mark("A portal's address is https:// or http:// and a host, perhaps port and path."),
        Flaw.ALREADY_REGISTERED: mark("A case with this UUID is already registered."),
        Flaw.NOT_A_NUMBER: mark("This is not a whole number."),
        Flaw.DOCUMENTS_NOT_POSITIVE: mark("A task has at least one document."),
        Flaw.TOO_MANY_TOKENS: mark("This many documents would reserve more tokens than can be counted."),
        Flaw.SINGLE_IS_ONE_DOCUMENT: mark("A single run means exactly one document. Use a bulk task for more."),
        Flaw.SCAN_HAS_NO_FIELDS: mark("A scan has no fields. Only Multi-Code takes more than one active field."),
        Flaw.FIELDS_OUT_OF_RANGE: mark("Multi-Code takes 1 to %(most)s active fields."),
        Flaw.TOO_MANY_DOCUMENTS_IN_A_CALL: mark("One call reports up to %(most)s documents. Send the rest in another."),
        Flaw.DOCUMENT_ID_LENGTH: mark("The id of a document has 1 to %(longest)s characters."),
        Flaw.DOCUMENT_TWICE: mark("One document is in this call twice with different results."),
        Flaw.MORE_DOCUMENTS_THAN_THE_TASK: mark("The task would have more documents than it was created for."),
        Flaw.RESOLVED_MODE_MISSING: mark("A succeeded document of an AUTO task needs its resolved mode."),
        Flaw.RESOLVED_MODE_AUTO: mark("AUTO is not a mode that a document can be resolved to."),
        Flaw.RESOLVED_MODE_UNEXPECTED: mark("Only succeeded documents of an AUTO task carry a resolved mode."),
        Flaw.FIRST_OUT_OF_RANGE: mark("Ask for 1 to %(most)s entries at a time."),
        Flaw.NOT_A_CURSOR: mark("This is not a cursor of this list."),
        Flaw.ID_OR_UUID: mark("Give either the id or the UUID of a case."),
        Flaw.TOKENS_OUT_OF_RANGE: mark("Buy 1 to %(most)s tokens at a time, and no more than the reservoir can count."),
        Flaw.CLOCK_OUT_OF_RANGE: mark("A test clock goes from %(first)s to %(last)s, at most 50 years in one call."),
        Flaw.NOT_FORWARD: mark("A test clock only goes forward, and this instant lies behind it."),
        Flaw.NO_SUCH_CLOCK: mark("There is no such test clock."),
        Flaw.CEILING_OUT_OF_RANGE: mark("A ceiling on overage is 0 to %(most)s tokens a cycle."),
        Flaw.CEILING_SET_AND_REMOVED: mark("Either set the ceiling on overage or remove it."),
    }
)  # fmt: skip

PLAN_REFUSALS: Mapping[PlanRefusal, str] = MappingProxyType(
    {
        PlanRefusal.ALREADY_ACTIVE: mark("This case is already active. Change its plan instead."),
        PlanRefusal.NOT_AS_AGREED: mark("What this change does is no longer what was agreed to."),
        PlanRefusal.CARD_DECLINED: mark("The card was declined. Nothing has changed."),
        PlanRefusal.REACTIVATE_INSTEAD: mark("This case was active before. Reactivate it instead."),
        PlanRefusal.ACTIVATE_INSTEAD: mark("This case was never active. Activate it instead."),
        PlanRefusal.NOT_AN_UPGRADE: mark("An upgrade goes to a larger plan than the present one."),
        PlanRefusal.NOT_A_DOWNGRADE: mark("A downgrade goes to a smaller plan than the present one."),
        PlanRefusal.NOTHING_SCHEDULED: mark("No downgrade is scheduled that could be cancelled."),
        PlanRefusal.UNLIMITED_ALREADY: mark("This plan has unlimited tokens: there is nothing to buy."),
    }
)

FEATURES: Mapping[Feature, str] = MappingProxyType({Feature.MULTI_CODE: MULTI_CODE})
"""Names of the features that gate a task (P3)."""

_PLAIN: Mapping[type, str] = MappingProxyType(
    {
        NotFound: mark("This does not exist, or you may not see it."),
        Forbidden: mark("Your role or the settings of the case do not allow this. An administrator can help."),
        IdempotencyConflict: mark("This idempotency key was already used with another input. Use a new key."),
        CaseNotActive: mark("This case is not active. Activate it on a plan first."),
        TaskFinished: mark("This task has ended; what it did not use was already given back."),
    }
)


def sentence(refusal: Refusal, words: Words) -> str:
    """What to tell a person who was refused."""
    match refusal:
        case InvalidInput():
            return words.say(FLAWS[refusal.flaw], **refusal.values)
        case PlanChangeRefused():
            return words.say(PLAN_REFUSALS[refusal.reason])
        case InvoicingNotContracted():
            return words.say(
                "Monthly invoicing is not set up for your organization. Pay by card, or write to %(email)s.",
                email=SUPPORT,
            )
        case InsufficientTokens():
            return _insufficient(refusal, words)
        case BulkLimitExceeded():
            return _over_the_limit(refusal, words)
        case FeatureNotInPlan():
            named = words.say(FEATURES[refusal.feature])
            missing = words.say("%(feature)s is not part of your plan.", feature=named)
            return f"{missing} {_upgrade(refusal.minimum_tier, words)}"
        case _:
            return words.say(_PLAIN[type(refusal)])


def _over_the_limit(refusal: BulkLimitExceeded, words: Words) -> str:
    limit = words.count(
        "Your plan allows %(number)s document in a bulk task.",
        "Your plan allows %(number)s documents in a bulk task.",
        refusal.limit,
    )
    return f"{limit} {_upgrade(refusal.minimum_tier, words)}"


def _insufficient(refusal: InsufficientTokens, words: Words) -> str:
    sentences = [
        words.count("This task reserves %(number)s token.", "This task reserves %(number)s tokens.", refusal.required),
        words.count("%(number)s token is missing.", "%(number)s tokens are missing.", refusal.missing),
    ]
    if refusal.overage_ceiling is not None:
        beyond = words.count(
            "It would go %(number)s token beyond the ceiling on overage",
            "It would go %(number)s tokens beyond the ceiling on overage",
            refusal.uncovered,
        )
        left = words.count(
            "%(number)s of %(ceiling)s is left in this cycle",
            "%(number)s of %(ceiling)s are left in this cycle",
            refusal.overage_left, ceiling=refusal.overage_ceiling,
        )  # fmt: skip
        sentences.append(words.say("%(beyond)s; %(left)s.", beyond=beyond, left=left))
    if refusal.next_refill_at is not None:
        at = words.instant(refusal.next_refill_at)
        sentences.append(words.say("The next refill comes on %(at)s (Eastern Time).", at=at))
    if refusal.minimum_tier is not None:
        sentences.append(_upgrade(refusal.minimum_tier, words))
    return " ".join(sentences)


def _upgrade(tier: PlanTier, words: Words) -> str:
    return words.say("It would run on the %(plan)s plan.", plan=plans.plan(tier).name)


def contract_request(refusal: InvoicingNotContracted, words: Words) -> str:
    """The mail to support as a mailto link, filled with what they need (C7)."""
    subject = words.say("Monthly invoicing for our organization")
    body = "\r\n".join(f"{name}={value}" for name, value in refusal.details.items())
    return f"mailto:{SUPPORT}?" + urlencode({"subject": subject, "body": body}, quote_via=quote)

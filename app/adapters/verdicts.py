"""A quote in words: whether a task would run, and why not (T1, T5)."""

from app.adapters.languages import Words, mark
from app.adapters.sentences import FEATURES
from app.adapters.task_texts import documents_of_a_price
from app.domain import plans
from app.domain.cases import Case
from app.domain.quotes import Quote
from app.domain.rates import RESOLVED_MODES, ScanMode
from app.domain.refusals import BulkLimitExceeded, CaseNotActive, FeatureNotInPlan, InsufficientTokens
from app.domain.tasks import TaskRequest

_ALL_OF_A_MODE = (
    mark("Charged, all text"),
    mark("Charged, all image"),
    mark("Charged, all audio"),
    mark("Charged, all video"),
)


def headline(case: Case, request: TaskRequest, quote: Quote, words: Words) -> str:
    """Whether it would run, and the one thing that matters most about it."""
    match quote.blocked_by:
        case None:
            return _would_run(case, quote, words)
        case InsufficientTokens() as blocked if blocked.overage_ceiling is not None:
            return words.count(
                "Would not run: %(number)s token beyond the ceiling on overage",
                "Would not run: %(number)s tokens beyond the ceiling on overage",
                blocked.uncovered,
            )
        case InsufficientTokens() as blocked:
            return words.count(
                "Would not run: %(number)s token missing", "Would not run: %(number)s tokens missing", blocked.missing
            )
        case BulkLimitExceeded():
            return words.count(
                "Would not run: %(number)s document in one task",
                "Would not run: %(number)s documents in one task",
                request.documents,
            )
        case FeatureNotInPlan() as blocked:
            return words.say(
                "Would not run: %(feature)s needs %(plan)s",
                feature=words.say(FEATURES[blocked.feature]),
                plan=plans.first_with(blocked.feature).name,
            )
        case CaseNotActive():
            return words.say("Would not run: the case has no plan")


def _would_run(case: Case, quote: Quote, words: Words) -> str:
    balance = case.reservoir.balance
    if not quote.tokens:
        return words.say("Would run: free")
    if balance is None:
        return words.count("Would run: holds %(number)s token", "Would run: holds %(number)s tokens", quote.tokens)
    if quote.overage:
        return words.count(
            "Would run: %(number)s token of %(tokens)s as overage",
            "Would run: %(number)s of %(tokens)s tokens as overage",
            quote.overage, tokens=quote.tokens,
        )  # fmt: skip
    return words.count(
        "Would run: holds %(number)s token of %(balance)s",
        "Would run: holds %(number)s of %(balance)s tokens",
        quote.tokens, balance=balance,
    )  # fmt: skip


def reason(case: Case, quote: Quote, words: Words) -> str:
    """The second sentence about what blocks; a shortage has a sum instead, and none."""
    plan = case.terms.plan
    match quote.blocked_by:
        case BulkLimitExceeded() as blocked if plan is not None:
            return words.count(
                "%(plan)s allows %(number)s document in a task.",
                "%(plan)s allows %(number)s documents in a task.",
                blocked.limit,
                plan=plan.name,
            )
        case FeatureNotInPlan() as blocked if plan is not None:
            return words.say(
                "%(plan)s scans text, images, audio and video; %(feature)s starts at %(first)s.",
                plan=plan.name,
                feature=words.say(FEATURES[blocked.feature]),
                first=plans.first_with(blocked.feature).name,
            )
        case CaseNotActive():
            return words.say("A case runs tasks once it is active on a plan.")
        case _:
            return ""


def worth(request: TaskRequest, words: Words) -> str:
    """Documents times what each of them reserves."""
    return documents_of_a_price(request.documents, request.price.reserve, words)


def charges(request: TaskRequest, words: Words) -> list[tuple[str, int]]:
    """What the task would be charged if every document succeeded: for AUTO, by what they all turn out to be (P2)."""
    prices = request.price.charges
    if request.mode is not ScanMode.AUTO:
        return [(words.say("Charged if all succeed"), request.documents * prices[0])]
    return [
        (words.say(label), request.documents * price)
        for label, price, _ in zip(_ALL_OF_A_MODE, prices, RESOLVED_MODES, strict=True)
    ]

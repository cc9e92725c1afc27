"""Whether a task would run, before anything is spent (T1, T5): what it holds, what is in its way, and what helps."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.cases import Case
from app.domain.gates import judge_terms, judge_tokens, overage_needed, overflows
from app.domain.overage import NO_OVERAGE, OverageUse, overage_left
from app.domain.rates import TaskScope
from app.domain.refusals import BulkLimitExceeded, Flaw, GateRefusal, InsufficientTokens, InvalidInput
from app.domain.reservoirs import RefillsUntil, refills_until
from app.domain.tasks import TaskRequest


@dataclass(frozen=True, slots=True)
class Quote:
    """What a task would reserve, how much of it beyond the balance, and what stands in its way now."""

    tokens: int
    overage: int
    blocked_by: GateRefusal | None


def judge(case: Case, request: TaskRequest, now: datetime, use: OverageUse = NO_OVERAGE) -> Quote | InvalidInput:
    """Every gate in its order (T1), for a request without a flaw. use: of a case with a ceiling on overage."""
    blocked_by = _gate(case, request, now, use)
    if blocked_by is None and overflows(request, case.reservoir):
        return InvalidInput("documentCount", Flaw.TOO_MANY_TOKENS)
    overage = 0 if blocked_by else overage_needed(request, case.reservoir)
    return Quote(request.tokens, overage, blocked_by)


def _gate(case: Case, request: TaskRequest, now: datetime, use: OverageUse) -> GateRefusal | None:
    refusal = judge_terms(case.terms, request, case.reservoir, use)
    if refusal is not None:
        return refusal
    next_refill = case.next_refill(now)
    return judge_tokens(case.terms, request, case.reservoir, next_refill.at if next_refill else None, use)


def refills_that_clear(case: Case, request: TaskRequest, quote: Quote, now: datetime) -> RefillsUntil | None:
    """When refills alone would clear a task that is short of tokens; None where they would not, or nothing is short."""
    next_refill, blocked_by = case.next_refill(now), quote.blocked_by
    if not isinstance(blocked_by, InsufficientTokens) or next_refill is None or case.terms.plan is None:
        return None
    return refills_until(case.reservoir, case.terms.plan, request.tokens - blocked_by.overage_left, next_refill.at)


def documents_that_fit(case: Case, request: TaskRequest, quote: Quote, use: OverageUse = NO_OVERAGE) -> int:
    """How many documents of a task that is too large would run now; 0: none, or something else is the matter."""
    plan, balance = case.terms.plan, case.reservoir.balance
    too_large = isinstance(quote.blocked_by, BulkLimitExceeded | InsufficientTokens)
    if not too_large or plan is None or request.scope is not TaskScope.BULK:
        return 0
    fitting = request.documents - 1
    if plan.bulk_task_limit is not None:
        fitting = min(fitting, plan.bulk_task_limit)
    left = overage_left(case.terms, use)
    if balance is not None and left is not None:
        fitting = min(fitting, (balance + left) // request.price.reserve)
    return fitting

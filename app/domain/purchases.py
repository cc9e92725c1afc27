"""Bought tokens (L3): they may stand above the cap, and are spent after granted ones."""

from app.domain.cases import Case
from app.domain.refusals import CaseNotActive, Flaw, InvalidInput, PlanChangeRefused, PlanRefusal
from app.domain.tasks import MOST_TOKENS

MOST_BOUGHT = 100_000_000
"""Tokens in one purchase."""


def check_purchase(tokens: int) -> InvalidInput | None:
    """What is wrong with a purchase whatever the case."""
    if not 1 <= tokens <= MOST_BOUGHT:
        return InvalidInput("tokens", Flaw.TOKENS_OUT_OF_RANGE, {"most": MOST_BOUGHT})
    return None


def judge_purchase(case: Case, tokens: int) -> CaseNotActive | PlanChangeRefused | InvalidInput | None:
    """None: the case may buy so many tokens. An unlimited reservoir has no use for them (L7)."""
    if not case.terms.active:
        return CaseNotActive()
    tank = case.reservoir
    if tank.balance is None:
        return PlanChangeRefused(PlanRefusal.UNLIMITED_ALREADY)
    if tank.balance + tank.held + tokens > MOST_TOKENS:
        return InvalidInput("tokens", Flaw.TOKENS_OUT_OF_RANGE, {"most": MOST_BOUGHT})
    return None

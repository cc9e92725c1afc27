"""Bought tokens (L3): they may stand above the cap, and are spent after granted ones."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.bills import Bill, Line, card_bill, purchase_line
from app.domain.cases import Case, PaymentMethod
from app.domain.refusals import CaseNotActive, Flaw, InvalidInput, PlanChangeRefused, PlanRefusal
from app.domain.subscriptions import Subscription
from app.domain.tasks import MOST_TOKENS

MOST_BOUGHT = 100_000_000
"""Tokens in one purchase."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What tokens come to (C6): line is what they are billed as, bill that with the tax on it alone, at its rate."""

    tokens: int
    line: Line
    bill: Bill
    rate: Decimal
    by_card: bool

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is billed now. A monthly invoice is taxed as a whole, at its issue."""
        return self.bill.lines if self.by_card else (self.line,)

    @property
    def charge(self) -> int:
        """Cents that are charged now."""
        return self.bill.total if self.by_card else 0


def plan_purchase(case: Case, subscription: Subscription, tokens: int, now: datetime) -> Purchase:
    """Of an active case, which may buy them."""
    line = purchase_line(tokens, subscription.cycle.number, case.entries + 1, now)
    rate = case.organization.tax_rate
    by_card = subscription.payment_method is PaymentMethod.CARD
    return Purchase(tokens, line, card_bill([line], (), rate, now), rate, by_card)


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

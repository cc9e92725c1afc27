"""Bought tokens before they are bought: what they come to, how, and what the form promises (C6, L3)."""

from dataclasses import dataclass

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description
from app.domain.bills import LineKind
from app.domain.money import cad
from app.domain.purchases import Purchase, plan_purchase
from app.services.plan_overview import PlanOverview
from app.web.plan_views import times
from app.web.promises import rate_promised
from app.web.readers import Reader


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """tax, tax_amount: None where there is none. total: tax included, charged now by card or invoiced later."""

    tokens: int
    worked: str
    price: str
    tax: str | None
    tax_amount: str | None
    total: str
    charge: str
    by_card: bool
    promise: str


def purchase_view(overview: PlanOverview, tokens: int, reader: Reader) -> PurchaseView:
    """Of so many tokens, which the case, an active one, may buy.

    A monthly invoice gets the tax at its issue; it is told all the same, so that nobody buys for less than is billed.
    """
    words, planned = reader.words, planned_purchase(overview, tokens, reader)
    tax = next((line for line in planned.bill.lines if line.kind is LineKind.TAX), None)
    return PurchaseView(
        tokens=tokens,
        worked=times(tokens, words),
        price=amount(cad(planned.line.amount).amount, words),
        tax=None if tax is None else description(tax, words),
        tax_amount=None if tax is None else amount(cad(tax.amount).amount, words),
        total=amount(cad(planned.bill.total).amount, words),
        charge=amount(cad(planned.charge).amount, words),
        by_card=planned.by_card,
        promise=purchase_promised(planned),
    )


def planned_purchase(overview: PlanOverview, tokens: int, reader: Reader) -> Purchase:
    """Of an active case."""
    assert overview.subscription is not None, "only an active case buys"
    return plan_purchase(overview.case, overview.subscription, tokens, reader.now)


def purchase_promised(planned: Purchase) -> str:
    """What the form carries back, and has to be so again under the lock: tokens, total, rate and what is charged."""
    return f"{planned.tokens}/{planned.bill.total}/{rate_promised(planned.rate)}/{planned.charge}"

"""The ways out of a refusal that somebody can take where they stand (C9, T5): a plan, tokens, overage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.adapters.languages import Words
from app.domain.bills import most_tax
from app.domain.cases import Case, PaymentMethod
from app.domain.money import cents
from app.domain.overage import OverageUse
from app.domain.payments import Payment
from app.domain.plan_changes import plan_change
from app.domain.plans import Plan, plan
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.quotes import Quote, judge
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import InsufficientTokens
from app.domain.tasks import TaskRequest
from app.services.plan_overview import PlanOverview
from app.services.prompts import find_waiting, may_pay
from app.web.addresses import address, invoicing_dialog
from app.web.change_views import ChangeView
from app.web.forms import new_key
from app.web.plan_views import times
from app.web.promises import rate_promised
from app.web.purchase_views import PurchaseView, purchase_view
from app.web.readers import Reader
from app.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that waits: what it is for, who began it, how long, and for whoever may see them, its pages.

    href: the processor's; closing: ours, where it may also be closed.
    """

    plan: Plan | None
    tokens: int | None
    by: str
    until: str
    href: str | None
    closing: str | None


@dataclass(frozen=True, slots=True)
class OverageView:
    """sum: the most that the overage of the task comes to, in words. promise: what the form carries back of that."""

    sum: str
    promise: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """plan: the cheapest that would run the task; upgrade: what going there does, for whoever may do it from here.
    dialog: where an admin goes on with card, where the contract for invoices by the month has ended (C7).

    purchase, overage: for admins; what each comes to. raises: tokens that the ceiling would have to grow by.
    opens_page: what is bought is paid on a page of its own first. others: ways that only admins have.
    """

    key: str
    plan: Plan | None
    upgrade: ChangeView | None
    dialog: str | None
    purchase: PurchaseView | None
    overage: OverageView | None
    raises: int
    opens_page: bool
    others: bool
    waiting: list[Waiting]


async def find_prompt(
    visit: Visit, overview: PlanOverview, request: TaskRequest, quote: Quote, use: OverageUse, asked: Mapping[str, str]
) -> Prompt | None:
    """None: nothing blocks, or only that the case has no plan. asked: what the form was filled in with."""
    blocked, case, words = quote.blocked_by, overview.case, visit.reader.words
    if blocked is None or overview.subscription is None or not case.terms.active:
        return None
    tier = getattr(blocked, "minimum_tier", None)
    upgrade = None
    if tier is not None and case.terms.auto_upgrade_allowed:
        change = plan_change(case, overview.subscription, tier, visit.reader.now)
        upgrade = ChangeView(change, overview, visit.reader)
    by_card = overview.subscription.payment_method is PaymentMethod.CARD
    short = blocked if isinstance(blocked, InsufficientTokens) else None
    offers = short if visit.administers else None
    return Prompt(
        key=new_key(),
        plan=None if tier is None else plan(tier),
        upgrade=upgrade,
        dialog=None if tier is None or not visit.administers else invoicing_dialog(visit.reader.base, tier, asked),
        purchase=None if offers is None else _purchase(overview, offers, visit.reader),
        overage=None if offers is None else _overage(case, request, offers, use, visit.reader.now, words),
        raises=0 if offers is None or offers.overage_ceiling is None else offers.uncovered,
        opens_page=by_card and visit.ports.payments is not None,
        others=short is not None and not visit.administers,
        waiting=[_waiting(each, case, visit, asked) for each in await find_waiting(visit.ports, case)],
    )


def _purchase(overview: PlanOverview, short: InsufficientTokens, reader: Reader) -> PurchaseView | None:
    """None: so many can not be bought (L3)."""
    tokens = short.uncovered
    if check_purchase(tokens) or judge_purchase(overview.case, tokens):
        return None
    return purchase_view(overview, tokens, reader)


def _overage(
    case: Case, request: TaskRequest, short: InsufficientTokens, use: OverageUse, now: datetime, words: Words
) -> OverageView | None:
    """The most that it may come to, taxed with what else the invoice holds (C6).

    None: it is on, or the task would not run with it either.
    """
    if case.terms.overage_enabled:
        return None
    judged = judge(replace(case, terms=replace(case.terms, overage_enabled=True)), request, now, use)
    if not isinstance(judged, Quote) or judged.blocked_by is not None:
        return None
    price, rate = cents(short.missing * OVERAGE_PRICE), case.organization.tax_rate
    most = price + most_tax(price, rate)
    told = times(short.missing, words, rate, price=most)
    return OverageView(told, f"{short.missing}/{most}/{rate_promised(rate)}")


def _waiting(payment: Payment, case: Case, visit: Visit, asked: Mapping[str, str]) -> Waiting:
    viewer, base = visit.session.viewer, visit.reader.base
    closes = viewer.administers or viewer.caller_id == payment.viewer.caller_id
    return Waiting(
        plan=None if payment.wanted.tier is None else plan(payment.wanted.tier),
        tokens=payment.wanted.tokens,
        by=payment.viewer.name,
        until=visit.reader.time(payment.expires_at),
        href=payment.checkout if may_pay(viewer, case, payment) else None,
        closing=address(f"{base}/checkout/{payment.uuid}", asked) if closes else None,
    )

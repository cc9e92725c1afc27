"""The ways out of a refusal that somebody can take where they stand (C9, T5): a plan, tokens, overage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.adapters.amounts import amount
from app.adapters.languages import Words
from app.domain.bills import card_bill, purchase_line
from app.domain.cases import Case, PaymentMethod
from app.domain.money import cad
from app.domain.overage import OverageUse
from app.domain.payments import Payment
from app.domain.plan_changes import plan_change
from app.domain.plans import Plan, plan
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.quotes import Quote, judge
from app.domain.refusals import InsufficientTokens
from app.domain.tasks import TaskRequest
from app.services.plan_overview import PlanOverview
from app.services.prompts import find_waiting, may_pay
from app.web.addresses import address
from app.web.change_views import ChangeView
from app.web.forms import new_key
from app.web.plan_views import times
from app.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Offer:
    """Tokens that an admin may buy or let become overage, what they come to, and what the form promises."""

    tokens: int
    worked: str
    price: str = ""
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that is open in another tab: what it is for, how long, and for whoever may see them, its pages.

    href: the processor's; closing: ours, where it may also be closed.
    """

    plan: Plan | None
    tokens: int | None
    until: str
    href: str | None
    closing: str | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """plan: the cheapest that would run the task; upgrade: what going there does, for whoever may do it from here.

    purchase, overage: for admins. raises: tokens that the ceiling would have to grow by. opens_page: what is bought is
    paid on a page of its own first. others: ways that only admins have.
    """

    key: str
    plan: Plan | None
    upgrade: ChangeView | None
    purchase: Offer | None
    overage: Offer | None
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
        purchase=None if offers is None else _purchase(overview, offers, visit.reader.now, words),
        overage=None if offers is None else _overage(case, request, offers, use, visit.reader.now, words),
        raises=0 if offers is None or offers.overage_ceiling is None else offers.uncovered,
        opens_page=by_card and visit.ports.payments is not None,
        others=short is not None and not visit.administers,
        waiting=[_waiting(each, case, visit, asked) for each in await find_waiting(visit.ports, case)],
    )


def purchase_promise(overview: PlanOverview, tokens: int, now: datetime) -> str:
    """What the form of a purchase promises: it is made only if it still comes to that."""
    return f"{tokens}/{_purchase_total(overview, tokens, now)}"


def _purchase_total(overview: PlanOverview, tokens: int, now: datetime) -> int:
    """Cents that so many tokens come to, tax included where it is known at once: by card (C6)."""
    assert overview.subscription is not None
    line = purchase_line(tokens, overview.subscription.cycle.number, overview.case.entries + 1, now)
    if overview.subscription.payment_method is not PaymentMethod.CARD:
        return line.amount
    return card_bill([line], (), overview.case.organization.tax_rate, now).total


def _purchase(overview: PlanOverview, short: InsufficientTokens, now: datetime, words: Words) -> Offer | None:
    """None: so many can not be bought (L3)."""
    tokens = short.uncovered
    if check_purchase(tokens) or judge_purchase(overview.case, tokens):
        return None
    price = amount(cad(_purchase_total(overview, tokens, now)).amount, words)
    return Offer(tokens, times(tokens, words), price, purchase_promise(overview, tokens, now))


def _overage(
    case: Case, request: TaskRequest, short: InsufficientTokens, use: OverageUse, now: datetime, words: Words
) -> Offer | None:
    """None: it is on, or the task would not run with it either."""
    if case.terms.overage_enabled:
        return None
    judged = judge(replace(case, terms=replace(case.terms, overage_enabled=True)), request, now, use)
    if not isinstance(judged, Quote) or judged.blocked_by is not None:
        return None
    return Offer(short.missing, times(short.missing, words))


def _waiting(payment: Payment, case: Case, visit: Visit, asked: Mapping[str, str]) -> Waiting:
    viewer, base = visit.session.viewer, visit.reader.base
    closes = viewer.administers or viewer.caller_id == payment.viewer.caller_id
    return Waiting(
        plan=None if payment.wanted.tier is None else plan(payment.wanted.tier),
        tokens=payment.wanted.tokens,
        until=visit.reader.time(payment.expires_at),
        href=payment.checkout if may_pay(viewer, case, payment) else None,
        closing=address(f"{base}/checkout/{payment.uuid}", asked) if closes else None,
    )

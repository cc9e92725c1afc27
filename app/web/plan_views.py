"""The plan of a case as pages show it: where it stands, the plans there are, and its timeline (P1, C1-C3, A2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.adapters.amounts import amount, price
from app.adapters.invoice_texts import percent
from app.adapters.languages import Words
from app.adapters.plan_events import event_actor, event_sentence
from app.adapters.plan_texts import PAYMENT_METHODS, brings, limits
from app.domain import plans
from app.domain.bills import tax_on
from app.domain.cases import Case
from app.domain.cycles import Cycle, eastern_date
from app.domain.explanations import Figure
from app.domain.money import cad, cents
from app.domain.plans import Plan, PlanTier
from app.domain.rates import OVERAGE_PRICE
from app.domain.subscriptions import PlanEvent, Subscription, TimelineEvent
from app.services.plan_overview import PlanOverview
from app.web.explain_addresses import explain_address
from app.web.readers import Reader

NO_TAX = Decimal(0)


@dataclass(frozen=True, slots=True)
class Card:
    """One plan among the others. price: None for whoever may not see it. state: what it is to the case, in words.

    action and href: what the button says and where it leads; None: there is no button.
    """

    plan: Plan
    price: str | None
    limits: list[tuple[str, str]]
    brings: str
    current: bool
    state: str | None
    action: str | None
    href: str | None


def cards(overview: PlanOverview, reader: Reader, *, administers: bool) -> list[Card]:
    """Every plan that is sold, and of the case's own the version that it was sold."""
    current = overview.case.terms.plan
    subscription = overview.subscription
    return [
        _card(plans.plan(tier) if current is None or current.tier is not tier else current, current, subscription,
              reader, administers)
        for tier in PlanTier
    ]  # fmt: skip


def _card(
    plan: Plan, current: Plan | None, subscription: Subscription | None, reader: Reader, administers: bool
) -> Card:
    words = reader.words
    own = current is not None and plan.tier is current.tier
    state, action = None, None
    if own:
        state = words.say("Current plan")
    elif current is None:
        action = words.say("Choose %(plan)s", plan=plan.name)
    elif plan.tier.rank > current.tier.rank:
        action = words.say("Preview upgrade")
    else:
        action = words.say("Preview downgrade")
        scheduled = None if subscription is None else subscription.scheduled
        if scheduled is not None and scheduled.tier is plan.tier:
            state, action = words.say("From %(day)s", day=words.full_day(eastern_date(scheduled.effective_at))), None
    return Card(
        plan=plan,
        price=price(plan.monthly_price.amount, words) if administers else None,
        limits=limits(plan, words),
        brings=brings(plan, words),
        current=own,
        state=state,
        action=action if administers else None,
        href=f"{reader.base}/plan/change?tier={plan.tier}",
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """how: where the figure in it is explained."""

    label: str
    value: str
    how: str | None = None


def summary(overview: PlanOverview, reader: Reader, *, administers: bool) -> list[Fact]:
    """What is to be known of the open cycle; of money only for whoever may see it."""
    words, subscription = reader.words, overview.subscription
    if subscription is None or not overview.case.terms.active:
        return []
    ends = words.full_day(eastern_date(subscription.cycle.ends_at))
    facts = [
        Fact(words.say("Cycle"), _cycle(subscription.cycle, reader)),
        Fact(words.say("Renews") if subscription.scheduled is None else words.say("Ends"), ends),
    ]
    if administers:
        facts.append(Fact(words.say("Payment"), words.say(PAYMENT_METHODS[subscription.payment_method])))
        if subscription.overage:
            how = explain_address(reader.links, Figure.OVERAGE, cycle=subscription.cycle.number)
            facts.append(Fact(words.say("Overage of this cycle"), times(subscription.overage, words), how))
        if subscription.credit:
            facts.append(Fact(words.say("Credit for a later invoice"), amount(subscription.credit, words)))
    return facts


def _cycle(cycle: Cycle, reader: Reader) -> str:
    """Its days and the one that today is."""
    words = reader.words
    first, last = eastern_date(cycle.starts_at), last_day(cycle)
    day = (eastern_date(reader.now) - first).days + 1
    told = words.say("day %(day)s of %(days)s", day=day, days=(last - first).days + 1)
    return words.listed([words.days(first, last), told])


def last_day(cycle: Cycle) -> date:
    """A cycle that ends at midnight does not touch the day that then begins."""
    return eastern_date(cycle.ends_at - timedelta(microseconds=1))


def times(tokens: int, words: Words, tax_rate: Decimal = NO_TAX, *, price: int | None = None) -> str:
    """What so many tokens of overage, or so many bought ones, come to, and how; with the tax on top of it, if any.

    price: cents, where they are taxed together with something else.
    """
    if price is None:
        price = cents(tokens * OVERAGE_PRICE)
        price += tax_on(price, tax_rate)
    each, whole = _plus_tax(amount(OVERAGE_PRICE, words), tax_rate, words), amount(cad(price).amount, words)
    return f"{words.number(tokens)} \N{MULTIPLICATION SIGN}\u00a0{each} =\u00a0{whole}"


def plus_tax(price: Decimal, case: Case, words: Words) -> str:
    """A price, and the tax that comes on top of it, if any."""
    return _plus_tax(amount(price, words), case.organization.tax_rate, words)


def _plus_tax(told: str, rate: Decimal, words: Words) -> str:
    return f"{told} +\u00a0{_tax(rate, words)}" if rate else told


def _tax(rate: Decimal, words: Words) -> str:
    """Within a sentence."""
    return words.say("%(rate)s tax", rate=percent(rate, words))


def before_tax(case: Case, words: Words) -> str | None:
    """Beside a list of prices without tax. None: there is none."""
    rate = case.organization.tax_rate
    return words.say("Plus %(tax)s.", tax=_tax(rate, words)) if rate else None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of the timeline for one reader. charge and credit: None where there was none, or none to be seen."""

    number: int
    sentence: str
    meta: str
    charge: str | None
    credit: str | None


def event_views(events: Sequence[TimelineEvent], reader: Reader, *, administers: bool) -> list[EventView]:
    words = reader.words
    return [
        EventView(
            number=event.number,
            sentence=event_sentence(event, words),
            meta=words.listed([*_when(event, reader), event_actor(event, words)]),
            charge=amount(event.charge, words) if administers and event.charge else None,
            credit=amount(event.credit, words) if administers and event.credit else None,
        )
        for event in events
    ]


def _when(event: TimelineEvent, reader: Reader) -> list[str]:
    """Of what comes with the end of a cycle the date that cycles go by, else the reader's day and time."""
    if event.kind in (PlanEvent.RENEWED, PlanEvent.DOWNGRADED):
        return [reader.words.full_day(eastern_date(event.occurred_at))]
    return [reader.words.full_day(reader.local_date(event.occurred_at)), reader.time(event.occurred_at)]

"""The terms of explanations in words, and as parts of a sum (E1)."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description, percent
from app.adapters.languages import Words, mark
from app.adapters.task_texts import CATEGORY_HEADINGS
from app.domain import plans
from app.domain.cycles import Cycle, eastern_date
from app.domain.explanation_terms import (
    ByCategory,
    ByKind,
    CreditElsewhere,
    CycleCap,
    CyclePrice,
    CycleRefills,
    DailyRefill,
    LineAmount,
    NoRoom,
    PricedTokens,
    Tax,
    Term,
    UnusedDays,
)
from app.domain.ledger import EntryKind
from app.domain.money import cad

_KINDS: Mapping[EntryKind, str] = MappingProxyType(
    {
        EntryKind.ACTIVATION_FILL: mark("Fill on activation"),
        EntryKind.REACTIVATION_FILL: mark("Fills on reactivation"),
        EntryKind.UPGRADE_FILL: mark("Fills on upgrade"),
        EntryKind.DAILY_REFILL: mark("Daily refills"),
        EntryKind.PURCHASE: mark("Purchases"),
        EntryKind.RESERVE: mark("Reserves"),
        EntryKind.CHARGE: mark("Charges"),
        EntryKind.REFUND: mark("Refunds"),
        EntryKind.DOWNGRADE_CLAMP: mark("Brought down by downgrades"),
        EntryKind.DEACTIVATION_CLEAR: mark("Cleared by deactivations"),
        EntryKind.ADJUSTMENT: mark("Adjustments"),
    }
)


def label(term: Term, words: Words) -> str:
    """What a term is, with the numbers that its value is made of."""
    match term:
        case ByKind():
            return words.say(_KINDS[term.kind])
        case ByCategory():
            return words.say(CATEGORY_HEADINGS[term.category])
        case CycleCap(cycle=cycle):
            plan = plans.plan(cycle.tier, cycle.catalogue).name
            return words.say("%(plan)s, %(days)s: cap", plan=plan, days=cycle_days(cycle, words))
        case CycleRefills():
            return words.count(
                "%(number)s refill of %(tokens)s", "%(number)s refills of %(tokens)s", term.refills, tokens=term.each
            )
        case DailyRefill():
            return words.say("Daily refill of %(plan)s", plan=term.plan.name)
        case NoRoom():
            return words.say(
                "No room under the cap of %(cap)s beside %(granted)s granted tokens", cap=term.cap, granted=term.granted
            )
        case LineAmount():
            return description(term.line.line, words, given_at=term.line.given_at)
        case _:
            return _money_label(term, words)


def _money_label(term: CyclePrice | PricedTokens | UnusedDays | CreditElsewhere | Tax, words: Words) -> str:
    match term:
        case CyclePrice():
            days = words.days(eastern_date(term.starts_at), eastern_date(term.until - timedelta(microseconds=1)))
            return words.say("%(plan)s, %(days)s", plan=plans.plan(term.tier).name, days=days)
        case PricedTokens():
            what = words.say("Bought tokens" if term.category is None else CATEGORY_HEADINGS[term.category])
            return words.listed([what, _number_part(term, words)])
        case UnusedDays():
            unused = words.count(
                "%(number)s of %(days)s days unused", "%(number)s of %(days)s days unused", term.unused, days=term.days
            )
            cut = words.say(
                "%(plan)s, cut on %(day)s", plan=plans.plan(term.tier).name,
                day=words.full_day(eastern_date(term.upgraded_at)),
            )  # fmt: skip
            return words.listed([cut, unused])
        case CreditElsewhere():
            return words.say("On other invoices, or still carried")
        case Tax():
            return words.say("%(rate)s of %(amount)s", rate=percent(term.rate, words), amount=money(term.taxed, words))


def product(term: Term, words: Words) -> str | None:
    """The product that a term is, without its sign; None: it is none."""
    match term:
        case CycleRefills():
            return _times(words.number(term.refills), words.number(term.each))
        case PricedTokens():
            return _number_part(term, words)
        case UnusedDays():
            days = f"{words.number(term.unused)}\u00a0\N{DIVISION SIGN} {words.number(term.days)}"
            return _times(money(term.price, words), days)
        case Tax():
            return _times(percent(term.rate, words), money(term.taxed, words))
        case _:
            return None


def _number_part(term: PricedTokens, words: Words) -> str:
    return _times(words.number(term.tokens), money(term.each, words))


def _times(left: str, right: str) -> str:
    return f"{left} \N{MULTIPLICATION SIGN}\u00a0{right}"


def money(cents: int, words: Words) -> str:
    """Whole cents as the language writes them."""
    return amount(cad(cents).amount, words)


def cycle_days(cycle: Cycle, words: Words) -> str:
    """The first and the last New York date of a cycle; one that ends at midnight does not touch the day that begins."""
    return words.days(eastern_date(cycle.starts_at), eastern_date(cycle.ends_at - timedelta(microseconds=1)))

"""Lines of invoices as words that a person reads (C2, C6). Periods are told by their first and last Eastern date."""

from datetime import date, datetime
from decimal import Decimal

from babel.numbers import format_percent

from app.adapters.languages import Words
from app.domain import plans
from app.domain.bills import LAST_INSTANT, Line, LineKind
from app.domain.cycles import eastern_date
from app.domain.invoices import PaidBy, Received


def description(line: Line, words: Words, *, given_at: datetime | None = None) -> str:
    """What is billed. given_at: when a credit arose, where that is not the line's plan-date."""
    match line.kind:
        case LineKind.PLAN:
            return _plan(line, words)
        case LineKind.PRORATION_CREDIT:
            return _credit(line, words, given_at or line.effective_at)
        case LineKind.OVERAGE:
            return words.count(
                "Overage of the cycle to %(day)s: %(number)s token",
                "Overage of the cycle to %(day)s: %(number)s tokens",
                line.quantity, day=words.full_day(_last_day(line)),
            )  # fmt: skip
        case LineKind.TOKEN_PURCHASE:
            return words.say("Tokens bought")
        case LineKind.TAX:
            assert line.rate is not None, "a tax has a rate"
            return words.say("Tax, %(rate)s", rate=percent(line.rate, words))


def kind_name(kind: LineKind, words: Words) -> str:
    return {
        LineKind.PLAN: words.say("Plan"),
        LineKind.PRORATION_CREDIT: words.say("Credit"),
        LineKind.OVERAGE: words.say("Overage"),
        LineKind.TOKEN_PURCHASE: words.say("Tokens bought"),
        LineKind.TAX: words.say("Tax"),
    }[kind]


def total_name(words: Words, *, pending: bool, tax_rate: Decimal) -> str:
    """What the sum of the lines is. Of what is pending it is no total: lines may follow, and tax does. tax_rate: a
    share."""
    if not pending:
        return words.say("Total in CAD")
    if not tax_rate:
        return words.say("Sum so far in CAD")
    return words.say("Sum so far in CAD, before %(rate)s tax", rate=percent(tax_rate, words))


def total_note(tax_rate: Decimal, words: Words) -> str:
    """That what is pending has no total yet. tax_rate: a share."""
    if not tax_rate:
        return words.say("so far")
    return words.say("so far, before %(rate)s tax", rate=percent(tax_rate, words))


def payment_name(received: Received, words: Words) -> str:
    day = words.full_day(eastern_date(received.at))
    if received.by is PaidBy.CARD:
        return words.say("Paid by card on %(day)s", day=day)
    return words.say("Paid on %(day)s, outside of Claira", day=day)


def percent(rate: Decimal, words: Words) -> str:
    """A share as the language writes it, with all of its decimal places."""
    return str(format_percent(rate, locale=words.language.value, decimal_quantization=False))


def _plan(line: Line, words: Words) -> str:
    first, last = eastern_date(line.effective_at), _last_day(line)
    begins = words.day(first) if first.year == last.year else words.full_day(first)
    return words.say("%(plan)s plan, %(first)s to %(last)s", plan=_name(line), first=begins, last=words.full_day(last))


def _credit(line: Line, words: Words, given_at: datetime) -> str:
    assert line.until is not None, "it is about a period"
    first = eastern_date(given_at)
    return words.count(
        "Credit for %(number)s unused day of %(plan)s from %(day)s",
        "Credit for %(number)s unused days of %(plan)s from %(day)s",
        (eastern_date(line.until) - first).days, plan=_name(line), day=words.full_day(first),
    )  # fmt: skip


def _name(line: Line) -> str:
    assert line.tier is not None, "it is about a plan"
    return plans.plan(line.tier).name


def _last_day(line: Line) -> date:
    """The last day that the period touches: one that ends at midnight does not touch the day that begins."""
    assert line.until is not None, "it is about a period"
    return eastern_date(line.until - LAST_INSTANT)

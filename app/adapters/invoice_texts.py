"""Lines of invoices as words that a person reads (C2, C6)."""

from datetime import date, datetime

from babel.numbers import format_percent

from app.adapters.languages import Words
from app.domain import plans
from app.domain.bills import Line, LineKind
from app.domain.cycles import eastern_date


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
                line.quantity, day=words.full_day(_end(line)),
            )  # fmt: skip
        case LineKind.TOKEN_PURCHASE:
            return words.say("Tokens bought")
        case LineKind.TAX:
            assert line.rate is not None, "a tax has a rate"
            rate = format_percent(line.rate, locale=words.language.value, decimal_quantization=False)
            return words.say("Tax, %(rate)s", rate=rate)


def _plan(line: Line, words: Words) -> str:
    first, last = eastern_date(line.effective_at), _end(line)
    begins = words.day(first) if first.year == last.year else words.full_day(first)
    return words.say("%(plan)s plan, %(first)s to %(last)s", plan=_name(line), first=begins, last=words.full_day(last))


def _credit(line: Line, words: Words, given_at: datetime) -> str:
    first = eastern_date(given_at)
    return words.count(
        "Credit for %(number)s unused day of %(plan)s from %(day)s",
        "Credit for %(number)s unused days of %(plan)s from %(day)s",
        (_end(line) - first).days, plan=_name(line), day=words.full_day(first),
    )  # fmt: skip


def _name(line: Line) -> str:
    assert line.tier is not None, "it is about a plan"
    return plans.plan(line.tier).name


def _end(line: Line) -> date:
    """The day at whose beginning the period ends."""
    assert line.until is not None, "it is about a period"
    return eastern_date(line.until)

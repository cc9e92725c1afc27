"""Explanations in words: what a figure is, its terms, and the sum with the numbers put in (E1)."""

from collections.abc import Mapping
from types import MappingProxyType

from app.adapters.invoice_texts import description, total_name
from app.adapters.languages import Words, mark
from app.adapters.term_texts import cycle_days, money, product
from app.domain.bills import LineKind
from app.domain.cycles import REFILL_TIME
from app.domain.explanation_terms import Term
from app.domain.explanations import Explanation, Figure
from app.domain.invoices import Invoice

_NAMES: Mapping[Figure, str] = MappingProxyType(
    {
        Figure.BALANCE: mark("Token balance"),
        Figure.HELD: mark("Held"),
        Figure.PURCHASED: mark("Bought tokens"),
        Figure.NEXT_REFILL: mark("Next refill"),
        Figure.CONSUMED: mark("Total used"),
        Figure.GRANTED: mark("Supplied"),
        Figure.OVERAGE: mark("Overage"),
        Figure.PLAN_TOKENS: mark("Plan tokens"),
        Figure.INVOICE_LINE: mark("Invoice line"),
        Figure.INVOICE_TOTAL: mark("Invoice total"),
    }
)
_RULES: Mapping[Figure, str] = MappingProxyType(
    {
        Figure.BALANCE: mark("Everything that ledger entries added to the balance, less everything that they took."),
        Figure.HELD: mark("Everything that tasks set aside, less what was charged and what came back."),
        Figure.PURCHASED: mark(
            "Everything that was bought, less what of it was spent or cleared. Granted tokens are spent first."
        ),
        Figure.NEXT_REFILL: mark(
            "The daily refill of the plan, but no more than fits under its cap. Bought tokens do not count there."
        ),
        Figure.CONSUMED: mark("Every token charged in the cycles that began in the month, overage included."),
        Figure.GRANTED: mark("Every fill and every daily refill in the cycles that began in the month."),
        Figure.OVERAGE: mark(
            "Every token charged beyond the reservoir in the cycles that began in the month. It is part of the total."
        ),
        Figure.PLAN_TOKENS: mark(
            "The most that the plan could cover: the cap of each cycle that began in the month, and a daily refill for "
            "every %(time)s Eastern in it."
        ),
        Figure.INVOICE_TOTAL: mark("The sum of the lines shown."),
    }
)
_CYCLE_RULES: Mapping[Figure, str] = MappingProxyType(
    {
        Figure.CONSUMED: mark("Every token charged in the cycle, overage included."),
        Figure.GRANTED: mark("Every fill and every daily refill in the cycle."),
        Figure.OVERAGE: mark("Every token charged beyond the reservoir in the cycle. It is part of the total."),
        Figure.PLAN_TOKENS: mark(
            "The most that the plan could cover: its cap, and a daily refill for every %(time)s Eastern in the cycle."
        ),
    }
)
_LINE_RULES: Mapping[LineKind, str] = MappingProxyType(
    {
        LineKind.PLAN: mark("A cycle is charged in full when it begins."),
        LineKind.OVERAGE: mark(
            "What a cycle charged beyond the reservoir is invoiced when it ends, token by token. What a task takes "
            "from beyond it is fixed when it starts: tokens that come back or are bought later do not take its place."
        ),
        LineKind.TOKEN_PURCHASE: mark("Bought tokens are invoiced when they are bought."),
        LineKind.PRORATION_CREDIT: mark(
            "An upgrade gives back the unused days of the cycle that it cut: its price, times those days, over all of "
            "its days, rounded to the cent. A credit never takes a total below zero; the rest is carried."
        ),
        LineKind.TAX: mark("The tax rate of the organization, on the other lines of the case, rounded to the cent."),
    }
)
_NONE: Mapping[Figure, str] = MappingProxyType(
    {
        Figure.BALANCE: mark("Tokens are unlimited on this plan: there is no balance to count."),
        Figure.NEXT_REFILL: mark("No daily refill comes: the plan has none, or the case is not active."),
        Figure.PLAN_TOKENS: mark("Tokens were unlimited in at least one of these cycles."),
    }
)


def name(explanation: Explanation, words: Words) -> str:
    """What the figure is called, with the month or the cycle or the invoice that it is of."""
    named = words.say(_NAMES[explanation.figure])
    if explanation.line is not None:
        return description(explanation.line.line, words, given_at=explanation.line.given_at)
    if explanation.invoice is not None:
        return _total_name(explanation.invoice, words)
    if explanation.cycle is not None:
        return words.listed([named, cycle_days(explanation.cycle, words)])
    return named if explanation.usage is None else words.listed([named, words.month(explanation.usage.month)])


def _total_name(invoice: Invoice, words: Words) -> str:
    if invoice.number is not None:
        return words.say("Total of invoice %(number)s", number=str(invoice.number))
    return total_name(words, pending=True, tax_rate=invoice.organization.tax_rate)


def rule(explanation: Explanation, words: Words) -> str:
    """The formula in words; of a figure that there is none of, why."""
    if explanation.value is None:
        return words.say(_NONE[explanation.figure])
    if explanation.line is not None:
        return words.say(_LINE_RULES[explanation.line.line.kind])
    said = (_RULES if explanation.cycle is None else _CYCLE_RULES)[explanation.figure]
    return words.say(said, time=words.wall(REFILL_TIME))


def value(explanation: Explanation, words: Words) -> str:
    if explanation.value is None:
        return words.say("None") if explanation.figure is Figure.NEXT_REFILL else words.say("Unlimited")
    return figure(explanation, explanation.value, words)


def figure(explanation: Explanation, number: int, words: Words) -> str:
    """A figure or a term of it, as the language writes tokens or money."""
    return money(number, words) if explanation.figure.is_money else words.number(number)


def equation(explanation: Explanation, words: Words) -> str | None:
    """The terms with their numbers, and what they add up to. None: there is nothing to add up."""
    if explanation.value is None or not explanation.terms:
        return None
    first, *others = explanation.terms
    if not others and product(first, words) is None:
        return None
    parts = [_signed(first, explanation, words, leads=True)]
    parts += [_signed(term, explanation, words, leads=False) for term in others]
    return f"{' '.join(parts)} =\u00a0{value(explanation, words)}"


def formula(explanation: Explanation, words: Words) -> str:
    """All of it in one text: the name, the rule, and the sum."""
    summed = equation(explanation, words) or value(explanation, words)
    return f"{name(explanation, words)}. {rule(explanation, words)} {summed}"


def _signed(term: Term, explanation: Explanation, words: Words, *, leads: bool) -> str:
    """A term within the sum: its sign, and the product that it is, if it is one."""
    sign = "\N{MINUS SIGN}" if term.value < 0 else "" if leads else "+"
    part = product(term, words) or figure(explanation, abs(term.value), words)
    return f"{sign}{part}" if leads else f"{sign}\u00a0{part}"

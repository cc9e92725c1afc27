"""Explanations: every figure as terms that add up to it, and the ledger entries that say so (L1, C5, C6).

Figures of money and their terms are whole cents of CAD, all others tokens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain import plans
from app.domain.cases import Case
from app.domain.cycles import Cycle, Month, refills_between
from app.domain.explanation_terms import (
    ByCategory,
    CycleCap,
    CycleRefills,
    DailyRefill,
    NoRoom,
    Term,
    by_category,
    by_kind,
)
from app.domain.invoices import Invoice, InvoiceLine
from app.domain.ledger import GRANTS, EntryKind
from app.domain.months import UsageMonth
from app.domain.rates import UsageCategory


class Figure(StrEnum):
    """What can be asked for. CONSUMED to PLAN_TOKENS are those of a month or of one of its cycles."""

    BALANCE = "BALANCE"
    HELD = "HELD"
    PURCHASED = "PURCHASED"
    NEXT_REFILL = "NEXT_REFILL"
    CONSUMED = "CONSUMED"
    GRANTED = "GRANTED"
    OVERAGE = "OVERAGE"
    PLAN_TOKENS = "PLAN_TOKENS"
    INVOICE_LINE = "INVOICE_LINE"
    INVOICE_TOTAL = "INVOICE_TOTAL"

    @property
    def is_money(self) -> bool:
        """Only for whoever may see money (A2)."""
        return self in (Figure.INVOICE_LINE, Figure.INVOICE_TOTAL)

    @property
    def of_month(self) -> bool:
        return self in (Figure.CONSUMED, Figure.GRANTED, Figure.OVERAGE, Figure.PLAN_TOKENS)


class LedgerColumn(StrEnum):
    """What an entry can change."""

    BALANCE = "BALANCE"
    HELD = "HELD"
    PURCHASED = "PURCHASED"
    OVERAGE = "OVERAGE"


@dataclass(frozen=True, slots=True)
class EntrySum:
    """All entries of one kind and category together, in tokens; unlimited balances count as 0 (L7).

    charged: what they charged, overage included.
    """

    kind: EntryKind
    category: UsageCategory | None
    changes: Mapping[LedgerColumn, int]
    charged: int


@dataclass(frozen=True, slots=True)
class EntryChoice:
    """How to find the entries behind a figure; None: of any. changing: those that change this. only: a single one."""

    kinds: tuple[EntryKind, ...] | None = None
    month: Month | None = None
    cycle: int | None = None
    changing: LedgerColumn | None = None
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """value None: unlimited, or of a refill that there is none. The terms add up to it; a 0 may have none.

    entries None: no ledger entry is behind it. line: the invoice line that it is about.
    """

    figure: Figure
    value: int | None
    terms: tuple[Term, ...]
    entries: EntryChoice | None
    usage: UsageMonth | None = None
    cycle: Cycle | None = None
    line: InvoiceLine | None = None
    invoice: Invoice | None = None


_COLUMNS = {
    Figure.BALANCE: LedgerColumn.BALANCE,
    Figure.HELD: LedgerColumn.HELD,
    Figure.PURCHASED: LedgerColumn.PURCHASED,
}


def of_tank(figure: Figure, case: Case, sums: Iterable[EntrySum]) -> Explanation:
    """Balance, held or purchased tokens: all that the ledger ever changed of them (L1). sums: of the whole case."""
    column, tank = _COLUMNS[figure], case.reservoir
    value = {Figure.BALANCE: tank.balance, Figure.HELD: tank.held, Figure.PURCHASED: tank.purchased}[figure]
    terms = () if value is None else by_kind((part.kind, part.changes[column]) for part in sums)
    return Explanation(figure, value, terms, EntryChoice(changing=column))


def of_next_refill(case: Case) -> Explanation:
    """What the next refill would add now: no more than fits under the cap (L4)."""
    figure, plan, tank = Figure.NEXT_REFILL, case.terms.plan, case.reservoir
    entries = EntryChoice(kinds=(EntryKind.DAILY_REFILL,))
    if plan is None or case.refilled_on is None or not plan.daily_refill or plan.cap is None:
        return Explanation(figure, None, (), entries)
    value = tank.refill_tokens(plan)
    terms: list[Term] = [DailyRefill(plan, plan.daily_refill)]
    if missing := value - plan.daily_refill:
        terms.append(NoRoom(plan.cap, (tank.balance or 0) + tank.held - tank.purchased, missing))
    return Explanation(figure, value, tuple(terms), entries)


def of_usage(figure: Figure, usage: UsageMonth, sums: Iterable[EntrySum], *, cycle: Cycle | None = None) -> Explanation:
    """A figure of a month, or of one cycle of it, as which usage then holds that cycle alone (C4, C5).

    sums: of the entries of the same cycles.
    """
    month, number = (usage.month, None) if cycle is None else (None, cycle.number)
    choice = EntryChoice(month=month, cycle=number)
    value: int | None
    terms: tuple[Term, ...]
    match figure:
        case Figure.CONSUMED:
            value, terms = usage.consumed, by_category((part.category, part.charged) for part in sums)
            choice = EntryChoice((EntryKind.CHARGE,), month, number)
        case Figure.OVERAGE:
            value, terms = usage.overage, overage_terms(sums)
            choice = EntryChoice((EntryKind.CHARGE,), month, number, LedgerColumn.OVERAGE)
        case Figure.GRANTED:
            granted = ((part.kind, part.changes[LedgerColumn.BALANCE]) for part in sums if part.kind in GRANTS)
            value, terms = usage.granted, by_kind(granted)
            choice = EntryChoice(GRANTS, month, number)
        case Figure.PLAN_TOKENS:
            value = usage.plan_tokens
            terms = () if value is None else tuple(term for each in usage.cycles for term in _ceiling(each))
            choice = EntryChoice(GRANTS, month, number)
        case _:
            raise ValueError(f"{figure} is not one of a month")
    return Explanation(figure, value, terms, choice, usage=usage, cycle=cycle)


def overage_terms(sums: Iterable[EntrySum]) -> tuple[ByCategory, ...]:
    """What was settled beyond the reservoir, by category (T5)."""
    return by_category((part.category, part.changes[LedgerColumn.OVERAGE]) for part in sums)


def _ceiling(cycle: Cycle) -> tuple[Term, ...]:
    """The most that a limited plan could cover in a cycle (C5)."""
    plan = plans.plan(cycle.tier, cycle.catalogue)
    assert plan.cap is not None, "an unlimited plan has no ceiling"
    refills = refills_between(cycle.starts_at, cycle.ends_at)
    cap = CycleCap(cycle, plan.cap)
    return (cap, CycleRefills(cycle, refills, plan.daily_refill)) if plan.daily_refill else (cap,)

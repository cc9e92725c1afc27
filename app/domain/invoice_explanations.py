"""Lines and totals of invoices explained (C2, C6). Amounts are whole cents of CAD."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain import plans
from app.domain.bills import LineKind
from app.domain.cycles import Cycle, eastern_date
from app.domain.explanation_terms import CreditElsewhere, CyclePrice, LineAmount, PricedTokens, Tax, Term, UnusedDays
from app.domain.explanations import EntryChoice, EntrySum, Explanation, Figure, LedgerColumn, overage_terms
from app.domain.invoices import Invoice, InvoiceLine
from app.domain.ledger import GRANTS, EntryKind
from app.domain.money import cents
from app.domain.subscriptions import TimelineEvent


@dataclass(frozen=True, slots=True)
class Background:
    """What a line of an invoice is explained with: the cycle that it is about, the entries of that cycle, and the
    upgrade that gave a credit."""

    cycle: Cycle | None
    sums: Sequence[EntrySum]
    upgrade: TimelineEvent | None


def of_line(invoice: Invoice, shown: InvoiceLine, background: Background) -> Explanation:
    """A line of an invoice (C6). invoice: with all lines of the same case."""
    line = shown.line
    terms: tuple[Term, ...]
    entries: EntryChoice | None = None
    match line.kind:
        case LineKind.PLAN:
            assert line.tier is not None, "a plan line has a plan"
            assert line.until is not None, "a plan line has an end"
            terms = (CyclePrice(line.tier, line.effective_at, line.until, line.amount),)
            entries = EntryChoice(GRANTS, cycle=line.cycle)
        case LineKind.OVERAGE:
            parts = overage_terms(background.sums)
            terms = tuple(PricedTokens(part.category, part.value, line.unit_price) for part in parts)
            entries = EntryChoice((EntryKind.CHARGE,), cycle=line.cycle, changing=LedgerColumn.OVERAGE)
        case LineKind.TOKEN_PURCHASE:
            terms = (PricedTokens(None, line.quantity, line.unit_price),)
            entries = EntryChoice(only=line.entry)
        case LineKind.PRORATION_CREDIT:
            terms = _credit(shown, background)
            entries = EntryChoice((EntryKind.UPGRADE_FILL,), cycle=line.cycle and line.cycle + 1)
        case LineKind.TAX:
            others = (each.line for each in invoice.lines if each.case_uuid == shown.case_uuid)
            taxed = sum(each.amount for each in others if each.kind is not LineKind.TAX)
            terms = (Tax(line.rate or Decimal(0), taxed, line.amount),)
    return Explanation(
        Figure.INVOICE_LINE, line.amount, terms, entries, cycle=background.cycle, line=shown, invoice=invoice
    )


def of_total(invoice: Invoice) -> Explanation:
    """What an invoice comes to, of the lines that the viewer sees of it."""
    terms = tuple(LineAmount(line) for line in invoice.lines)
    return Explanation(Figure.INVOICE_TOTAL, invoice.total, terms, None, invoice=invoice)


def _credit(shown: InvoiceLine, background: Background) -> tuple[Term, ...]:
    """The whole credit of the upgrade, less what of it is elsewhere (C2, C6)."""
    line, cycle, upgrade = shown.line, background.cycle, background.upgrade
    assert cycle is not None, "a credit is for a cycle"
    assert upgrade is not None, "a credit comes from an upgrade"
    assert line.until is not None, "the cycle had a planned end"
    end = eastern_date(line.until)
    whole = UnusedDays(
        tier=cycle.tier,
        upgraded_at=upgrade.occurred_at,
        price=cents(plans.plan(cycle.tier, cycle.catalogue).monthly_price.amount),
        unused=(end - eastern_date(upgrade.occurred_at)).days,
        days=(end - eastern_date(cycle.starts_at)).days,
        value=-cents(upgrade.credit),
    )
    elsewhere = line.amount - whole.value
    return (whole, CreditElsewhere(elsewhere)) if elsewhere else (whole,)

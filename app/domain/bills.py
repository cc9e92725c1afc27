"""Bills: the lines that an event adds, the credit that it uses up, tax, and the total (C2, C3, C6).

Amounts are whole cents of CAD, unless a name says Decimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from app.domain import plans
from app.domain.cycles import Cycle, Month
from app.domain.money import cents
from app.domain.plans import PlanTier
from app.domain.rates import OVERAGE_PRICE

LAST_INSTANT = timedelta(microseconds=1)
"""How long before its end a cycle has its last instant."""


class LineKind(StrEnum):
    PLAN = "PLAN"
    PRORATION_CREDIT = "PRORATION_CREDIT"
    OVERAGE = "OVERAGE"
    TOKEN_PURCHASE = "TOKEN_PURCHASE"  # noqa: S105 (not a secret: tokens are bought)
    TAX = "TAX"


@dataclass(frozen=True, slots=True)
class Line:
    """effective_at: the plan-date, when what is billed took effect. amount = quantity x unit_price.

    cycle: number of the cycle that it is about. until: the planned end of the period that a plan line pays for, or of
    the one that a credit gives back. credit_of: number of the change of plan that gave the credit; None: of the change
    that the bill itself belongs to. entry: that of a purchase.
    """

    kind: LineKind
    effective_at: datetime
    quantity: int
    unit_price: int
    cycle: int | None = None
    tier: PlanTier | None = None
    until: datetime | None = None
    credit_of: int | None = None
    entry: int | None = None
    rate: Decimal | None = None

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of the unused days of a cycle that an upgrade cut (C2).

    change: number of that upgrade; None: of the one that is being made. cycle, tier, until: of the cycle that was cut,
    and its planned end.
    """

    change: int | None
    cycle: int
    tier: PlanTier
    arose_at: datetime
    until: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What one event bills. credit_left: the pool that a later invoice may use, after it."""

    lines: tuple[Line, ...]
    credit_left: int

    @property
    def total(self) -> int:
        """Of the lines, tax included; never negative."""
        return sum(line.amount for line in self.lines)


def overage_line(cycle: Cycle, overage: int) -> Line | None:
    """The settled overage of a cycle that has ended, in one line, dated by its last instant. None: there was none."""
    if not overage:
        return None
    return Line(
        LineKind.OVERAGE, cycle.ends_at - LAST_INSTANT, overage, cents(OVERAGE_PRICE), cycle.number, cycle.tier,
        until=cycle.ends_at,
    )  # fmt: skip


def plan_line(cycle: Cycle) -> Line:
    """A new cycle, in full."""
    price = plans.plan(cycle.tier, cycle.catalogue).monthly_price.amount
    return Line(LineKind.PLAN, cycle.starts_at, 1, cents(price), cycle.number, cycle.tier, until=cycle.ends_at)


def purchase_line(tokens: int, cycle: int, entry: int, now: datetime) -> Line:
    """Bought tokens; entry: their ledger entry."""
    return Line(LineKind.TOKEN_PURCHASE, now, tokens, cents(OVERAGE_PRICE), cycle, entry=entry)


def tax_on(taxed: int, rate: Decimal) -> int:
    """Tax on the sum of the lines of one case on one invoice; half a cent rounds to even."""
    return int((taxed * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def most_tax(added: int, rate: Decimal) -> int:
    """The most by which so many cents more raise the tax on a sum that is not known yet.

    Where it is a whole, odd number of cents, half a cent of the sum may be rounded down without and up with them.
    """
    tax = added * rate
    whole = int(tax)
    return whole + 1 if tax != whole or whole % 2 else whole


def tax_line(rate: Decimal, taxed: int, at: datetime) -> Line | None:
    """The line of the tax on such a sum. None: there is none."""
    tax = tax_on(taxed, rate)
    return None if not tax else Line(LineKind.TAX, at, 1, tax, rate=rate)


def card_bill(lines: Sequence[Line | None], carried: Sequence[Credit], rate: Decimal, at: datetime) -> Bill:
    """An invoice of its own: credits are used up to the sum of the lines, the oldest first; tax is on what is left."""
    billed = [line for line in lines if line is not None]
    used = _use(carried, sum(line.amount for line in billed))
    left = sum(credit.left for credit in carried) + sum(line.amount for line in used)
    tax = tax_line(rate, sum(line.amount for line in (*billed, *used)), at)
    return Bill((*billed, *used, *([tax] if tax else [])), left)


def monthly_bill(lines: Sequence[Line | None], own: Credit | None, carried: Sequence[Credit], at: datetime) -> Bill:
    """Lines that wait, tax left out, for the organization's invoices, each for that of its plan-date's month.

    own: the credit of the upgrade that is being made, which goes with its plan line. A credit that was carried is used
    on the invoice of the event itself, as far as that leaves something for it.
    """
    billed = [line for line in lines if line is not None]
    if own is not None and own.left:
        billed += _use([own], own.left)
    month = Month.of(billed[-1].effective_at if billed else at)
    room = sum(line.amount for line in billed if Month.of(line.effective_at) == month)
    used = [replace(line, effective_at=billed[-1].effective_at) for line in _use(carried, room)]
    left = sum(credit.left for credit in carried) + sum(line.amount for line in used)
    return Bill((*billed, *used), left)


def _use(carried: Sequence[Credit], most: int) -> list[Line]:
    """Lines that give back credits, the oldest first, together no more than so much."""
    lines = []
    for credit in sorted(carried, key=lambda credit: credit.arose_at):
        if (amount := min(credit.left, most)) > 0:
            most -= amount
            lines.append(
                Line(
                    LineKind.PRORATION_CREDIT, credit.arose_at, 1, -amount, credit.cycle, credit.tier, credit.until,
                    credit.change,
                )
            )  # fmt: skip
    return lines

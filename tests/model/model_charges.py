"""What each event bills (C2, C3, C6): its lines, the credit that they use up, tax, and what a card pays at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.model.model_cycles import Cycle, days_between, month_of
from tests.model.model_prices import PLANS, TOKEN_PRICE

if TYPE_CHECKING:
    from tests.model.model_case import Case

NOTHING = Decimal("0.00")
MAY_USE_CREDIT = {"RENEWAL", "UPGRADE", "DEACTIVATION"}


@dataclass(frozen=True)
class Line:
    """Something billed, in whole cents. at: its plan-date, when it took effect. cycle: number of the one that it is
    about; until: the planned end of what a PLAN pays for or a PRORATION_CREDIT gives back, the end of what an OVERAGE
    sums up. entry: sequence of a purchase in the ledger.
    """

    kind: str
    at: datetime
    quantity: int
    unit_price: int
    cycle: int | None = None
    tier: str | None = None
    until: datetime | None = None
    entry: int | None = None
    rate: Decimal | None = None

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Credit:
    """What is left, in cents, of the unused days of a cycle that an upgrade cut; `cycle` as it was planned."""

    cycle: Cycle
    given_at: datetime
    left: int


@dataclass(frozen=True)
class Charge:
    """What one event bills in CAD: `billed` before any credit, of which `credited` is covered by credit left from
    earlier upgrades, `tax` on what remains, and `now` is paid by card at once; on monthly invoices nothing is, and tax
    comes at the issue. `earned` is an upgrade's own credit for unused days. lines: all of it, in order.

    kind: ACTIVATION, REACTIVATION, UPGRADE, RENEWAL, DEACTIVATION or PURCHASE.
    """

    kind: str
    at: datetime
    billed: Decimal
    credited: Decimal
    tax: Decimal
    now: Decimal
    earned: Decimal
    lines: tuple[Line, ...]
    by_card: bool


def bill(case: "Case", kind: str, at: datetime, lines: list[Line], earned: Credit | None = None) -> None:
    """C6: credit goes on renewals, upgrades and deactivations, as much as the total can take; the rest waits.

    What an upgrade earns never goes on its own bill by card. On monthly invoices it is issued with that bill.
    """
    by_card = case.payment_method == "CARD"
    billed = total(lines)
    own = [give_back(earned, earned.left, at)] if earned and not by_card else []
    lines = [*lines, *own]
    used = use_credit(case, lines, by_card) if kind in MAY_USE_CREDIT and lines else []
    tax = tax_on(total([*lines, *used]), case.tax_rate, at) if by_card else []
    if earned and by_card:
        case.credits.append(earned)
    lines = [*lines, *used, *tax]
    case.charges.append(
        Charge(
            kind=kind,
            at=at,
            billed=cad(billed),
            credited=-cad(total(used)),
            tax=cad(total(tax)),
            now=cad(total(lines)) if by_card else NOTHING,
            earned=cad(earned.left) if earned else NOTHING,
            lines=tuple(lines),
            by_card=by_card,
        )
    )


def use_credit(case: "Case", lines: list[Line], by_card: bool) -> list[Line]:
    """C6: the oldest first, until nothing is left to pay.

    By card the whole bill takes it. On monthly invoices that of the last plan-date's month does, at that plan-date.
    """
    last = max(line.at for line in lines)
    room = total(lines if by_card else [line for line in lines if month_of(line.at) == month_of(last)])
    used, kept = [], []
    for credit in case.credits:
        part = min(credit.left, room)
        room -= part
        if part:
            used.append(give_back(credit, part, credit.given_at if by_card else last))
        if part < credit.left:
            kept.append(replace(credit, left=credit.left - part))
    case.credits = kept
    return used


def plan_line(cycle: Cycle) -> Line:
    """A new cycle, in full."""
    return Line("PLAN", cycle.starts_at, 1, cents(PLANS[cycle.tier].price), cycle.number, cycle.tier, cycle.ends_at)


def overage_lines(case: "Case", cycle: Cycle) -> list[Line]:
    """C6: the overage that was settled in a cycle that has ended, dated by its last instant; none where there was none.

    Instants are counted in microseconds.
    """
    tokens = sum(entry.overage_change for entry in case.entries if entry.cycle == cycle.number)
    at = cycle.ends_at - timedelta(microseconds=1)
    price = cents(TOKEN_PRICE)
    return [Line("OVERAGE", at, tokens, price, cycle.number, cycle.tier, cycle.ends_at)] if tokens else []


def purchase_line(tokens: int, cycle: Cycle, entry: int, at: datetime) -> Line:
    """L3."""
    return Line("TOKEN_PURCHASE", at, tokens, cents(TOKEN_PRICE), cycle.number, entry=entry)


def give_back(credit: Credit, part: int, at: datetime) -> Line:
    """So many cents of a credit."""
    cycle = credit.cycle
    return Line("PRORATION_CREDIT", at, 1, -part, cycle.number, cycle.tier, cycle.ends_at)


def tax_on(taxed: int, rate: Decimal, at: datetime) -> list[Line]:
    """Of the lines of one case on one invoice; half a cent to even, none where it is nothing."""
    tax = round(Fraction(rate) * taxed)
    return [Line("TAX", at, 1, tax, rate=rate)] if tax else []


def credit_for_unused_days(cycle: Cycle, at: datetime) -> Credit:
    """C2: the days from today to the cycle's planned end, by its planned length; half a cent rounds to even."""
    unused, length = days_between(at, cycle.ends_at), days_between(cycle.starts_at, cycle.ends_at)
    amount = (PLANS[cycle.tier].price * unused / length).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return Credit(cycle, at, cents(amount))


def total(lines: list[Line]) -> int:
    """Cents."""
    return sum(line.amount for line in lines)


def cents(amount: Decimal) -> int:
    return int(amount * 100)


def cad(amount: int) -> Decimal:
    return Decimal(amount) / 100 + NOTHING

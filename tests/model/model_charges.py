"""What is billed and when (C2, C6): the amounts only, as a card pays them; invoices are not made of them here."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from tests.model.model_cycles import Cycle, days_between
from tests.model.model_prices import PLANS, TOKEN_PRICE

if TYPE_CHECKING:
    from tests.model.model_case import Case

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Charge:
    """What one event bills in CAD: `billed` before any credit, of which `credited` is covered by credit left from
    earlier upgrades and `now` is paid by card at once; on monthly invoices nothing is. `earned` is an upgrade's own
    credit for unused days.

    kind: ACTIVATION, REACTIVATION, UPGRADE, RENEWAL, DEACTIVATION or PURCHASE.
    """

    kind: str
    at: datetime
    billed: Decimal
    credited: Decimal
    now: Decimal
    earned: Decimal


def bill(case: "Case", kind: str, at: datetime, billed: Decimal, earned: Decimal = NOTHING) -> None:
    """C6: credit goes on renewals, upgrades and deactivations, as much as the total can take; the rest waits.

    What an upgrade earns never goes on its own bill. On monthly invoices it is issued with that bill, so none waits.
    """
    card = case.payment_method == "CARD"
    takes_credit = card and kind in {"RENEWAL", "UPGRADE", "DEACTIVATION"}
    credited = min(case.credit_left, billed) if takes_credit else NOTHING
    case.credit_left -= credited
    case.credit_left += earned if card else NOTHING
    case.charges.append(Charge(kind, at, billed, credited, billed - credited if card else NOTHING, earned))


def price_of_overage(case: "Case", cycle: Cycle) -> Decimal:
    """C6: the overage that was settled in this cycle."""
    return TOKEN_PRICE * sum(entry.overage_change for entry in case.entries if entry.cycle == cycle.number)


def credit_for_unused_days(cycle: Cycle, at: datetime) -> Decimal:
    """C2: the days from today to the cycle's planned end, by its planned length; half a cent rounds to even."""
    unused, length = days_between(at, cycle.ends_at), days_between(cycle.starts_at, cycle.ends_at)
    return (PLANS[cycle.tier].price * unused / length).quantize(Decimal("0.01"), ROUND_HALF_EVEN)

"""Money: an exact amount in one currency."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Currency(StrEnum):
    CAD = "CAD"
    USD = "USD"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with cents in one currency; amounts of two currencies are never added (P1)."""

    amount: Decimal
    currency: Currency


def cents(amount: Decimal) -> int:
    """An exact amount in whole cents; ValueError where it has less than a cent."""
    whole = amount * 100
    if whole != whole.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(whole)


def cad(amount: int) -> Money:
    """Whole cents as money."""
    return Money(Decimal(amount).scaleb(-2), Currency.CAD)

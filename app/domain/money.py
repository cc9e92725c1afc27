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

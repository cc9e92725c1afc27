"""What is agreed with an organization: monthly invoices, its contract at Nuix, its tax (C6, C7)."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.domain.texts import MAX_NAME

_SHARE = re.compile(r"0?\.\d{1,5}|0", re.ASCII)
_PERCENT = re.compile(r"\d{1,2}([.,]\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contract:
    """monthly_invoicing: on the portal's contracted list. contract_id: at Nuix. tax_rate: a share of 0 to below 1."""

    monthly_invoicing: bool
    contract_id: str | None
    tax_rate: Decimal


def contract_id_of(text: str) -> str | None:
    """The id without white space around it, up to 255 characters that can be printed; ValueError: it is none.

    None: it was left empty, there is none.
    """
    wanted = text.strip()
    if len(wanted) > MAX_NAME or not wanted.isprintable():
        raise ValueError("A contract id has up to 255 characters that can be printed.")
    return wanted or None


def tax_of_share(text: str) -> Decimal:
    """A share with up to five decimal places, such as 0.14975; ValueError for anything else."""
    if not _SHARE.fullmatch(text.strip()):
        raise ValueError("A tax rate is a share from 0 to below 1 with up to five decimal places, such as 0.14975.")
    return Decimal(text.strip())


def tax_of_percent(text: str) -> Decimal:
    """The same in percent, as people of either language type it: 14.975 or 14,975; ValueError for anything else."""
    number = text.replace("%", "").strip()
    if not _PERCENT.fullmatch(number):
        raise ValueError("A tax rate is 0 to below 100 percent with up to three decimal places.")
    return Decimal(number.replace(",", ".")).scaleb(-2)


def percent_of(rate: Decimal) -> str:
    """A share in percent, with a point and no more decimal places than it needs."""
    return format((rate * 100).normalize(), "f")

"""Amounts of money in the two languages; only for whoever may see money (A2)."""

from decimal import Decimal

from babel.numbers import format_currency, get_decimal_symbol

from app.adapters.languages import Words
from app.domain.money import Currency


def amount(sum_: Decimal, words: Words, currency: Currency = Currency.CAD) -> str:
    """With its cents, as the language writes money; a minus as it writes one."""
    told = str(format_currency(abs(sum_), currency.value, locale=words.language.value))
    return told if sum_ >= 0 else f"\N{MINUS SIGN}{told}"


def price(sum_: Decimal, words: Words, currency: Currency = Currency.CAD) -> str:
    """The same, without cents where there are none."""
    told = amount(sum_, words, currency)
    cents = get_decimal_symbol(words.language.value) + "00"
    return told.replace(cents, "") if sum_ == sum_.to_integral_value() else told

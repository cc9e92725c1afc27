"""Words, numbers and plurals in the two languages (E1). English is the source; French stands in locales/fr_CA.po."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_gmt, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol
from babel.support import Translations

from app.domain.cycles import EASTERN, Month
from app.domain.languages import Language

LOCALES = Path(__file__).parent / "locales"


def mark(message: str) -> str:
    """Marks a message for the catalogue where it is written, to be translated where it is used."""
    return message


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How a language writes dates, where Babel has no name for the form."""

    day: str
    short_day: str
    weekday: str
    percent: str


_PATTERNS: Mapping[Language, _Patterns] = MappingProxyType(
    {
        Language.EN: _Patterns("MMMM\u00a0d", "MMM\u00a0d", "EEEE, MMMM\u00a0d", "%s%%"),
        Language.FR: _Patterns("d\u00a0MMMM", "d\u00a0MMM", "EEEE d\u00a0MMMM", "%s\u00a0%%"),
    }
)


class Words:
    """Everything that is said in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._locale = Locale.parse(language.value)
        self._translations = _translations(language)
        self._group = get_group_symbol(self._locale)
        self._decimal = get_decimal_symbol(self._locale)
        self._patterns = _PATTERNS[language]

    def fall_back_on(self, translations: NullTranslations) -> None:
        """Asks these for messages that the catalogue does not hold, which else are said in English."""
        self._translations.add_fallback(translations)

    def say(self, message: str, **values: object) -> str:
        """The message in this language, its %(names)s filled in; whole numbers are written as the language does."""
        return self._translations.gettext(message) % self._formatted(values)

    def count(self, singular: str, plural: str, number: int, **values: object) -> str:
        """As `say`, in the form that the number asks for (in French 0 and 1 are singular)."""
        chosen = self._translations.ngettext(singular, plural, number)
        return chosen % self._formatted({"number": number, **values})

    def number(self, number: int) -> str:
        """As Babel writes a whole number, a hundred times faster: a page has hundreds."""
        grouped = f"{abs(number):,}".replace(",", self._group)
        return grouped if number >= 0 else f"\N{MINUS SIGN}{grouped}"

    def signed(self, number: int) -> str:
        """A change: with its sign, a 0 without."""
        return f"+{self.number(number)}" if number > 0 else self.number(number)

    def percent(self, tenths: int) -> str:
        """A share, given in tenths of a percent."""
        return self._patterns.percent % f"{self.number(tenths // 10)}{self._decimal}{tenths % 10}"

    def full_day(self, day: date) -> str:
        """With the year, in full."""
        return self._dated(day, "long").replace(" ", "\u00a0")

    def day(self, day: date) -> str:
        """Without the year."""
        return self._dated(day, self._patterns.day)

    def short_day(self, day: date) -> str:
        return self._dated(day, self._patterns.short_day)

    def weekday(self, day: date) -> str:
        """A day of these weeks, at the beginning of a line."""
        return capitalized(self._dated(day, self._patterns.weekday))

    def days(self, first: date, last: date) -> str:
        """From the first to the last, both included."""
        return f"{self.short_day(first)}\N{EN DASH}{self.short_day(last)}"

    def month(self, month: Month) -> str:
        """In full, within a sentence."""
        return format_date(month.day(1), "MMMM\u00a0y", self._locale)

    def clock(self, instant: datetime, zone: tzinfo = EASTERN) -> str:
        """Wall time in the zone."""
        return format_time(instant.astimezone(zone), "short", locale=self._locale).replace(" ", "\u00a0")

    def wall(self, wall: time) -> str:
        """A time of day, of no date."""
        return format_time(wall, "short", locale=self._locale).replace(" ", "\u00a0")

    def zone_name(self, zone: tzinfo, instant: datetime) -> str:
        """The name of a zone at an instant, in full."""
        return get_timezone_name(instant.astimezone(zone), width="long", locale=self._locale)

    def zone(self, zone: tzinfo, instant: datetime) -> str:
        """The short name of a zone at an instant, its offset where the language has none."""
        local = instant.astimezone(zone)
        name = get_timezone_name(local, width="short", locale=self._locale)
        return get_timezone_gmt(local, "long", self._locale) if name[0] in "+-" else name

    def instant(self, instant: datetime) -> str:
        """Date and time in New York, for sentences about the schedule."""
        local = instant.astimezone(EASTERN)
        return f"{self._dated(local.date(), 'long')}, {format_time(local, 'short', locale=self._locale)}"

    def listed(self, parts: Sequence[str]) -> str:
        """Parts of an enumeration, joined by commas."""
        return ", ".join(parts)

    def _dated(self, day: date, pattern: str) -> str:
        """As Babel writes a date, but for the first of a month, which French numbers otherwise."""
        text = format_date(day, pattern, self._locale)
        return _FIRST.sub("1er", text) if self.language is Language.FR and day.day == 1 else text

    def _formatted(self, values: dict[str, object]) -> dict[str, object]:
        return {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}


_FIRST = re.compile(r"(?<!\d)1(?=\s[a-zé])")
"""The day in a French date, before its month."""


def capitalized(text: str) -> str:
    """For what begins a line: French writes days and months small."""
    return text[:1].upper() + text[1:]


def _translations(language: Language) -> NullTranslations:
    if language is Language.EN:
        return NullTranslations()
    with (LOCALES / f"{language.value}.po").open("rb") as file:
        catalogue = read_po(file, locale=language.value)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def words(language: Language) -> Words:
    """Read once per process."""
    return Words(language)


def accepted_language(header: str | None) -> Language:
    """The language that an Accept-Language header prefers; English where it names neither (E1)."""
    best, best_weight = Language.EN, 0.0
    for part in (header or "")[:1_000].split(","):
        name, _, parameters = part.strip().partition(";")
        language = {"en": Language.EN, "fr": Language.FR}.get(name.strip().lower().partition("-")[0])
        weight = _weight(parameters)
        if language is not None and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0

"""Words, numbers and plurals in the two languages (E1). English is the source; French stands in locales/fr_CA.po."""

from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from app.domain.cycles import EASTERN
from app.domain.languages import Language

LOCALES = Path(__file__).parent / "locales"


def mark(message: str) -> str:
    """Marks a message for the catalogue where it is written, to be translated where it is used."""
    return message


class Words:
    """Everything that is said in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._translations = _translations(language)

    def say(self, message: str, **values: object) -> str:
        """The message in this language, its %(names)s filled in; whole numbers are written as the language does."""
        return self._translations.gettext(message) % self._formatted(values)

    def count(self, singular: str, plural: str, number: int, **values: object) -> str:
        """As `say`, in the form that the number asks for (in French 0 and 1 are singular)."""
        chosen = self._translations.ngettext(singular, plural, number)
        return chosen % self._formatted({"number": number, **values})

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self.language.value)

    def instant(self, instant: datetime) -> str:
        """Date and time in New York, for sentences about the schedule."""
        local = instant.astimezone(EASTERN)
        locale = self.language.value
        return f"{format_date(local, 'long', locale)}, {format_time(local, 'short', locale=locale)}"

    def _formatted(self, values: dict[str, object]) -> dict[str, object]:
        return {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}


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

"""The two languages that everything a person reads is written in (E1)."""

from enum import StrEnum


class Language(StrEnum):
    """A language; its value is the locale that formats numbers and dates."""

    EN = "en_CA"
    FR = "fr_CA"

"""Sign-in links and the sessions they open: one person in one case (A1)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from urllib.parse import urlsplit
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.languages import Language

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
"""From signing in, however busy the session is: a working day."""


class LinkRefusal(Enum):
    """Why nobody gets a link."""

    NO_SUCH_CASE = "no_such_case"
    UNUSABLE_NAME = "unusable_name"
    NOT_FOR_OPERATORS = "not_for_operators"
    NAME_OF_A_CLIENT = "name_of_a_client"


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in to which case. portal_url: of the case's organization."""

    viewer: Viewer
    case_uuid: UUID
    portal_url: str

    @property
    def portal_origin(self) -> str:
        """Scheme, host and port of the portal that shows the panel in a frame."""
        parts = urlsplit(self.portal_url)
        return f"{parts.scheme}://{parts.netloc}"


def token_of(secret: str, language: Language | None) -> str:
    """What a link or a session is known by. It carries the language that the link was made for.

    The digest covers all of it, so that nobody changes the language of a token of theirs into another valid token.
    """
    return secret if language is None else f"{_SHORT[language]}.{secret}"


def token_language(token: str) -> Language | None:
    """The language that a token carries; None: the browser's decides."""
    short, dot, _ = token.partition(".")
    return _LANGUAGES.get(short) if dot else None


_SHORT = {Language.EN: "en", Language.FR: "fr"}
_LANGUAGES = {short: language for language, short in _SHORT.items()}

"""Texts that callers send: what they may hold and how long they may be."""

import re

from app.domain.refusals import Flaw, InvalidInput

MAX_NAME = 255
MAX_KEY = 255

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def unstorable(text: str) -> bool:
    """NUL and halves of surrogate pairs have no place in a database or a page."""
    return _UNSTORABLE.search(text) is not None


def check_text(field: str, text: str) -> InvalidInput | None:
    """A text of 1 to 255 characters, not only white space."""
    if not text.strip() or len(text) > MAX_NAME:
        return InvalidInput(field, Flaw.TEXT_LENGTH, {"longest": MAX_NAME})
    if unstorable(text):
        return InvalidInput(field, Flaw.TEXT_CHARACTERS)
    return None


def check_search(search: str | None) -> InvalidInput | None:
    """A text to search names for; none or an empty one finds everything."""
    return check_text("search", search) if search else None


def check_key(key: str) -> InvalidInput | None:
    """An idempotency key: 1 to 255 characters (K1)."""
    if not 1 <= len(key) <= MAX_KEY:
        return InvalidInput("idempotencyKey", Flaw.KEY_LENGTH, {"longest": MAX_KEY})
    return InvalidInput("idempotencyKey", Flaw.TEXT_CHARACTERS) if unstorable(key) else None

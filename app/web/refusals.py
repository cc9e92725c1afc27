"""Refusals of changes: in words above a page, and as a status for machines (C7)."""

from app.adapters.sentences import contract_request, sentence
from app.domain.refusals import Forbidden, IdempotencyConflict, InvalidInput, InvoicingNotContracted, Refusal
from app.web.notices import Notice
from app.web.readers import Reader


def refused(refusal: Refusal, reader: Reader) -> Notice:
    """A refusal in words; where support can help, with a mail to them that is already written (C7)."""
    words = reader.words
    mail = contract_request(refusal, words) if isinstance(refusal, InvoicingNotContracted) else None
    return Notice(
        words.say("Nothing was changed."), sentence(refusal, words), tone="bad", href=mail,
        action=None if mail is None else words.say("Write to support"),
    )  # fmt: skip


def stale_notice(reader: Reader) -> Notice:
    """What was confirmed is no longer what would be done."""
    words = reader.words
    return Notice(
        words.say("Nothing was changed."),
        words.say("The plan or its amounts have changed since you opened this page. They are shown as they are now."),
        tone="warn",
    )


def refusal_status(refusal: Refusal) -> int:
    """What machines are told."""
    if isinstance(refusal, Forbidden):
        return 403
    return 400 if isinstance(refusal, InvalidInput) else 409 if isinstance(refusal, IdempotencyConflict) else 422

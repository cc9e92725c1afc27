"""Outcomes of documents, as a report brings them (T3, T4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.rates import ScanMode
from app.domain.refusals import Flaw, InvalidInput
from app.domain.texts import unstorable

MOST_DOCUMENTS_IN_A_CALL = 10_000
LONGEST_DOCUMENT_ID = 64


class DocumentStatus(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """Documents with one result. resolved_mode belongs to succeeded documents of an AUTO task only."""

    status: DocumentStatus
    resolved_mode: ScanMode | None
    document_ids: Sequence[str]


_LETTERS = {
    (DocumentStatus.FAILED, None): "f",
    (DocumentStatus.SKIPPED, None): "s",
    (DocumentStatus.SUCCEEDED, None): "d",
    (DocumentStatus.SUCCEEDED, ScanMode.TEXT): "t",
    (DocumentStatus.SUCCEEDED, ScanMode.IMAGE): "i",
    (DocumentStatus.SUCCEEDED, ScanMode.AUDIO): "a",
    (DocumentStatus.SUCCEEDED, ScanMode.VIDEO): "v",
}
"""How an outcome is stored: one letter. "d" is done in the task's own mode, and is stored as that mode's letter."""


@dataclass(frozen=True, slots=True)
class Report:
    """Each document once, and as many letters: the outcome of each."""

    documents: list[str]
    letters: str

    @property
    def names_modes(self) -> bool:
        """Whether some succeeded document carries a resolved mode."""
        return not _MODE_LETTERS.isdisjoint(self.letters)

    @property
    def leaves_modes_out(self) -> bool:
        """Whether some succeeded document carries none."""
        return "d" in self.letters


_MODE_LETTERS = frozenset("tiav")


def read_report(groups: Iterable[OutcomeGroup]) -> Report | InvalidInput:
    """One report out of the groups of a call, or what is wrong with it whatever the task (T4).

    A report without documents is a sign of life: it keeps a slow task from being abandoned (T6).
    """
    outcomes: dict[str, str] = {}
    named = 0
    for group in groups:
        letter = _LETTERS.get((group.status, group.resolved_mode))
        if letter is None:
            return _unfit_mode(group)
        named += len(group.document_ids)
        if named > MOST_DOCUMENTS_IN_A_CALL:
            return InvalidInput("documentIds", Flaw.TOO_MANY_DOCUMENTS_IN_A_CALL, {"most": MOST_DOCUMENTS_IN_A_CALL})
        for document in group.document_ids:
            if outcomes.setdefault(document, letter) != letter:
                return InvalidInput("documentIds", Flaw.DOCUMENT_TWICE)
    for document in outcomes:
        if not 1 <= len(document) <= LONGEST_DOCUMENT_ID:
            return InvalidInput("documentIds", Flaw.DOCUMENT_ID_LENGTH, {"longest": LONGEST_DOCUMENT_ID})
    if unstorable("".join(outcomes)):
        return InvalidInput("documentIds", Flaw.TEXT_CHARACTERS)
    return Report(list(outcomes), "".join(outcomes.values()))


def _unfit_mode(group: OutcomeGroup) -> InvalidInput:
    auto = group.resolved_mode is ScanMode.AUTO
    return InvalidInput("resolvedMode", Flaw.RESOLVED_MODE_AUTO if auto else Flaw.RESOLVED_MODE_UNEXPECTED)

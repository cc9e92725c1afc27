"""The refund receipt of a task: where every reserved token went, and why the rest came back (T3, T5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.ledger import EntryGroup, EntryKind
from app.domain.rates import UsageCategory
from app.domain.tasks import Task, TaskStatus


class RefundReason(StrEnum):
    """Why tokens of a document came back, in the order in which they are told."""

    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    NEVER_RUN = "NEVER_RUN"
    CHEAPER = "CHEAPER"


@dataclass(frozen=True, slots=True)
class RefundPart:
    """Documents whose tokens came back for one reason. entries: those of the ledger that gave them back."""

    reason: RefundReason
    documents: int
    tokens: int
    entries: EntryGroup


@dataclass(frozen=True, slots=True)
class Receipt:
    """A task in tokens: reserved = charges + refunds + what it still holds, each with its ledger entries.

    reserve is None where nothing was reserved, and then there is nothing else either (T7). released: tokens among the
    refunds that were provisional overage, set aside beyond the balance, which their return did not change (T5).
    """

    task: Task
    reserve: EntryGroup | None
    charges: tuple[EntryGroup, ...]
    refunds: tuple[RefundPart, ...]
    released: int

    @property
    def ended(self) -> bool:
        """Whether it is final; until then more may be charged and come back."""
        return self.task.status is not TaskStatus.RUNNING


def price_reserved(task: Task) -> int:
    """Tokens that the task reserved for each of its documents (P2), from its creation to its end."""
    return task.reserved // task.documents


def refunds_at_end(task: Task) -> dict[RefundReason, int]:
    """What the refund at the end of a task is for: documents by reason, each at the whole price reserved (T3)."""
    counts = {
        RefundReason.FAILED: task.failed,
        RefundReason.SKIPPED: task.skipped,
        RefundReason.NEVER_RUN: task.pending,
    }
    return {reason: documents for reason, documents in counts.items() if documents}


def receipt(task: Task, groups: Iterable[EntryGroup]) -> Receipt:
    """The receipt of a task out of all its ledger entries, grouped by kind and category.

    Its parts always sum to what the task shows (T3): anything else is a defect, and raises instead of being shown.
    """
    by_kind: dict[EntryKind, list[EntryGroup]] = {}
    for group in groups:
        by_kind.setdefault(group.kind, []).append(group)
    reserves = by_kind.get(EntryKind.RESERVE, [])
    charges = tuple(sorted(by_kind.get(EntryKind.CHARGE, []), key=_order_of_category))
    returns = by_kind.get(EntryKind.REFUND, [])
    refunds = tuple(part for group in returns for part in _parts(task, group))
    made = Receipt(
        task=task,
        reserve=reserves[0] if reserves else None,
        charges=charges,
        refunds=tuple(sorted(refunds, key=lambda part: list(RefundReason).index(part.reason))),
        released=-sum(group.provisional for group in returns),
    )
    assert sum(group.tokens for group in reserves) == task.reserved, "the reserve is not what the task reserved"
    assert sum(group.tokens for group in charges) == task.charged, "the charges do not sum to what the task charged"
    assert sum(part.tokens for part in refunds) == task.refunded, "the parts do not sum to what came back"
    return made


def _parts(task: Task, group: EntryGroup) -> list[RefundPart]:
    """A refund of reports is for documents that were cheaper than reserved; that at the end is for the others (T3)."""
    if group.documents is not None:
        return [RefundPart(RefundReason.CHEAPER, group.documents, group.tokens, group)]
    return [
        RefundPart(reason, documents, documents * price_reserved(task), group)
        for reason, documents in refunds_at_end(task).items()
    ]


def _order_of_category(group: EntryGroup) -> int:
    assert group.category is not None, "a charge is always for a category"
    return list(UsageCategory).index(group.category)

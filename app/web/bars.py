"""How far a task is, as parts of a bar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.tasks import Task

LEAST_WIDTH = 10
"""Of a part of the bar, in thousandths: one failure among thousands is still seen."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: its look, where it begins and how wide it is, in percent."""

    look: str
    start: str
    width: str


def bar(documents: int, counts: Sequence[int]) -> list[int]:
    """Widths of the counts in thousandths of a bar for all documents: each not 0 is seen, and what is left."""
    widths = [max(LEAST_WIDTH, count * 1000 // documents) if count else 0 for count in counts]
    left = sum(counts) < documents
    room = 1000 - LEAST_WIDTH if left else 1000
    if sum(widths) > room or not left:
        widths[widths.index(max(widths))] += room - sum(widths)
    return widths


def segments(task: Task) -> Iterator[Segment]:
    """What succeeded, failed and was skipped, from the left; what is pending is left free."""
    widths = bar(task.documents, (task.succeeded, task.failed, task.skipped))
    start = 0
    for look, width in zip(("p-ok", "p-bad", "p-skip"), widths, strict=True):
        if width:
            yield Segment(look, _percent(start), _percent(width))
        start += width


def _percent(thousandths: int) -> str:
    return f"{thousandths // 10}.{thousandths % 10}%"

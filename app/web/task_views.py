"""Tasks as pages show them: names, counts, how far they are, and their receipts (T3, T5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.adapters import receipts as texts
from app.adapters.languages import capitalized
from app.adapters.task_texts import task_description, task_kind, task_name, task_status
from app.domain.ledger import EntryGroup, EntryKind
from app.domain.receipts import Receipt
from app.domain.tasks import Task, TaskStatus
from app.web.readers import Reader

LEAST_WIDTH = 10
"""Of a part of the bar, in thousandths: one failure among thousands is still seen."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: its look, where it begins and how wide it is, in percent."""

    look: str
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class EntryLink:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """label, the ledger entries that say so, and tokens."""

    label: str
    entries: list[EntryLink]
    tokens: int


def entry_address(base: str, sequence: int) -> str:
    """The statement that begins with this entry and marks it."""
    return f"{base}/ledger?before={sequence + 1}#e-{sequence}"


class TaskView:
    """A task for one reader; receipt None where a page does not show it."""

    def __init__(self, task: Task, reader: Reader, receipt: Receipt | None = None) -> None:
        self.task = task
        self.reader = reader
        self.receipt = receipt
        self.running = task.status is TaskStatus.RUNNING
        self.name = task_name(task.name, task.number, reader.words)
        self.href = f"{reader.base}/tasks/{task.number}"
        self.entries_href = f"{reader.base}/ledger?task={task.number}"

    @property
    def kind(self) -> str:
        """For the beginning of a line."""
        return capitalized(task_kind(self.task, self.reader.words))

    @property
    def status(self) -> str:
        return capitalized(task_status(self.task, self.reader.words))

    @property
    def since(self) -> str:
        """What it is and when it began, in one line."""
        words = self.reader.words
        began = words.say("since %(moment)s", moment=self.reader.moment(self.task.created_at))
        return words.listed([self.kind, began])

    @property
    def summary(self) -> str:
        """When and how it ended and what it was, in one line."""
        words, task = self.reader.words, self.task
        assert task.finished_at is not None, "only a task that ended is summed up"
        return words.listed([self.reader.day(task.finished_at), task_status(task, words), task_kind(task, words)])

    @property
    def description(self) -> str:
        """Everything that it was created with."""
        words = self.reader.words
        numbered = words.say("Task %(number)s", number=self.task.number)
        return words.listed([numbered, task_description(self.task, words)])

    def history(self, creator: str) -> list[str]:
        """Who created it and when, and when it ended."""
        words, task = self.reader.words, self.task
        moment = self.reader.moment(task.created_at)
        history = [words.say("Created by %(name)s, %(moment)s", name=creator, moment=moment)]
        if task.finished_at is not None:
            history.append(words.say("Ended %(moment)s", moment=self.reader.moment(task.finished_at)))
        return history

    @property
    def percent(self) -> int:
        """Documents done, of a hundred; 100 only when all are."""
        return (self.task.documents - self.task.pending) * 100 // self.task.documents

    @property
    def segments(self) -> list[Segment]:
        """What succeeded, failed and was skipped, as parts of the bar."""
        return list(_segments(self.task))

    @property
    def lead(self) -> str:
        return texts.lead(self._receipt, self.reader.words)

    @property
    def overage_note(self) -> str | None:
        return texts.overage_note(self._receipt, self.reader.words)

    @property
    def free(self) -> bool:
        """It reserved nothing, so that there is nothing to account for (T7)."""
        return self.task.reserved == 0

    @property
    def reserved(self) -> ReceiptLine:
        receipt = self._receipt
        assert receipt.reserve is not None, "a task that is not free has reserved"
        return self._line(texts.reserved_line(receipt, self.reader.words), receipt.reserve, self.task.reserved)

    @property
    def charges(self) -> list[ReceiptLine]:
        receipt, words = self._receipt, self.reader.words
        return [
            self._line(texts.charged_line(receipt, group, words), group, -group.tokens) for group in receipt.charges
        ]

    @property
    def refunds(self) -> list[ReceiptLine]:
        words = self.reader.words
        return [
            self._line(texts.reason(part.reason, part.documents, words), part.entries, part.tokens)
            for part in self._receipt.refunds
        ]

    @property
    def _receipt(self) -> Receipt:
        assert self.receipt is not None, "this page did not ask for receipts"
        return self.receipt

    def _line(self, label: str, group: EntryGroup, tokens: int) -> ReceiptLine:
        return ReceiptLine(label, self._links(group), tokens)

    def _links(self, group: EntryGroup) -> list[EntryLink]:
        """One or two entries by their numbers, more as what the statement shows of the task."""
        base, words = self.reader.base, self.reader.words
        if group.entries <= 2:
            numbers = [group.first, group.last][: group.entries]
            return [EntryLink(words.number(number), entry_address(base, number)) for number in numbers]
        shown = {EntryKind.CHARGE: "charges", EntryKind.REFUND: "refunds"}[group.kind]
        category = f"&category={group.category}" if group.category else ""
        text = words.say("%(first)s to %(last)s", first=group.first, last=group.last)
        return [EntryLink(text, f"{self.entries_href}&kind={shown}{category}")]


def _segments(task: Task) -> Iterator[Segment]:
    counts = {"p-ok": task.succeeded, "p-bad": task.failed, "p-skip": task.skipped}
    widths = {look: max(LEAST_WIDTH, count * 1000 // task.documents) for look, count in counts.items() if count}
    room = 1000 - (LEAST_WIDTH if task.pending else 0)
    if widths and (task.pending == 0 or sum(widths.values()) > room):
        widest = max(widths, key=lambda look: widths[look])
        widths[widest] += room - sum(widths.values())
    start = 0
    for look, width in widths.items():
        yield Segment(look, _percent(start), _percent(width))
        start += width


def _percent(thousandths: int) -> str:
    return f"{thousandths // 10}.{thousandths % 10}%"

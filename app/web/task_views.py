"""Tasks as pages show them: names, counts, how far they are, and their receipts (T3, T5)."""

from dataclasses import dataclass
from datetime import timedelta

from app.adapters import receipts as texts
from app.adapters.languages import capitalized, mark
from app.adapters.task_texts import task_kind, task_name, task_status
from app.domain.ledger import EntryGroup, EntryKind
from app.domain.receipts import Receipt
from app.domain.tasks import Task, TaskStatus
from app.web.bars import Segment, segments
from app.web.readers import Reader

PROGRESS = {
    True: mark(
        "%(percent)s%% done: %(succeeded)s succeeded, %(failed)s failed, %(skipped)s skipped, %(pending)s pending"
    ),
    False: mark(
        "%(percent)s%% done: %(succeeded)s succeeded, %(failed)s failed, %(skipped)s skipped, %(pending)s never run"
    ),
}
"""The bar in words, while the task runs and after."""

JUST_ENDED = timedelta(minutes=10)
"""For so long pages say to screen readers that a task has ended, if they did not show it ended before."""


@dataclass(frozen=True, slots=True)
class EntryLink:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """label, the ledger entry or entries that say so, and tokens."""

    label: str
    entry: EntryLink
    tokens: int


def entry_address(links: str, sequence: int) -> str:
    """The statement that begins with this entry and marks it."""
    return f"{links}ledger?before={sequence + 1}#e-{sequence}"


class TaskView:
    """A task for one reader. receipt None: the page does not show it. full: each category of the charge by itself."""

    def __init__(self, task: Task, reader: Reader, receipt: Receipt | None = None, *, full: bool = False) -> None:
        self.task = task
        self.reader = reader
        self.receipt = receipt
        self.full = full
        self.running = task.status is TaskStatus.RUNNING
        self.just_ended = task.finished_at is not None and reader.now - task.finished_at < JUST_ENDED
        self.name = task_name(task.name, task.number, reader.words)
        self.href = f"{reader.links}tasks/{task.number}"
        self.entries_href = f"{reader.links}ledger?task={task.number}"

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
        return words.listed([numbered, task_kind(self.task, words)])

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
    def progress(self) -> str:
        """The bar in words."""
        words, task = self.reader.words, self.task
        return words.say(
            PROGRESS[self.running], percent=self.percent, succeeded=task.succeeded, failed=task.failed,
            skipped=task.skipped, pending=task.pending,
        )  # fmt: skip

    @property
    def segments(self) -> list[Segment]:
        """What succeeded, failed and was skipped, as parts of the bar."""
        return list(segments(self.task))

    @property
    def lead(self) -> str:
        return texts.lead(self._receipt, self.reader.words)

    @property
    def notes(self) -> list[str]:
        return texts.notes(self._receipt, self.reader.words)

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
        charges = receipt.charges
        if len(charges) > 1 and not self.full:
            whole = EntryGroup(
                EntryKind.CHARGE, None, None, self.task.charged, sum(group.provisional for group in charges),
                min(group.first for group in charges), max(group.last for group in charges),
                sum(group.entries for group in charges),
            )  # fmt: skip
            return [self._line(texts.mixed_charge_line(charges, words), whole, -whole.tokens)]
        return [self._line(texts.charged_line(receipt, group, words), group, -group.tokens) for group in charges]

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
        return ReceiptLine(label, self._link(group), tokens)

    def _link(self, group: EntryGroup) -> EntryLink:
        """One entry by its number, several as what the statement shows of the task."""
        links, words = self.reader.links, self.reader.words
        if group.entries == 1:
            return EntryLink(words.number(group.first), entry_address(links, group.first))
        kind = {EntryKind.CHARGE: "charges", EntryKind.REFUND: "refunds"}[group.kind]
        # Refunds of reports end before that of the task's end, which is for other documents.
        only = f"category={group.category}" if group.category else f"kind={kind}&before={group.last + 1}"
        if group.entries == 2:
            text = words.listed([words.number(group.first), words.number(group.last)])
        else:
            text = words.say("%(first)s to %(last)s", first=group.first, last=group.last)
        return EntryLink(text, f"{self.entries_href}&{only}")

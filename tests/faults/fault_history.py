"""A history of what clients asked and were told, and the check that it explains the ledger: each effect once.

An operation is done, refused or, for a while, unknown: then its client asks again with the same key until it knows.
What was done must be found in the database exactly once; what was refused must have left nothing (K1, T2-T6).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.domain import idempotency
from tests.model.model_prices import CATEGORIES, Order

MODES = {"t": "TEXT", "i": "IMAGE", "a": "AUDIO", "v": "VIDEO"}
DONE = "done"

Task = tuple[UUID, int]


@dataclass(frozen=True)
class Create:
    """A bulk scan."""

    case: UUID
    key: str
    mode: str
    documents: int

    @property
    def order(self) -> Order:
        return Order("SCAN", "BULK", self.mode, self.documents, 1)

    @property
    def request(self) -> tuple[str, str]:
        return "createTask", self.key


@dataclass(frozen=True)
class Report:
    """outcomes: f failed, s skipped, t i a v succeeded in that mode, by document."""

    task: Task
    key: str
    outcomes: Mapping[str, str]

    @property
    def case(self) -> UUID:
        return self.task[0]

    @property
    def request(self) -> tuple[str, str]:
        return "recordOutcomes", self.key


@dataclass(frozen=True)
class Finish:
    task: Task
    key: str
    end: str

    @property
    def case(self) -> UUID:
        return self.task[0]

    @property
    def request(self) -> tuple[str, str]:
        return "finishTask", self.key


Operation = Create | Report | Finish


@dataclass(frozen=True)
class Answer:
    """word: "done", or the name of the refusal. number: the task's; 0 for a refusal."""

    word: str
    number: int = 0


@dataclass
class History:
    """What one caller's clients know at the end."""

    caller_id: int
    answers: list[tuple[Operation, Answer]] = field(default_factory=list)
    unknown: int = 0
    """Answers that were lost on the way."""

    def done(self) -> Iterator[tuple[Operation, Answer]]:
        return ((operation, answer) for operation, answer in self.answers if answer.word == DONE)


@dataclass(frozen=True)
class StoredTask:
    reserved: int
    charged: int
    refunded: int
    status: str


@dataclass(frozen=True)
class StoredEntry:
    """An entry of a task. tokens: what it reserved, charged or gave back, provisional overage included."""

    task: Task
    kind: str
    category: str | None
    tokens: int


@dataclass
class Evidence:
    """What the database holds."""

    tasks: dict[Task, StoredTask]
    entries: Sequence[StoredEntry]
    documents: dict[Task, dict[str, str]]
    keys: set[tuple[UUID, UUID]]
    """Case and digest of every key under which a task was changed."""

    lowest: dict[UUID, int]
    """The least that was ever free in a case's tank."""


EXPECTED_REFUSALS = {Create: {"InsufficientTokens"}, Report: {"TaskFinished"}, Finish: {"TaskFinished"}}


class Door(Protocol):
    """A way to the service."""

    async def send(self, operation: Operation) -> Answer:
        """Raises Unknown."""
        ...


class Unknown(Exception):
    """The answer did not come: nobody knows whether it was done."""


def unexplained(history: History, found: Evidence) -> list[str]:
    """A line for everything in the database that the history does not explain, or the other way round."""
    return [*_refusals(history, found), *_keys(history, found), *_tasks(history, found)]


def _refusals(history: History, found: Evidence) -> Iterator[str]:
    for operation, answer in history.answers:
        if answer.word != DONE and answer.word not in EXPECTED_REFUSALS[type(operation)]:
            yield f"{operation} was refused with {answer.word}"
        if isinstance(operation, Create) and answer.word == "InsufficientTokens":
            lowest = found.lowest[operation.case]
            if lowest >= operation.order.reserved:
                yield f"{operation} was refused, but never were fewer than {lowest} tokens free"


def _keys(history: History, found: Evidence) -> Iterator[str]:
    expected = {
        (operation.case, idempotency.request(history.caller_id, *operation.request, ()).key)
        for operation, _ in history.done()
    }
    for case, _ in expected - found.keys:
        yield f"case {case}: something done is not remembered"
    for case, _ in found.keys - expected:
        yield f"case {case}: something is remembered that nobody was told of"


def _tasks(history: History, found: Evidence) -> Iterator[str]:
    created: dict[Task, Create] = {}
    reports: dict[Task, list[Report]] = defaultdict(list)
    ends: dict[Task, set[str]] = defaultdict(set)
    for operation, answer in history.done():
        match operation:
            case Create():
                task = operation.case, answer.number
                if created.setdefault(task, operation).key != operation.key:
                    yield f"task {task} was the answer to two keys"
            case Report():
                reports[operation.task].append(operation)
            case Finish():
                ends[operation.task].add(operation.end)
    for task in found.tasks.keys() ^ created.keys():
        yield f"task {task} is {'stored' if task in found.tasks else 'missing'}, against what was told"
    for task in found.tasks.keys() & created.keys():
        stored, order = found.tasks[task], created[task].order
        if ({stored.status} if stored.status != "RUNNING" else set()) != ends[task]:
            yield f"task {task} is {stored.status} after the ends {ends[task]}"
        for line in (
            *_documents(found.documents.get(task, {}), reports[task]),
            *_ledger(stored, order, reports[task], found.documents.get(task, {}), _entries(found, task)),
        ):
            yield f"task {task}: {line}"


def _entries(found: Evidence, task: Task) -> list[StoredEntry]:
    return [entry for entry in found.entries if entry.task == task]


def _documents(stored: Mapping[str, str], reports: Sequence[Report]) -> Iterator[str]:
    told: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        for document, letter in report.outcomes.items():
            told[document].add(letter)
    for document in told.keys() ^ stored.keys():
        yield f"document {document} is {'stored' if document in stored else 'missing'}, against what was told"
    for document in told.keys() & stored.keys():
        if stored[document] not in told[document]:
            yield f"document {document} is stored as {stored[document]}, which nobody said"


def _charges(order: Order, letters: Mapping[str, str]) -> Counter[str]:
    """Tokens by category of the documents that succeeded."""
    charges: Counter[str] = Counter()
    for letter in letters.values():
        if letter in MODES:
            resolved = MODES[letter] if order.mode == "AUTO" else None
            charges[order.category(resolved)] += order.charge(resolved)
    return charges


def _ledger(
    stored: StoredTask, order: Order, reports: Sequence[Report], documents: Mapping[str, str],
    entries: Sequence[StoredEntry],
) -> Iterator[str]:  # fmt: skip
    """Whether the entries are those of the operations, one by one where the reports do not overlap."""
    charges = _charges(order, documents)
    succeeded = sum(letter in MODES for letter in documents.values())
    charged = charges.total()
    refunded = succeeded * order.reserve - charged if stored.status == "RUNNING" else order.reserved - charged
    if (stored.reserved, stored.charged, stored.refunded) != (order.reserved, charged, refunded):
        yield f"{stored} should have charged {charged} and refunded {refunded} of {order.reserved}"
    if _tokens(entries, "RESERVE") != [order.reserved]:
        yield f"reserved {_tokens(entries, 'RESERVE')} for {order}"
    if sum(_tokens(entries, "REFUND")) != refunded:
        yield f"gave back {_tokens(entries, 'REFUND')} instead of {refunded}"
    disjoint = sum(len(report.outcomes) for report in reports) == len(documents)
    for category in CATEGORIES:
        amounts = _tokens(entries, "CHARGE", category)
        each = [amount for report in reports if (amount := _charges(order, report.outcomes)[category])]
        if sum(amounts) != charges[category] or (disjoint and sorted(amounts) != sorted(each)):
            yield f"charged {amounts} of {category} for reports that cost {each}"


def _tokens(entries: Sequence[StoredEntry], kind: str, category: str | None = None) -> list[int]:
    of_kind = (entry for entry in entries if entry.kind == kind)
    return [entry.tokens for entry in of_kind if category is None or entry.category == category]

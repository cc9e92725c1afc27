"""The history checker finds what it is there to find, and finds nothing where nothing is."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID, uuid4

import pytest

from app.domain import idempotency
from tests.faults.fault_clients import Client, ServiceDoor
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once
from tests.faults.fault_evidence import evidence
from tests.faults.fault_history import (
    DONE,
    Answer,
    Create,
    Evidence,
    Finish,
    History,
    Operation,
    Report,
    StoredEntry,
    StoredTask,
    Unknown,
    unexplained,
)
from tests.stage import active_case

CASE, TASK = UUID(int=1), (UUID(int=1), 1)
TOLD = Report(TASK, "report", {"a": "t", "b": "v", "c": "f"})
MORE = Report(TASK, "more", {"d": "t"})
OPERATIONS: list[tuple[Operation, Answer]] = [
    (Create(CASE, "create", "AUTO", 5), Answer(DONE, 1)),
    (TOLD, Answer(DONE, 1)),
    (MORE, Answer(DONE, 1)),
    (Finish(TASK, "finish", "COMPLETED"), Answer(DONE, 1)),
    (Create(CASE, "large", "AUTO", 500), Answer("InsufficientTokens")),
]


def told() -> History:
    return History(7, list(OPERATIONS))


def found() -> Evidence:
    """What the database would hold after the operations: 100 reserved, 1 + 20 + 1 charged, 19 + 19 + 40 given back."""
    entries = [("RESERVE", None, 100), ("CHARGE", "TEXT_SCAN", 1), ("CHARGE", "VIDEO_SCAN", 20), ("REFUND", None, 19)]
    entries += [("CHARGE", "TEXT_SCAN", 1), ("REFUND", None, 19), ("REFUND", None, 40)]
    return Evidence(
        tasks={TASK: StoredTask(100, 22, 78, "COMPLETED")},
        entries=[StoredEntry(TASK, *entry) for entry in entries],
        documents={TASK: {"a": "t", "b": "v", "c": "f", "d": "t"}},
        keys={(CASE, idempotency.request(7, *operation.request, ()).key) for operation, _ in told().done()},
        lowest={CASE: 9_900},
    )


def change_task(evidence: Evidence, **values: object) -> None:
    evidence.tasks[TASK] = replace(evidence.tasks[TASK], **values)  # type: ignore[arg-type]


def entry(kind: str, category: str | None, tokens: int) -> StoredEntry:
    return StoredEntry(TASK, kind, category, tokens)


FAULTS: dict[str, Callable[[History, Evidence], object]] = {
    "a task nobody was told of": lambda _, e: e.tasks.update({(CASE, 2): StoredTask(0, 0, 0, "RUNNING")}),
    "a task that is lost": lambda _, e: e.tasks.clear(),
    "two keys, one task": lambda h, _: h.answers.append((Create(CASE, "another", "AUTO", 5), Answer(DONE, 1))),
    "a second reserve": lambda _, e: setattr(e, "entries", [*e.entries, entry("RESERVE", None, 100)]),
    "a charge twice": lambda _, e: setattr(e, "entries", [*e.entries, entry("CHARGE", "TEXT_SCAN", 1)]),
    "two charges in one": lambda _, e: setattr(
        e,
        "entries",
        [*(x for x in e.entries if x.category != "TEXT_SCAN"), entry("CHARGE", "TEXT_SCAN", 2)],
    ),
    "a charge of the wrong category": lambda _, e: setattr(
        e,
        "entries",
        [replace(x, category="IMAGE_SCAN") if x.category == "VIDEO_SCAN" else x for x in e.entries],
    ),
    "a refund that is lost": lambda _, e: setattr(e, "entries", e.entries[:-1]),
    "a task that says otherwise": lambda _, e: change_task(e, charged=23),
    "an end that is lost": lambda _, e: change_task(e, status="RUNNING"),
    "another end": lambda _, e: change_task(e, status="CANCELLED"),
    "a document nobody reported": lambda _, e: e.documents[TASK].update(e="s"),
    "a document that is lost": lambda _, e: e.documents[TASK].pop("c"),
    "another outcome": lambda _, e: e.documents[TASK].update(c="s"),
    "a report in part": lambda _, e: e.documents[TASK].pop("a"),
    "a key nobody was told of": lambda _, e: e.keys.add((CASE, uuid4())),
    "a key that is forgotten": lambda _, e: e.keys.pop(),
    "a refusal that left a key": lambda h, e: e.keys.add(
        (CASE, idempotency.request(h.caller_id, "createTask", "large", ()).key)
    ),
    "a refusal for no reason": lambda _, e: e.lowest.update({CASE: 10_000}),
    "a strange refusal": lambda h, _: h.answers.append((MORE, Answer("NotFound"))),
}


def test_a_history_that_explains_the_ledger_passes() -> None:
    assert unexplained(told(), found()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    history, evidence = told(), found()
    FAULTS[fault](history, evidence)
    assert unexplained(history, evidence) != []


class Forgetful(ServiceDoor):
    """Loses three answers out of ten, after the work was done or before."""

    random = Random(9)

    async def send(self, operation: Operation) -> Answer:
        loses = self.random.random()
        if loses < 0.15:
            raise Unknown
        answer = await super().send(operation)
        if loses < 0.3:
            raise Unknown
        return answer


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_clients_that_lose_answers_get_each_effect_once(crowd: Crowd, own_url: str, seed: int) -> None:
    """K1: eight clients of three cases, some tasks refused, and nothing in the ledger that they do not know of."""
    cases = [(await active_case(crowd.one, crowd.operator)).terms.uuid for _ in range(3)]
    history = History(crowd.operator.caller_id)

    async def run(number: int) -> None:
        door = Forgetful(crowd.member(number), crowd.operator)
        client = Client(f"client {number}", door, history, Random(100 * seed + number))
        for turn in range(12):
            await client.run_task(cases, turn)

    await at_once(*(run(number) for number in range(8)))
    assert history.unknown > 50
    assert unexplained(history, evidence(own_url)) == []
    await assert_nothing_differs(crowd.one)

"""Random reports of outcomes for one task: right ones, repeats, contradictions and faulty ones (T4)."""

from random import Random

from tests.model.model_input_faults import MOST_DOCUMENTS
from tests.model.model_task import Outcome, Task

Report = tuple[tuple[str, str | None, tuple[str, ...]], ...]
STATUSES = ("SUCCEEDED",) * 7 + ("FAILED", "FAILED", "SKIPPED")
RESOLVED = ("TEXT", "TEXT", "IMAGE", "AUDIO", "VIDEO")
# The longest id counts characters, not bytes; "é" is one of either kind of text that a client may send.
LONGEST_ID = "é" * 64


def draw_report(random: Random, task: Task, *, much: bool = False) -> Report:
    """Documents in any order, some known already; about one report in twelve has one thing wrong.

    much: hundreds of new ones, if the task has them.
    """
    results = {document: _outcome(random, task) for document in _documents(random, task, much)}
    groups: dict[Outcome, list[str]] = {}
    for document, outcome in results.items():
        groups.setdefault(outcome, []).append(document)
    if groups and random.random() < 0.1:
        documents = random.choice(list(groups.values()))
        documents.append(documents[0])  # named twice with one result: counts once
    report = [(status, resolved, tuple(documents)) for (status, resolved), documents in groups.items()]
    random.shuffle(report)
    return tuple(report) if random.random() > 0.08 or not report else _faulty(random, tuple(report))


def _documents(random: Random, task: Task, much: bool) -> list[str]:
    """Mostly new ones up to the task's number, now and then all that are left, none, or one too many."""
    wanted = random.randint(1, 6) if random.random() < 0.7 else random.randint(1, 400)
    if much:
        wanted = random.randint(200, 1_200)
    if random.random() < 0.03:
        wanted = 0
    names = (f"document {n}" for n in range(1, task.order.documents + 1))
    window = [name for name, _ in zip((n for n in names if n not in task.documents), range(wanted + 5), strict=False)]
    new = random.sample(window, min(wanted, len(window)))
    known = random.sample(sorted(task.documents), min(random.randint(0, 3), len(task.documents)))
    if random.random() < 0.05:
        new.append(random.choice((LONGEST_ID, "stranger")))
    return new + (known if random.random() < 0.4 else [])


def _outcome(random: Random, task: Task) -> Outcome:
    status = random.choice(STATUSES)
    return status, random.choice(RESOLVED) if status == "SUCCEEDED" and task.order.mode == "AUTO" else None


def _faulty(random: Random, report: Report) -> Report:
    """The same report with one thing wrong, so that there is one answer."""
    status, resolved, documents = report[0]
    other = "FAILED" if status != "FAILED" else "SKIPPED"
    faults: tuple[Report, ...] = (
        ((other, None, documents[:1]),),  # one document, two results
        (("FAILED", "TEXT", ("unread",)),),
        (("SUCCEEDED", "AUTO", ("unresolved",)),),
        (("FAILED", None, ("",)),),
        (("FAILED", None, (LONGEST_ID + "é",)),),
        (("SKIPPED", None, tuple(f"page {n}" for n in range(MOST_DOCUMENTS + 1))),),
    )
    if status == "SUCCEEDED" and random.random() < 0.3:
        # Right for another kind of task: a mode too many or one missing.
        return ((status, None if resolved else "IMAGE", documents), *report[1:])
    return report + random.choice(faults)

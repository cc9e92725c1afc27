"""One bulk scan of a folder: quote, reserve, report, end, and the receipt.

Nothing here remembers anything. The keys are made of the inputs (`document_folder`), so the same call made again, after
any kind of end, finds the same task and goes on with it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from examples.claira_api import Api, ApiFailure, Refusal, Task
from examples.content_modes import Outcome, outcome_of
from examples.document_folder import Document, documents_in, end_key, report_key, task_key
from examples.refund_receipt import Rates, Receipt, RefundEntry, reasons_for

GATES = frozenset({"CASE_NOT_ACTIVE", "FEATURE_NOT_IN_PLAN", "BULK_LIMIT_EXCEEDED", "INSUFFICIENT_TOKENS"})
KIND = {"kind": "SCAN", "scope": "BULK", "mode": "AUTO"}
Say = Callable[[str], None]
Progress = Callable[[int, int], None]


class WouldNotRun(ApiFailure):
    """A gate refused the task (T1); nothing was changed."""


def scan(
    folder: Path,
    api: Api,
    *,
    case: str,
    batch: int = 200,
    name: str | None = None,
    include: Sequence[str] = (),
    again: str | None = None,
    cancel: bool = False,
    say: Say = lambda _: None,
    progress: Progress = lambda _done, _total: None,
) -> Receipt:
    """Scan every document of the folder in one bulk task of the case (its uuid or id), or go on with that task.

    `batch` documents are reported at a time. `again` makes another run over the same files, `cancel` ends the running
    one. `progress` hears (documents reported, documents). Raises WouldNotRun, ApiFailure, and OSError for a folder that
    cannot be read; KeyboardInterrupt leaves the task running. The receipt's task has ended, not always as wished: see
    its status.
    """
    folder = folder.resolve()
    documents = documents_in(folder, include)
    if not documents:
        raise ApiFailure(f"There are no documents to scan in {folder}.")
    found = find_case(api, case)
    say(f"{found['name']}: {count(len(documents), 'document')} in {folder}")
    order = {"caseId": found["id"], **KIND, "documentCount": len(documents)}
    title = task_name(name or f"Scan of {folder.name}")
    begin = cancel_running if cancel else begin_or_resume
    task = begin(api, order, title, task_key(found["id"], folder, documents, again), say)
    modes: Counter[str] | None = None
    if task["status"] == "COMPLETED":
        say("This scan was completed before; here is its receipt. --again makes another run.")
        modes = Counter(mode for document in documents if (mode := outcome_of(document.path).mode))
    elif task["status"] == "RUNNING":
        task, modes = report_and_end(api, task, documents, batch, say, progress)
    elif not cancel:
        say(f"This scan was {task['status'].lower()} before. --again makes another run.")
    reasons = reasons_for(task, scan_rates(api), modes)
    return Receipt(found["name"], task, reasons, refund_entries(api, found["id"], task))


def find_case(api: Api, case: str) -> dict[str, Any]:
    """The case by Nuix Discover's uuid or by its id in this API."""
    try:
        found = api.read("case", uuid=str(UUID(case)))
    except ValueError:
        found = None
    found = found or api.read("case", id=case)
    if not found:
        raise ApiFailure(f"There is no case {case}, or this key may not see it.")
    return dict(found)


def begin_or_resume(api: Api, order: dict[str, Any], name: str, key: str, say: Say) -> Task:
    """The task of this key: quoted and created now, or created by an earlier run and not to be paid for again."""
    quote = api.read("quote", input=order)
    if not quote["blockedBy"]:
        overage = f", {quote['overageTokens']:,} of them overage" if quote["overageTokens"] else ""
        say(f"The scan reserves {count(quote['reservedTokens'], 'token')}{overage}.")
    # A quote knows no keys. An earlier run of ours may hold the very tokens that it misses, so where a task looks like
    # ours the key decides: it finds that task, or it is refused as the quote was.
    elif not any(looks_alike(api, order, name)):
        raise WouldNotRun(str(Refusal(quote["blockedBy"])))
    task = create(api, order, name, key)
    reported = task["documentCount"] - task["pending"]
    say(f"Task {task['id']}: {reported:,} of {count(task['documentCount'], 'document')} reported so far.")
    return task


def cancel_running(api: Api, order: dict[str, Any], name: str, key: str, say: Say) -> Task:
    """The running task of this key, after it was ended."""
    if not any(looks_alike(api, order, name, status="RUNNING")):
        raise ApiFailure("There is no running scan of these files in the case; nothing was changed.")
    task = create(api, order, name, key)
    if task["status"] == "RUNNING":
        task = end(api, task["id"], "CANCELLED")
    say(f"Task {task['id']} is {task['status'].lower()}.")
    return task


def looks_alike(api: Api, order: dict[str, Any], name: str, status: str | None = None) -> Iterator[bool]:
    """For each task of the case, whether it could be this run; createTask with the run's key tells whether one is."""
    wanted = {**KIND, "documentCount": order["documentCount"], "name": name}
    for task in api.nodes_of_case("case_tasks", "tasks", id=order["caseId"], status=status):
        yield all(task[field] == value for field, value in wanted.items())


def create(api: Api, order: dict[str, Any], name: str, key: str) -> Task:
    """The task of this key, new or found again (K1)."""
    try:
        return api.change("create_task", idempotencyKey=key, task=order, name=name)
    except Refusal as refusal:
        if refusal.code in GATES:
            raise WouldNotRun(str(refusal)) from refusal
        if refusal.code == "IDEMPOTENCY_CONFLICT":
            raise ApiFailure(f"{refusal} Give the --name of the first run, or --again for a new one.") from refusal
        raise


def end(api: Api, task_id: str, how: str) -> Task:
    """The task after finishTask; `how` is COMPLETED or CANCELLED (T6)."""
    return api.change("finish_task", idempotencyKey=end_key(task_id, how), taskId=task_id, end=how)


def report_and_end(
    api: Api, task: Task, documents: Sequence[Document], batch: int, say: Say, progress: Progress
) -> tuple[Task, Counter[str] | None]:
    """The ended task, and its successes by mode; None when somebody else ended it before all was reported."""
    try:
        modes = report_all(api, task["id"], documents, batch, progress)
        return end(api, task["id"], "COMPLETED"), modes
    except Refusal as refusal:
        if refusal.code != "TASK_FINISHED":
            raise
        say(str(refusal))
        return cast("Task", api.read("task", id=task["id"])), None


def report_all(api: Api, task_id: str, documents: Sequence[Document], batch: int, progress: Progress) -> Counter[str]:
    """Report every document, in the same batches each time; what was reported before changes nothing (T4)."""
    modes: Counter[str] = Counter()
    for number, start in enumerate(range(0, len(documents), batch)):
        groups: dict[Outcome, list[str]] = defaultdict(list)
        for document in documents[start : start + batch]:
            groups[outcome_of(document.path)].append(document.id)
        outcomes = [
            {"status": outcome.status, "documentIds": ids} | ({"resolvedMode": outcome.mode} if outcome.mode else {})
            for outcome, ids in sorted(groups.items())
        ]
        key = report_key(task_id, number, outcomes)
        api.change("record_outcomes", idempotencyKey=key, taskId=task_id, outcomes=outcomes)
        modes.update({outcome.mode: len(ids) for outcome, ids in groups.items() if outcome.mode})
        progress(min(start + batch, len(documents)), len(documents))
    return modes


def scan_rates(api: Api) -> Rates:
    """What a document of an AUTO bulk scan reserves, and what each mode costs (P2)."""
    card = [rate for rate in api.read("scan_rates") if (rate["kind"], rate["scope"]) == ("SCAN", "BULK")]
    reserve = next(rate["reserve"] for rate in card if rate["mode"] == "AUTO")
    return Rates(reserve, {rate["mode"]: rate["charge"] for rate in card if rate["charge"] is not None})


def refund_entries(api: Api, case_id: str, task: Task) -> list[RefundEntry]:
    """The ledger's refunds of the task; reads no further than where they add up to what the task got back."""
    entries: list[RefundEntry] = []
    missing = task["refundedTokens"]
    ledger = api.nodes_of_case("case_ledger", "ledger", id=case_id, kinds=["REFUND"])
    while missing and (entry := next(ledger, None)):
        if (entry["task"] or {}).get("id") == task["id"]:
            # On an unlimited reservoir balanceChange is null; what a refund releases is always held or provisional.
            entries.append(RefundEntry(entry["sequence"], -entry["heldChange"] - entry["provisionalOverageChange"]))
            missing -= entries[-1].tokens
    return entries


def task_name(wish: str) -> str:
    """A name of at most 255 characters that can be shown: a folder's may hold anything."""
    return "".join(character if character.isprintable() else "?" for character in wish)[:255]


def count(number: int, noun: str) -> str:
    """1 document, 1,204 documents."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

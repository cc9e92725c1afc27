"""Tasks from the quote to the refund (T1-T7, K1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.domain import idempotency
from app.domain.callers import Viewer
from app.domain.cases import Case, Terms
from app.domain.cycles import refill_instant
from app.domain.gates import judge_terms, judge_tokens
from app.domain.outcomes import OutcomeGroup, read_report
from app.domain.overage import NO_OVERAGE, OverageUse, counts_overage
from app.domain.quotes import Quote, judge
from app.domain.refusals import (
    Flaw,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Refusal,
    TaskFinished,
)
from app.domain.reservoirs import Reservoir
from app.domain.tasks import Task, TaskEnd, TaskRequest, TaskStatus
from app.domain.texts import check_key, check_text
from app.services.abandonment import abandon_if_idle
from app.services.due import bring_up_to_date
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import cases as stored_cases, tasks as stored
from app.storage.database import DatabaseUnavailable
from app.storage.overage import find_overage
from app.storage.tasks import Verdict

ATTEMPTS = 20
"""A command on a case whose terms change, or where something falls due, each time that it is tried, is given up."""

_RESTLESS = "The case changes faster than the request can follow."


async def quote(
    ports: Ports, viewer: Viewer, case_uuid: UUID | None, request: TaskRequest
) -> Quote | InvalidInput | NotFound:
    """Judges a task by every gate without changing anything (T1)."""
    if flaw := request.flaw():
        return flaw
    case = await _read_case(ports, viewer, case_uuid)
    if case is not None and case.is_behind(case.now(ports.clock())):
        await bring_up_to_date(ports, case.terms)
        case = await _read_case(ports, viewer, case_uuid)
    if case is None:
        return NotFound()
    return judge(case, request, case.now(ports.clock()), await _overage_use(ports, case))


async def _overage_use(ports: Ports, case: Case) -> OverageUse:
    """Asked for only where there is a ceiling that it counts toward."""
    if not counts_overage(case.terms):
        return NO_OVERAGE
    async with ports.database.reading() as connection:
        return await find_overage(connection, case.terms.case_id)


async def create_task(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, task: TaskRequest, name: str | None = None
) -> Task | Refusal:
    """Reserves for every document of a task, or refuses and changes nothing (T1, T2)."""
    if flaw := check_key(key) or task.flaw() or (None if name is None else check_text("name", name)):
        return flaw
    if case_uuid is None:
        return NotFound()
    stored_key = idempotency.stored_key(viewer.caller_id, "createTask", key)
    fresh = False
    for _ in range(ATTEMPTS):
        terms = await ports.terms(case_uuid, viewer, fresh=fresh)
        if terms is None:
            return NotFound()
        gated = judge_terms(terms, task, _NOTHING) is not None
        if gated and not fresh:
            fresh = True
            continue
        verdict = await stored.create_task(
            ports.database, terms, stored_key, task, name=name, caller_id=viewer.caller_id, gated=gated,
            now=ports.now(terms),
        )  # fmt: skip
        if verdict.word == "due":
            await bring_up_to_date(ports, terms)
            continue
        if verdict.word != "stale":
            return _created(terms, task, verdict)
        fresh = True
    raise DatabaseUnavailable(_RESTLESS)


def _created(terms: Terms, task: TaskRequest, verdict: Verdict) -> Task | Refusal:
    if verdict.word in {"done", "replayed"} and verdict.task is not None:
        return verdict.task
    if verdict.word == "conflict":
        return IdempotencyConflict()
    if verdict.word == "overflow":
        return InvalidInput("documentCount", Flaw.TOO_MANY_TOKENS)
    # Terms and tank are those that the verdict was found with, whatever has changed since.
    tank = Reservoir(verdict.balance, verdict.held, verdict.purchased, None if terms.plan is None else terms.plan.cap)
    refusal = judge_terms(terms, task, tank, verdict.use) or judge_tokens(
        terms, task, tank, _next_refill(verdict), verdict.use
    )
    assert refusal is not None, f"a task was refused as {verdict.word}, but every gate lets it pass"
    return refusal


def _next_refill(verdict: Verdict) -> datetime | None:
    """None: the plan has none. What is due has been done before the verdict."""
    return None if verdict.refilled_on is None else refill_instant(verdict.refilled_on + timedelta(days=1))


async def record_outcomes(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, number: int, outcomes: Sequence[OutcomeGroup]
) -> Task | Refusal:
    """Charges the documents that succeeded, once each, at their rate (T3, T4)."""
    if flaw := check_key(key):
        return flaw
    report = read_report(outcomes)
    if isinstance(report, InvalidInput):
        return report
    terms = None if case_uuid is None else await ports.terms(case_uuid, viewer)
    if terms is None:
        return NotFound()
    parts = (number, "\0".join(report.documents), report.letters)  # no id holds a NUL
    request = idempotency.request(viewer.caller_id, "recordOutcomes", key, parts)
    for _ in range(ATTEMPTS):
        now = ports.now(terms)
        verdict = await stored.record_outcomes(
            ports.database, terms, request, number, report, caller_id=viewer.caller_id, now=now,
            idle_since=ports.idle_since(now),
        )  # fmt: skip
        if not await _do_first(ports, terms, number, verdict):
            return _recorded(verdict)
    raise DatabaseUnavailable(_RESTLESS)


async def _do_first(ports: Ports, terms: Terms, number: int, verdict: Verdict) -> bool:
    """Does what falls due before a command on a task (C10), if that is what the verdict says."""
    if verdict.word == "due":
        await bring_up_to_date(ports, terms)
    elif verdict.word == "idle":
        await abandon_if_idle(ports, terms, number)
    return verdict.word in {"due", "idle"}


def _recorded(verdict: Verdict) -> Task | Refusal:
    match verdict.word:
        case "done" | "replayed":
            assert verdict.task is not None
            return verdict.task
        case "conflict":
            return IdempotencyConflict()
        case "unknown":
            return NotFound()
        case "finished":
            return TaskFinished()
        case "mode_missing":
            return InvalidInput("resolvedMode", Flaw.RESOLVED_MODE_MISSING)
        case "mode_unexpected":
            return InvalidInput("resolvedMode", Flaw.RESOLVED_MODE_UNEXPECTED)
        case "too_many":
            return InvalidInput("documentIds", Flaw.MORE_DOCUMENTS_THAN_THE_TASK)
        case other:
            raise AssertionError(f"unknown verdict {other}")


async def finish_task(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, number: int, end: TaskEnd
) -> Task | Refusal:
    """Ends a task and gives back all that it holds (T3, T6)."""
    if flaw := check_key(key):
        return flaw
    terms = None if case_uuid is None else await ports.terms(case_uuid, viewer)
    if terms is None:
        return NotFound()
    request = idempotency.request(viewer.caller_id, "finishTask", key, (number, end))
    for _ in range(ATTEMPTS):
        now = ports.now(terms)
        verdict = await stored.finish_task(
            ports.database, terms, request, number, TaskStatus(end), caller_id=viewer.caller_id, now=now,
            idle_since=ports.idle_since(now),
        )  # fmt: skip
        if not await _do_first(ports, terms, number, verdict):
            return _recorded(verdict)
    raise DatabaseUnavailable(_RESTLESS)


async def find_tasks(ports: Ports, viewer: Viewer, wanted: Sequence[tuple[UUID, int]]) -> list[Task | None]:
    """Tasks by case and number, in the order asked for; None for those that do not exist for the viewer (A2)."""
    visible = [(uuid, number) for uuid, number in wanted if await ports.terms(uuid, viewer) is not None]
    async with ports.database.reading() as connection:
        found = await stored.find_tasks(connection, visible) if visible else {}
    return [found.get(pair) for pair in wanted]


async def page_of_tasks(
    ports: Ports, case: Case, *, status: TaskStatus | None, after: int | None, size: int
) -> Page[Task]:
    """Newest first. The case was found for the viewer."""
    async with ports.database.reading() as connection:
        rows = await stored.page_of_tasks(connection, case.terms.case_id, status=status, after=after, limit=size + 1)
    return Page.of(rows, size)


async def count_tasks(ports: Ports, case: Case, *, status: TaskStatus | None) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_tasks(connection, case.terms.case_id, status=status)


_NOTHING = Reservoir(balance=0, held=0, purchased=0, cap=0)
"""Whether a gate of the terms refuses does not hang on the tank, only the tier that would pass does."""


async def _read_case(ports: Ports, viewer: Viewer, uuid: UUID | None) -> Case | None:
    if uuid is None:
        return None
    async with ports.database.reading() as connection:
        case = await stored_cases.find_case(connection, uuid)
    return case if case is not None and viewer.sees(case.organization.organization_id) else None

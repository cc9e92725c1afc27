"""The pages of tasks: the list and one of them (T3, T5, T7, A2)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from app.adapters.languages import mark, words
from app.domain.cases import Case
from app.domain.sessions import Session
from app.domain.tasks import TaskStatus
from app.services.cases import find_case
from app.services.ports import Ports
from app.services.task_lists import find_task, find_tasks
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.origins import framed_by
from app.web.pages import page, reader_zone
from app.web.readers import Reader
from app.web.sessions import signed_in
from app.web.task_views import TaskView

_FILTERS: dict[str | None, str] = {
    None: mark("All"),
    "running": mark("Running"),
    "completed": mark("Completed"),
    "cancelled": mark("Cancelled"),
    "abandoned": mark("Abandoned"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of a filter."""

    label: str
    href: str
    current: bool


async def tasks(request: Request, ports: Ports) -> Response:
    """The list: running tasks first, then those that ended, newest first."""
    session = await signed_in(request, ports)
    if isinstance(session, Response):
        return session
    reader = reader_of(request, session, ports, near="")
    try:
        status = asked(request, "status", _status)
        before = asked(request, "before", number_of)
    except NotUnderstood:
        return await not_understood(request, session, ports, tab="tasks")
    found = await find_tasks(ports, session.viewer, session.case_uuid, status=status, before=before)
    assert found is not None, "a session is bound to a case"
    own, path = reader.words, f"{reader.base}/tasks"
    chosen = None if status is None else status.lower()
    numbers = [task.number for task in found.running] if chosen == "running" else []
    numbers += [receipt.task.number for receipt in found.finished]
    return page(
        request,
        "tasks.html",
        language=session.viewer.language,
        framed_by=framed_by(session),
        blocks=("tasks",) if "hx-request" in request.headers else (),
        reader=reader,
        case=found.case,
        tab="tasks",
        here=address(path, {"status": chosen, "before": before}),
        choices=[
            Choice(own.say(label), address(path, {"status": name}), name == chosen) for name, label in _FILTERS.items()
        ],
        running=[TaskView(task, reader) for task in found.running],
        all_running=address(path, {"status": "running"}) if found.more_running else None,
        finished=[TaskView(receipt.task, reader, receipt) for receipt in found.finished],
        newest=address(path, {"status": chosen}) if before is not None else None,
        older=address(path, {"status": chosen, "before": numbers[-1]}) if found.has_more else None,
        never=chosen is None and before is None,
    )


async def task(request: Request, ports: Ports) -> Response:
    """One task with its receipt."""
    session = await signed_in(request, ports)
    if isinstance(session, Response):
        return session
    reader = reader_of(request, session, ports)
    try:
        number = number_of(request.path_params["number"])
    except NotUnderstood:
        number = None
    found = None if number is None else await find_task(ports, session.viewer, session.case_uuid, number)
    if found is None:
        return await _no_such_task(request, session, ports)
    view = TaskView(found.receipt.task, reader, found.receipt, full=True)
    return page(
        request,
        "task.html",
        language=session.viewer.language,
        framed_by=framed_by(session),
        blocks=("task",) if "hx-request" in request.headers else (),
        reader=reader,
        case=found.case,
        tab="tasks",
        here=view.href,
        view=view,
        history=view.history(found.creator),
    )


def reader_of(request: Request, session: Session, ports: Ports, near: str | None = None) -> Reader:
    """near: the way from the page to the case's pages, if it is shorter than from the root."""
    return Reader(words(session.viewer.language), reader_zone(request), ports.clock(), session.case_uuid, near)


async def not_understood(request: Request, session: Session, ports: Ports, *, tab: str) -> Response:
    """A value of the address means nothing; the way out is the same page without any."""
    said = words(session.viewer.language).say
    reason = said("A filter in this address has a value that does not exist.")
    return await _absent(request, session, ports, tab=tab, status=400, headline=said("Not understood"), reason=reason)


async def _no_such_task(request: Request, session: Session, ports: Ports) -> Response:
    said = words(session.viewer.language).say
    reason = said("This case has no task with this number.")
    return await _absent(request, session, ports, tab="tasks", status=404, headline=said("No such task"), reason=reason)


async def _absent(
    request: Request, session: Session, ports: Ports, *, tab: str, status: int, headline: str, reason: str
) -> Response:
    case = await find_case(ports, session.viewer, session.case_uuid)
    assert isinstance(case, Case), "a session is bound to a case"
    way_out = f"/cases/{session.case_uuid}/{tab}"
    return page(
        request,
        "absent.html",
        language=session.viewer.language,
        status=status,
        framed_by=framed_by(session),
        reader=reader_of(request, session, ports),
        case=case,
        tab=tab,
        here=way_out,
        headline=headline,
        reason=reason,
        way_out=way_out,
    )


def _status(text: str) -> TaskStatus:
    if text not in _FILTERS:
        raise NotUnderstood
    return TaskStatus(text.upper())

"""The pages of tasks: the list and one of them (T3, T5, T7, A2)."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from app.adapters.languages import mark
from app.domain.tasks import TaskStatus
from app.services.task_lists import find_task, find_tasks
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.task_views import TaskView
from app.web.visits import Visit

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


async def tasks(visit: Visit) -> Response:
    """The list: running tasks first, then those that ended, newest first."""
    session, reader = visit.session, replace(visit.reader, near="")
    try:
        status = asked(visit.request, "status", _status)
        before = asked(visit.request, "before", number_of)
    except NotUnderstood:
        return await visit.not_understood(tab="tasks", way_out=f"{reader.base}/tasks")
    found = await find_tasks(visit.ports, session.viewer, session.case_uuid, status=status, before=before)
    assert found is not None, "a session is bound to a case"
    own, path = reader.words, f"{reader.base}/tasks"
    chosen = None if status is None else status.lower()
    numbers = [task.number for task in found.running] if chosen == "running" else []
    numbers += [receipt.task.number for receipt in found.finished]
    return visit.page(
        "tasks.html",
        tab="tasks",
        reader=reader,
        blocks=("tasks",) if visit.replaces_parts else (),
        case=found.case,
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


async def task(visit: Visit) -> Response:
    """One task with its receipt."""
    session, reader = visit.session, visit.reader
    try:
        number = number_of(visit.request.path_params["number"])
    except NotUnderstood:
        number = None
    found = None if number is None else await find_task(visit.ports, session.viewer, session.case_uuid, number)
    if found is None:
        return await visit.absent(
            tab="tasks",
            way_out=f"{reader.base}/tasks",
            headline=reader.words.say("No such task"),
            reason=reader.words.say("This case has no task with this number."),
        )
    view = TaskView(found.receipt.task, reader, found.receipt, full=True)
    return visit.page(
        "task.html",
        tab="tasks",
        blocks=("task",) if visit.replaces_parts else (),
        case=found.case,
        here=view.href,
        view=view,
        history=view.history(found.creator),
    )


def _status(text: str) -> TaskStatus:
    if text not in _FILTERS:
        raise NotUnderstood
    return TaskStatus(text.upper())

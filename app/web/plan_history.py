"""Everything that happened to the plan of a case."""

from starlette.responses import Response

from app.services.paging import DEFAULT_PAGE
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.plan_views import event_views
from app.web.settings import TAB
from app.web.visits import Handler, Visit


async def history(visit: Visit) -> Response:
    """Newest first, a page at a time."""
    reader = visit.reader
    path = f"{reader.base}/plan/history"
    try:
        before = asked(visit.request, "before", number_of)
    except NotUnderstood:
        return await visit.not_understood(tab=TAB, way_out=path)
    overview = await visit.plan_overview(events=DEFAULT_PAGE, before=before)
    return visit.page(
        "plan_history.html",
        tab=TAB,
        case=overview.case,
        here=address(path, {"before": before}),
        events=event_views(overview.events, reader, administers=visit.administers),
        newest=path if before is not None else None,
        older=address(path, {"before": overview.events[-1].number}) if overview.has_more else None,
    )


PAGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/plan/history", history),)

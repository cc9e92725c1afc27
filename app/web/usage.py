"""The Usage page of a case: balance, month, quote, latest tasks and entries (A2, C4, C5, L4, T1)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from app.domain.cases import Case
from app.domain.cycles import Month, eastern_date
from app.domain.reservoirs import Reservoir
from app.domain.subscriptions import ScheduledDowngrade
from app.services.overview import Overview, find_overview
from app.services.subscriptions import find_subscription
from app.services.visits import added_since
from app.web.addresses import NotUnderstood, address, asked
from app.web.entry_views import entry_days
from app.web.month_views import month_values
from app.web.notices import Notice
from app.web.outcomes import done_notice
from app.web.quote_views import Asked, quote_values
from app.web.readers import Reader
from app.web.task_views import TaskView
from app.web.visits import Visit

LIVE = ("here", "hero", "month", "verdict", "tasks", "ledger")
"""The blocks that a refresh and a change of month replace; before a case has a plan it shows the first two alone."""


async def usage(visit: Visit) -> Response:
    """The page; or, when asked by its own script, only the sections that changed."""
    try:
        month = asked(visit.request, "month", Month.parse)
    except NotUnderstood:
        return await visit.not_understood(tab="usage", way_out=visit.reader.base)
    return await usage_page(visit, Asked.of(visit.request.query_params), month=month)


async def usage_page(
    visit: Visit, question: Asked, *, month: Month | None = None, notice: Notice | None = None, status: int = 200
) -> Response:
    """The page with what is asked of it, and a notice of why nothing was changed."""
    reader = visit.reader
    overview = await find_overview(visit.ports, visit.session.viewer, visit.session.case_uuid, month)
    assert overview is not None, "a session is bound to a case"
    if month is not None and overview.month is None:
        return await _no_such_month(visit, month)

    def at_month(wanted: Month | None) -> str:
        """The page with another month, and what was asked of it."""
        return address(reader.base, {"month": wanted, **question.parameters()})

    values = {
        "path": reader.base,
        "here": at_month(month),
        "at_month": at_month,
        "chosen_month": month,
        "added": await added_since(visit.ports, visit.presence),
        "scheduled": await _scheduled(visit, overview.case),
        "notice": notice or await done_notice(visit),
        **_hero(overview, reader),
        **({} if overview.month is None else month_values(overview.month, reader.now, reader.words)),
        **_latest(overview, reader),
        **await quote_values(visit, overview.case, question),
    }
    live = LIVE if overview.month is not None else LIVE[:2]
    return visit.page("usage.html", tab="usage", status=status, blocks=live if visit.replaces_parts else (), **values)


async def _no_such_month(visit: Visit, month: Month) -> Response:
    words = visit.reader.words
    return await visit.absent(
        tab="usage",
        way_out=visit.reader.base,
        headline=words.say("No such month"),
        reason=words.say("No billing cycle of this case began in %(month)s.", month=words.month(month)),
    )


async def _scheduled(visit: Visit, case: Case) -> ScheduledDowngrade | None:
    """The downgrade that waits for the end of the cycle (C3)."""
    subscription = await find_subscription(visit.ports, case) if case.terms.active else None
    return None if subscription is None else subscription.scheduled


@dataclass(frozen=True, slots=True)
class Gauge:
    """What the gauge shows, in percent of the whole tank; whole: tokens at its end."""

    free: str
    held: str
    whole: int


def _gauge(tank: Reservoir) -> Gauge | None:
    """None: unlimited. Bought tokens may stand above the cap (L3), and then the gauge ends with them."""
    if tank.balance is None or not tank.cap:
        return None
    whole = max(tank.cap, tank.balance + tank.held)
    return Gauge(f"{tank.balance * 100 / whole:.2f}", f"{tank.held * 100 / whole:.2f}", whole)


def _over_cap(tank: Reservoir) -> int:
    """Tokens above the limit, which only those that were held at a downgrade can be (L2, L6)."""
    return 0 if tank.cap is None else max(0, (tank.balance or 0) + tank.held - tank.purchased - tank.cap)


def _hero(overview: Overview, reader: Reader) -> dict[str, Any]:
    case = overview.case
    refill = case.next_refill(reader.now)
    return {
        "case": case,
        "as_of": reader.now,
        "gauge": _gauge(case.reservoir),
        "in_progress": overview.in_progress,
        "overage_now": overview.latest.overage if overview.latest is not None else 0,
        "over_cap": _over_cap(case.reservoir),
        "next_refill": refill,
        "eastern_day_differs": refill is not None and eastern_date(refill.at) != reader.local_date(refill.at),
        "local_time_differs": refill is not None and reader.words.clock(refill.at) != reader.time(refill.at),
        "cleared": overview.cleared,
        "deactivated_on": _deactivated_on(overview, reader),
    }


def _deactivated_on(overview: Overview, reader: Reader) -> date | None:
    """When the last cycle ended, which is known even where nothing was left to clear (L6)."""
    return None if overview.latest is None else reader.local_date(overview.latest.cycles[-1].ends_at)


def _latest(overview: Overview, reader: Reader) -> dict[str, Any]:
    return {
        "running": [TaskView(task, reader) for task in overview.running],
        "finished": [TaskView(receipt.task, reader, receipt) for receipt in overview.finished],
        "days": entry_days(overview.entries, reader, overview.telling.tasks, overview.telling.tiers),
    }

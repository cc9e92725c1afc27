"""The page of a case's plan and settings: the plans, switches and ceiling, the timeline (C2, C3, C9, A2, T5)."""

from starlette.responses import Response

from app.domain.cases import Case
from app.domain.cycles import eastern_date
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import Flaw, Forbidden, InvalidInput, Refusal
from app.services.cases import update_case_settings
from app.web.addresses import typed, typed_number
from app.web.ceilings import LONGEST_NUMBER, ceiling_view
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.outcomes import asked_done, outcome, told
from app.web.payment_notices import declined_notice, waiting_notice
from app.web.plan_views import before_tax, cards, event_views, last_day, plus_tax, summary
from app.web.refusals import refusal_status, refused
from app.web.visits import Handler, Visit

TAB = "settings"
EVENTS_SHOWN = 6


async def settings(visit: Visit) -> Response:
    """The page; after a change, with what it did."""
    return await settings_page(visit, done=asked_done(visit))


async def settings_page(
    visit: Visit, *, done: str = "", notice: Notice | None = None, status: int = 200, ceiling: str | None = None
) -> Response:
    """The page with a notice: of what was done, or of why nothing was. ceiling: as it was typed, and refused."""
    overview = await visit.plan_overview(events=EVENTS_SHOWN, bought=done == "tokens")
    reader, case, subscription = visit.reader, overview.case, overview.subscription
    administers = visit.administers
    scheduled = None if subscription is None else subscription.scheduled
    plan = case.terms.plan
    return visit.page(
        "settings.html",
        tab=TAB,
        status=status,
        case=case,
        here=f"{reader.base}/settings",
        notice=notice or outcome(done, overview, reader),
        waiting=await waiting_notice(visit, case),
        declined=await declined_notice(visit, case),
        plan=plan,
        price=plus_tax(plan.monthly_price.amount, case, reader.words) if administers and plan is not None else None,
        ended_on=None if subscription is None else reader.words.full_day(last_day(subscription.cycle)),
        facts=summary(overview, reader, administers=administers),
        cards=cards(overview, reader, administers=administers),
        scheduled=scheduled,
        scheduled_on=None if scheduled is None else reader.words.full_day(eastern_date(scheduled.effective_at)),
        token_price=plus_tax(OVERAGE_PRICE, case, reader.words) if administers else None,
        before_tax=before_tax(case, reader.words) if administers else None,
        ceiling=ceiling_view(overview, reader.words, ceiling),
        events=event_views(overview.events, reader, administers=administers),
        has_more=overview.has_more,
        key=new_key(),
    )


async def change_settings(visit: Visit) -> Response:
    """A switch or the ceiling is set, effective at once (T5, C9)."""
    form = await form_of(visit.request)
    if form.get("setting") == "ceiling":
        return await _change_ceiling(visit, form.get("key", ""), typed(form.get("ceiling", ""), LONGEST_NUMBER))
    overage, auto = _switched(form.get("overage", "")), _switched(form.get("auto", ""))
    if overage is None and auto is None:
        return await visit.not_understood(tab=TAB, way_out=f"{visit.reader.base}/settings")
    # Pressed one after the other, on and off are two changes of one page.
    key = "-".join([form["key"], form.get("overage", ""), form.get("auto", "")]) if form.get("key") else ""
    result = await update_case_settings(
        visit.ports, visit.session.viewer, key=key, case_uuid=visit.session.case_uuid,
        overage_enabled=overage, auto_upgrade_allowed=auto,
    )  # fmt: skip
    if not isinstance(result, Case):
        return await refused_page(visit, result)
    return told(visit, "overage" if overage is not None else "auto")


async def _change_ceiling(visit: Visit, key: str, text: str) -> Response:
    """An empty field removes the ceiling."""
    tokens = typed_number(text) if text.strip() else None
    result: Case | Refusal = InvalidInput("overageCeiling", Flaw.NOT_A_NUMBER)
    if tokens is not None or not text.strip():
        result = await update_case_settings(
            visit.ports, visit.session.viewer, key=f"{key}-{tokens}" if key else "", case_uuid=visit.session.case_uuid,
            overage_ceiling=tokens, remove_overage_ceiling=tokens is None,
        )  # fmt: skip
    if isinstance(result, Case):
        return told(visit, "ceiling")
    return await settings_page(visit, notice=refused(result, visit.reader), status=refusal_status(result), ceiling=text)


async def refused_page(visit: Visit, refusal: Refusal) -> Response:
    """The page that says why nothing was changed."""
    return await settings_page(visit, notice=refused(refusal, visit.reader), status=refusal_status(refusal))


def for_admins(handler: Handler) -> Handler:
    """The same for those who may change the plan; nobody else sees money by any way (A2)."""

    async def answer(visit: Visit) -> Response:
        return await (handler(visit) if visit.administers else refused_page(visit, Forbidden()))

    return answer


def _switched(text: str) -> bool | None:
    return {"on": True, "off": False}.get(text)


PAGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/settings", settings),)
CHANGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/settings", for_admins(change_settings)),)

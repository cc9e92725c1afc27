"""The page of a case's plan and settings: the plans, switches and ceiling, the timeline (C2, C3, C9, A2, T5)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from starlette.responses import RedirectResponse, Response

from app.adapters.plan_events import event_sentence
from app.adapters.sentences import contract_request, sentence
from app.domain.cases import Case
from app.domain.cycles import eastern_date
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import Flaw, Forbidden, IdempotencyConflict, InvalidInput, InvoicingNotContracted, Refusal
from app.domain.subscriptions import PlanEvent
from app.services.cases import update_case_settings
from app.services.paging import DEFAULT_PAGE
from app.services.plan_overview import PlanOverview, find_plan_overview
from app.web.addresses import NotUnderstood, address, asked, number_of, typed, typed_number
from app.web.ceilings import LONGEST_NUMBER, ceiling_view
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.pages import HEADERS
from app.web.payment_notices import declined_notice, waiting_notice
from app.web.plan_views import before_tax, cards, event_views, last_day, plus_tax, summary
from app.web.readers import Reader
from app.web.task_views import entry_address
from app.web.visits import Visit

Handler = Callable[[Visit], Awaitable[Response]]

TAB = "settings"
EVENTS_SHOWN = 6
DONE = ("plan", "tokens", "overage", "auto", "ceiling")
"""What a change leads back to the page with, to be told there."""


async def settings(visit: Visit) -> Response:
    """The page; after a change, with what it did."""
    return await settings_page(visit, done=_asked_done(visit))


async def done_notice(visit: Visit) -> Notice | None:
    """What a change did that has led back to another page than this."""
    done = _asked_done(visit)
    return _done(done, await read_overview(visit, bought=done == "tokens"), visit.reader) if done else None


def _asked_done(visit: Visit) -> str:
    done = visit.request.query_params.get("done", "")
    return done if done in DONE else ""


async def settings_page(
    visit: Visit, *, done: str = "", notice: Notice | None = None, status: int = 200, ceiling: str | None = None
) -> Response:
    """The page with a notice: of what was done, or of why nothing was. ceiling: as it was typed, and refused."""
    overview = await read_overview(visit, events=EVENTS_SHOWN, bought=done == "tokens")
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
        notice=notice or _done(done, overview, reader),
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


async def read_overview(
    visit: Visit, *, events: int = 1, before: int | None = None, bought: bool = False
) -> PlanOverview:
    """What the pages of the plan show."""
    found = await find_plan_overview(
        visit.ports, visit.session.viewer, visit.session.case_uuid, events=events, before=before, bought=bought
    )
    assert found is not None, "a session is bound to a case"
    return found


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


def stale_notice(reader: Reader) -> Notice:
    """What was confirmed is no longer what would be done."""
    words = reader.words
    return Notice(
        words.say("Nothing was changed."),
        words.say("The plan or its amounts have changed since you opened this page. They are shown as they are now."),
        tone="warn",
    )


def refused(refusal: Refusal, reader: Reader) -> Notice:
    """A refusal in words; where support can help, with a mail to them that is already written (C7)."""
    words = reader.words
    mail = contract_request(refusal, words) if isinstance(refusal, InvoicingNotContracted) else None
    return Notice(
        words.say("Nothing was changed."), sentence(refusal, words), tone="bad", href=mail,
        action=None if mail is None else words.say("Write to support"),
    )  # fmt: skip


def refusal_status(refusal: Refusal) -> int:
    """What machines are told."""
    if isinstance(refusal, Forbidden):
        return 403
    return 400 if isinstance(refusal, InvalidInput) else 409 if isinstance(refusal, IdempotencyConflict) else 422


def told(visit: Visit, done: str, task: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Away from the form, so that it is not sent again, to the page that says what was done.

    task: the values of one that was refused, to which it goes back.
    """
    base = visit.reader.base
    path = address(base if task else f"{base}/settings", {**task, "done": done})
    return RedirectResponse(f"{path}#notice", 303, headers=HEADERS)


async def history(visit: Visit) -> Response:
    """Everything that happened to the plan, newest first."""
    reader = visit.reader
    path = f"{reader.base}/plan/history"
    try:
        before = asked(visit.request, "before", number_of)
    except NotUnderstood:
        return await visit.not_understood(tab=TAB, way_out=path)
    overview = await read_overview(visit, events=DEFAULT_PAGE, before=before)
    return visit.page(
        "plan_history.html",
        tab=TAB,
        case=overview.case,
        here=address(path, {"before": before}),
        events=event_views(overview.events, reader, administers=visit.administers),
        newest=path if before is not None else None,
        older=address(path, {"before": overview.events[-1].number}) if overview.has_more else None,
    )


def _switched(text: str) -> bool | None:
    return {"on": True, "off": False}.get(text)


def _done(done: str, overview: PlanOverview, reader: Reader) -> Notice | None:
    """What the newest event, purchase or setting says: true whoever calls the address, and however often."""
    words, case = reader.words, overview.case
    match done:
        case "plan" if overview.events:
            return _event_notice(overview, reader)
        case "tokens" if overview.bought is not None:
            bought = overview.bought
            said = words.count(
                "%(number)s token was bought.", "%(number)s tokens were bought.", bought.purchased_change
            )
            entry = words.say("entry %(number)s", number=bought.sequence)
            return Notice(said, _balance(case, reader), href=entry_address(reader.links, bought.sequence), link=entry)
        case "overage":
            on = case.terms.overage_enabled
            return Notice(
                words.say("Overage is on.") if on else words.say("Overage is off."), words.say("From now on.")
            )
        case "ceiling":
            ceiling = case.terms.overage_ceiling
            if ceiling is None:
                return Notice(words.say("There is no ceiling on overage."), words.say("From now on."))
            said = words.count(
                "Overage stops at %(number)s token in a cycle.",
                "Overage stops at %(number)s tokens in a cycle.",
                ceiling,
            )
            return Notice(said, words.say("From now on."))
        case "auto":
            on = case.terms.auto_upgrade_allowed
            headline = words.say("Auto upgrade is allowed.") if on else words.say("Auto upgrade is not allowed.")
            return Notice(headline, words.say("From now on."))
    return None


def _event_notice(overview: PlanOverview, reader: Reader) -> Notice:
    words, case, event = reader.words, overview.case, overview.events[0]
    headline = words.say("%(event)s.", event=event_sentence(event, words))
    subscription = overview.subscription
    match event.kind:
        case PlanEvent.DOWNGRADE_SCHEDULED if subscription is not None and subscription.scheduled is not None:
            day = words.full_day(eastern_date(subscription.scheduled.effective_at))
            return Notice(
                headline,
                words.say("It takes effect on %(day)s. Until then nothing changes, and it can be cancelled.", day=day),
            )
        case PlanEvent.DEACTIVATED:
            return Notice(headline, words.say("Tasks no longer run. Months, tasks and ledger stay open to read."))
        case PlanEvent.DOWNGRADE_CANCELLED:
            return Notice(headline, words.say("It renews at the end of the cycle."))
        case _:
            return Notice(headline, _balance(case, reader))


def _balance(case: Case, reader: Reader) -> str:
    balance = case.reservoir.balance
    if balance is None:
        return reader.words.say("Its reservoir is unlimited.")
    return reader.words.say("The balance is %(balance)s now.", balance=balance)


PAGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}/settings", settings),
    ("/cases/{uuid}/plan/history", history),
)
CHANGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/settings", for_admins(change_settings)),)

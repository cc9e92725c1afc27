"""The dialog of who is not invoiced by the month yet: write to support, let it be noted, or go on with card (C7)."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description
from app.adapters.languages import Words
from app.adapters.sentences import SUPPORT, contract_request
from app.domain.cases import PaymentMethod
from app.domain.money import cad
from app.domain.plan_changes import ChangeKind
from app.domain.plans import PlanTier
from app.services.invoicing_requests import find_uncontracted, request_invoicing
from app.web.addresses import NotUnderstood, address, asked, invoicing_dialog
from app.web.change_views import ChangeView
from app.web.forms import form_of, new_key
from app.web.pages import HEADERS
from app.web.plan_changes import change_view, to_the_plans
from app.web.quote_views import Asked
from app.web.settings import TAB, for_admins, refused_page
from app.web.visits import Handler, Visit


async def dialog(visit: Visit) -> Response:
    """What support needs to know, whether it is noted, and what the change costs by card."""
    try:
        tier = asked(visit.request, "tier", PlanTier)
    except NotUnderstood:
        return await visit.not_understood(tab=TAB, way_out=f"{visit.reader.base}/settings")
    if tier is None:
        return await to_the_plans(visit)
    task = Asked.of(visit.request.query_params).parameters()
    back = address(visit.reader.base, task) if task else address(f"{visit.reader.base}/plan/change", {"tier": tier})
    view = await change_view(visit, tier, by_card=True)
    found = await find_uncontracted(visit.ports, visit.session.viewer, visit.session.case_uuid)
    if found is None or not _may_be_refused(view):
        return RedirectResponse(back, 303, headers=HEADERS)
    words = visit.reader.words
    return visit.page(
        "plan_invoicing.html",
        tab=TAB,
        case=view.case,
        here=address(f"{visit.reader.base}/plan/invoicing", {"tier": tier, **task}),
        view=view,
        task=task,
        details=told_details(found.refusal.details, words),
        support=SUPPORT,
        mailto=contract_request(found.refusal, words),
        noted=None if found.asked_at is None else visit.reader.moment(found.asked_at),
        lines=[(description(line, words), amount(cad(line.amount).amount, words)) for line in view.change.bill.lines],
        back=back,
        pays=visit.ports.payments is not None and view.change.charge > 0,
        key=new_key(),
    )


def told_details(details: Mapping[str, str], words: Words) -> list[tuple[str, str]]:
    """What support needs to know, each under its name."""
    return [
        (words.say("Portal"), details["portal"]),
        (words.say("Environment"), details["environment"]),
        ("ORG_ID", details["ORG_ID"]),
        (words.say("Organization"), details["organization"]),
        (words.say("User"), details["user"]),
        (words.say("Case"), details["case"]),
    ]


def _may_be_refused(view: ChangeView) -> bool:
    """What begins, or an upgrade of what is invoiced by the month; nothing else asks for a contract."""
    if view.new:
        return True
    subscription = view.subscription
    monthly = subscription is not None and subscription.payment_method is PaymentMethod.MONTHLY_INVOICE
    return view.change.kind is ChangeKind.UPGRADE and monthly


async def note(visit: Visit) -> Response:
    """Puts the request on the operators' work list, once, and shows the dialog again."""
    form = await form_of(visit.request)
    try:
        tier = PlanTier(form.get("tier", ""))
    except ValueError:
        return await visit.not_understood(tab=TAB, way_out=f"{visit.reader.base}/settings")
    refusal = await request_invoicing(visit.ports, visit.session.viewer, visit.session.case_uuid)
    if refusal is not None:
        return await refused_page(visit, refusal)
    return RedirectResponse(
        invoicing_dialog(visit.reader.base, tier, Asked.of(form).parameters()), 303, headers=HEADERS
    )


PAGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/plan/invoicing", for_admins(dialog)),)
CHANGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/plan/invoicing", for_admins(note)),)

"""Changes of plan and purchases: shown in full first, made when they are confirmed (C2, C3, C7, C9, L3, L6).

Every form carries the key that makes it act once (K1) and what its preview promised: where that is no longer what the
change does, the new preview is shown and nothing is done.
"""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from app.domain.cases import Case, PaymentMethod
from app.domain.money import cents
from app.domain.payments import PaymentPurpose, Wanted
from app.domain.plan_changes import ChangeKind, deactivation, plan_change
from app.domain.plans import PlanTier
from app.domain.refusals import NOT_AS_AGREED, CaseNotActive, InvoicingNotContracted, Refusal
from app.domain.subscriptions import ChangeOrigin
from app.services import subscriptions
from app.services.payments import AwaitsPayment, PayBy
from app.services.ports import PaymentUnavailable
from app.web.addresses import NO_TASK, NotUnderstood, address, asked, invoicing_dialog
from app.web.change_views import ChangeView
from app.web.checkouts import waiting_for
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.outcomes import told
from app.web.pages import HEADERS
from app.web.payment_notices import unavailable_notice, waiting_notice
from app.web.promises import Promise, promise_sent
from app.web.quote_views import Asked
from app.web.refusals import refusal_status, refused, stale_notice
from app.web.settings import TAB, for_admins, refused_page, settings_page
from app.web.visits import Handler, Visit

BEGINNINGS = {
    ChangeKind.ACTIVATION: subscriptions.activate_case,
    ChangeKind.REACTIVATION: subscriptions.reactivate_case,
}


async def preview(visit: Visit) -> Response:
    """What putting the case on another plan does, before it is done."""
    try:
        tier = asked(visit.request, "tier", PlanTier)
    except NotUnderstood:
        return await visit.not_understood(tab=TAB, way_out=f"{visit.reader.base}/settings")
    if tier is None:
        return await to_the_plans(visit)
    view = await change_view(visit, tier)
    if view.change.kind is ChangeKind.NONE:
        return RedirectResponse(f"{visit.reader.base}/settings", 303, headers=HEADERS)
    return _preview_page(visit, view, waiting=await waiting_notice(visit, view.case))


async def to_the_plans(visit: Visit) -> Response:
    """Whoever asks again for the address of a form, which a refusal leaves in the browser's bar: without its plan."""
    return RedirectResponse(f"{visit.reader.base}/settings#plans", 303, headers=HEADERS)


def _preview_page(
    visit: Visit, view: ChangeView, *, payment: PaymentMethod | None = None, notice: Notice | None = None,
    waiting: Notice | None = None, status: int = 200, by_card: bool = False, task: Mapping[str, str] = NO_TASK,
) -> Response:  # fmt: skip
    """payment: the method that was chosen, else the one that the case had, or a card.

    by_card: an upgrade is asked to be paid so from now on, as from the dialog (C7). task: where it leads back to.
    """
    had = PaymentMethod.CARD if view.subscription is None else view.subscription.payment_method
    return visit.page(
        "plan_change.html",
        tab=TAB,
        status=status,
        case=view.case,
        here=address(f"{visit.reader.base}/plan/change", {"tier": view.plan.tier}),
        view=view,
        payment=payment or had,
        instead=by_card and view.upgrade,
        task=task,
        pays=visit.ports.payments is not None and view.change.charge > 0,
        notice=notice,
        waiting=waiting,
        key=new_key(),
    )


async def change_view(visit: Visit, tier: PlanTier, *, by_card: bool = False) -> ChangeView:
    """What the change does now. by_card: also where the case is invoiced by the month (C7).

    What begins may always be paid by card, which is the most that it may charge at once.
    """
    overview = await visit.plan_overview()
    begins = overview.subscription is None or not overview.case.terms.active
    payment = PaymentMethod.CARD if begins or by_card else None
    change = plan_change(overview.case, overview.subscription, tier, visit.reader.now, payment)
    return ChangeView(change, overview, visit.reader)


async def confirm(visit: Visit) -> Response:
    """The previewed change is made, once, if it still is what was promised; or waits for its payment (C8)."""
    form = await form_of(visit.request)
    promised = promise_sent(form.get("promise", ""))
    try:
        tier, payment = PlanTier(form.get("tier", "")), PaymentMethod(form.get("payment", PaymentMethod.CARD))
    except ValueError:
        return await visit.not_understood(tab=TAB, way_out=f"{visit.reader.base}/settings")
    by_card, task = form.get("payment") == PaymentMethod.CARD, Asked.of(form).parameters()
    if promised is None:
        return await _stale(visit, await change_view(visit, tier, by_card=by_card), by_card, task)
    try:
        result = await _made(visit, promised, form.get("key", ""), tier, payment, by_card=by_card)
    except AwaitsPayment as waiting:
        wanted, change = Wanted(PaymentPurpose.PLAN, tier), (await change_view(visit, tier, by_card=True)).change
        return waiting_for(visit, waiting.payment, wanted, cents(change.charge), task)
    except PaymentUnavailable:
        view, notice = await change_view(visit, tier, by_card=by_card), unavailable_notice(visit.reader)
        return _preview_page(visit, view, payment=payment, notice=notice, status=503, by_card=by_card, task=task)
    if isinstance(result, Case):
        return told(visit, "plan", task)
    if isinstance(result, InvoicingNotContracted):
        return RedirectResponse(invoicing_dialog(visit.reader.base, tier), 303, headers=HEADERS)
    view = await change_view(visit, tier, by_card=by_card)
    if result == NOT_AS_AGREED or not promised.holds(view.promise):
        return await _stale(visit, view, by_card, task)
    return _preview_page(
        visit, view, payment=payment, notice=refused(result, visit.reader), status=refusal_status(result),
        by_card=by_card, task=task,
    )  # fmt: skip


async def _made(
    visit: Visit, promised: Promise, key: str, tier: PlanTier, payment: PaymentMethod, *, by_card: bool
) -> Case | Refusal:
    ports, viewer, uuid = visit.ports, visit.session.viewer, visit.session.case_uuid
    if promised.kind in BEGINNINGS:
        return await BEGINNINGS[promised.kind](
            ports, viewer, key=key, case_uuid=uuid, tier=tier, payment_method=payment, agreed=promised.is_kept,
            paying=PayBy.CHECKOUT,
        )  # fmt: skip
    origin = ChangeOrigin.SETTINGS
    if promised.kind is ChangeKind.UPGRADE:
        return await subscriptions.upgrade_plan(
            ports, viewer, key=key, case_uuid=uuid, tier=tier, origin=origin, by_card=by_card, agreed=promised.is_kept,
            paying=PayBy.CHECKOUT,
        )  # fmt: skip
    return await subscriptions.schedule_downgrade(
        ports, viewer, key=key, case_uuid=uuid, tier=tier, origin=origin, agreed=promised.is_kept
    )


async def _stale(visit: Visit, view: ChangeView, by_card: bool, task: Mapping[str, str]) -> Response:
    """Something else happened to the plan since the preview was shown: what the change does now is shown instead."""
    notice = stale_notice(visit.reader)
    if view.change.kind is ChangeKind.NONE:
        return await settings_page(visit, notice=notice, status=409)
    waiting = await waiting_notice(visit, view.case)
    return _preview_page(visit, view, notice=notice, waiting=waiting, status=409, by_card=by_card, task=task)


async def keep(visit: Visit) -> Response:
    """The scheduled downgrade is cancelled (C3)."""
    form = await form_of(visit.request)
    result = await subscriptions.cancel_scheduled_downgrade(
        visit.ports, visit.session.viewer, key=form.get("key", ""), case_uuid=visit.session.case_uuid
    )
    return told(visit, "plan") if isinstance(result, Case) else await refused_page(visit, result)


async def preview_deactivation(visit: Visit) -> Response:
    """What a deactivation takes, before it is done (L6)."""
    _, view = await _deactivation(visit)
    return await refused_page(visit, CaseNotActive()) if view is None else _deactivation_page(visit, view)


async def _deactivation(visit: Visit) -> tuple[Case, ChangeView | None]:
    """None: the case is not active."""
    overview = await visit.plan_overview()
    if overview.subscription is None or not overview.case.terms.active:
        return overview.case, None
    change = deactivation(overview.case, overview.subscription, visit.reader.now)
    return overview.case, ChangeView(change, overview, visit.reader)


def _deactivation_page(visit: Visit, view: ChangeView, *, notice: Notice | None = None, status: int = 200) -> Response:
    here = f"{visit.reader.base}/plan/deactivate"
    return visit.page(
        "plan_deactivation.html", tab=TAB, status=status, case=view.case, here=here, view=view, notice=notice,
        key=new_key(),
    )  # fmt: skip


async def deactivate(visit: Visit) -> Response:
    """Made once whoever asks has said that they know what is lost, and if it is not more by then."""
    form = await form_of(visit.request)
    promised = promise_sent(form.get("promise", ""))
    if promised is not None and form.get("sure") == "yes":
        result = await subscriptions.deactivate_case(
            visit.ports, visit.session.viewer, key=form.get("key", ""), case_uuid=visit.session.case_uuid,
            agreed=promised.is_kept,
        )  # fmt: skip
        if isinstance(result, Case):
            return told(visit, "plan")
        if result not in (NOT_AS_AGREED, CaseNotActive()):
            return await refused_page(visit, result)
    _, view = await _deactivation(visit)
    stale = stale_notice(visit.reader)
    if view is None:
        return await settings_page(visit, notice=stale, status=409)
    if promised is not None and promised.holds(view.promise):
        return _deactivation_page(visit, view, notice=_unsure(visit), status=400)
    return _deactivation_page(visit, view, notice=stale, status=409)


def _unsure(visit: Visit) -> Notice:
    words = visit.reader.words
    return Notice(
        words.say("Nothing was changed."), words.say("Tick the box to say that you know what is lost."), "bad"
    )


PAGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}/plan/change", for_admins(preview)),
    ("/cases/{uuid}/plan/keep", for_admins(to_the_plans)),
    ("/cases/{uuid}/plan/deactivate", for_admins(preview_deactivation)),
)
CHANGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}/plan/change", for_admins(confirm)),
    ("/cases/{uuid}/plan/keep", for_admins(keep)),
    ("/cases/{uuid}/plan/deactivate", for_admins(deactivate)),
)

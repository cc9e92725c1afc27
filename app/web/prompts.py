"""What is done from a refusal, in one click, to come back to the same task (C8, C9, L3, T5).

Each form carries the key that makes it act once (K1), what the prompt promised, and the values of the task.
"""

from starlette.responses import RedirectResponse, Response

from app.domain.cases import Case
from app.domain.money import cents
from app.domain.payments import Payment, PaymentPurpose, Wanted
from app.domain.plans import PlanTier
from app.domain.refusals import NOT_AS_AGREED, Forbidden, InvoicingNotContracted, Refusal
from app.domain.subscriptions import ChangeOrigin
from app.services.cases import update_case_settings
from app.services.payments import AwaitsPayment, PayBy
from app.services.ports import PaymentUnavailable
from app.services.purchases import buy_tokens
from app.services.subscriptions import upgrade_plan
from app.web.addresses import NotUnderstood, address, invoicing_dialog, number_of
from app.web.checkouts import waiting_for
from app.web.forms import form_of
from app.web.notices import Notice
from app.web.pages import HEADERS
from app.web.payment_notices import unavailable_notice
from app.web.plan_changes import change_view
from app.web.promises import promise_sent
from app.web.prompt_views import OverageView
from app.web.purchase_views import planned_purchase, purchase_promised
from app.web.quote_views import Asked, Verdict, quote_values
from app.web.refusals import refusal_status, refused, stale_notice
from app.web.usage import usage_page
from app.web.visits import Handler, Visit


async def upgrade(visit: Visit) -> Response:
    """By any user of the case, while the switch is on (C9)."""
    form = await form_of(visit.request)
    promised = promise_sent(form.get("promise", ""))
    tier = next((tier for tier in PlanTier if tier == form.get("tier")), None)
    if promised is None or tier is None:
        return await _back(visit, form, NOT_AS_AGREED)
    try:
        result = await upgrade_plan(
            visit.ports, visit.session.viewer, key=form.get("key", ""), case_uuid=visit.session.case_uuid,
            tier=tier, origin=ChangeOrigin.PROMPT, agreed=promised.is_kept, paying=PayBy.CHECKOUT,
        )  # fmt: skip
    except AwaitsPayment as waiting:
        costs = cents((await change_view(visit, tier)).change.charge)
        return _wait(visit, form, waiting.payment, Wanted(PaymentPurpose.PLAN, tier), costs)
    except PaymentUnavailable:
        return await _back(visit, form, None)
    if isinstance(result, Forbidden):
        return await _switched_off(visit, form)
    if isinstance(result, InvoicingNotContracted):
        if not visit.administers:
            return await _contract_ended(visit, form)
        dialog = invoicing_dialog(visit.reader.base, tier, Asked.of(form).parameters())
        return RedirectResponse(dialog, 303, headers=HEADERS)
    return _again(visit, form, "plan") if isinstance(result, Case) else await _back(visit, form, result)


async def purchase(visit: Visit) -> Response:
    """The missing tokens are bought, by an admin, for what the prompt said."""
    form = await form_of(visit.request)
    if not visit.administers:
        return await _back(visit, form, Forbidden())
    try:
        tokens = number_of(form.get("tokens", ""))
    except NotUnderstood:
        return await _back(visit, form, NOT_AS_AGREED)
    try:
        result = await buy_tokens(
            visit.ports, visit.session.viewer, key=form.get("key", ""), case_uuid=visit.session.case_uuid,
            tokens=tokens, agreed=lambda planned: purchase_promised(planned) == form.get("promise"),
            paying=PayBy.CHECKOUT,
        )  # fmt: skip
    except AwaitsPayment as waiting:
        costs = planned_purchase(await visit.plan_overview(), tokens, visit.reader).charge
        return _wait(visit, form, waiting.payment, Wanted(PaymentPurpose.TOKENS, tokens=tokens), costs)
    except PaymentUnavailable:
        return await _back(visit, form, None)
    return _again(visit, form, "tokens") if isinstance(result, Case) else await _back(visit, form, result)


async def overage(visit: Visit) -> Response:
    """Overage is turned on, by an admin who was told what it comes to for the task."""
    form = await form_of(visit.request)
    case = await visit.case()
    if visit.administers and not case.terms.overage_enabled:
        offered = await _overage(visit, form, case)
        if offered is None or form.get("promise") != offered.promise:
            return await _back(visit, form, NOT_AS_AGREED)
    result = await update_case_settings(
        visit.ports, visit.session.viewer, key=form.get("key", ""), case_uuid=visit.session.case_uuid,
        overage_enabled=True,
    )  # fmt: skip
    return _again(visit, form, "overage") if isinstance(result, Case) else await _back(visit, form, result)


async def _overage(visit: Visit, form: dict[str, str], case: Case) -> OverageView | None:
    """What the prompt of the task says now of overage; None: nothing."""
    verdict: Verdict | None = (await quote_values(visit, case, Asked.of(form)))["verdict"]
    return None if verdict is None or verdict.prompt is None else verdict.prompt.overage


async def to_the_task(visit: Visit) -> Response:
    """Whoever asks again for the address of a form, which a refusal leaves in the browser's bar."""
    return RedirectResponse(visit.reader.base, 303, headers=HEADERS)


def _again(visit: Visit, form: dict[str, str], done: str | None) -> Response:
    """The same task, judged as things now are. done: what was changed."""
    again = address(visit.reader.base, {**Asked.of(form).parameters(), "done": done})
    return RedirectResponse(f"{again}#{'notice' if done else 'quote'}", 303, headers=HEADERS)


def _wait(visit: Visit, form: dict[str, str], payment: Payment, wanted: Wanted, costs: int) -> Response:
    """Where the payment is waited for; the one that somebody else began already is shown beside the task."""
    viewer = visit.session.viewer
    if viewer.administers or viewer.caller_id == payment.viewer.caller_id:
        return waiting_for(visit, payment, wanted, costs, Asked.of(form).parameters())
    return _again(visit, form, None)


async def _switched_off(visit: Visit, form: dict[str, str]) -> Response:
    """The only thing that forbids it, whoever asks (C9)."""
    words = visit.reader.words
    notice = Notice(
        words.say("Nothing was changed."), words.say("Upgrades from here are switched off for this case."), tone="bad"
    )
    return await usage_page(visit, Asked.of(form), notice=notice, status=refusal_status(Forbidden()))


async def _contract_ended(visit: Visit, form: dict[str, str]) -> Response:
    """C7: what a member cannot go on from."""
    words = visit.reader.words
    text = words.say("Your organization is not invoiced by the month any more.")
    notice = Notice(
        words.say("Nothing was changed."), f"{text} {words.say('A case admin can go on with card.')}", tone="bad"
    )
    return await usage_page(visit, Asked.of(form), notice=notice, status=422)


async def _back(visit: Visit, form: dict[str, str], refusal: Refusal | None) -> Response:
    """The same task with the reason why nothing was done; None: the processor of cards does not answer."""
    if refusal is None:
        notice, status = unavailable_notice(visit.reader), 503
    elif refusal == NOT_AS_AGREED:
        notice, status = stale_notice(visit.reader), 409
    else:
        notice, status = refused(refusal, visit.reader), refusal_status(refusal)
    return await usage_page(visit, Asked.of(form), notice=notice, status=status)


CHANGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}/prompt/upgrade", upgrade),
    ("/cases/{uuid}/prompt/tokens", purchase),
    ("/cases/{uuid}/prompt/overage", overage),
)
PAGES: tuple[tuple[str, Handler], ...] = tuple((path, to_the_task) for path, _ in CHANGES)

"""Bought tokens (L3): what they come to is shown first, and they are bought when that is confirmed."""

from starlette.responses import Response

from app.adapters.sentences import sentence
from app.domain.cases import Case
from app.domain.payments import PaymentPurpose, Wanted
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import NOT_AS_AGREED, Flaw, InvalidInput, Refusal
from app.services.payments import AwaitsPayment, PayBy
from app.services.plan_overview import PlanOverview
from app.services.ports import PaymentUnavailable
from app.services.purchases import buy_tokens
from app.web.addresses import address, typed, typed_number
from app.web.checkouts import waiting_for
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.outcomes import told
from app.web.payment_notices import unavailable_notice, waiting_notice
from app.web.plan_views import plus_tax
from app.web.purchase_views import planned_purchase, purchase_promised, purchase_view
from app.web.refusals import refusal_status, refused, stale_notice
from app.web.settings import TAB, for_admins
from app.web.visits import Visit

LONGEST_NUMBER = 20
"""Characters of what is typed."""


async def preview_purchase(visit: Visit) -> Response:
    """What so many tokens come to, before they are bought (L3)."""
    overview = await visit.plan_overview()
    text = typed(visit.request.query_params.get("tokens", ""), LONGEST_NUMBER)
    return _purchase_page(visit, overview, text, waiting=await waiting_notice(visit, overview.case))


def _purchase_page(
    visit: Visit, overview: PlanOverview, text: str, *, notice: Notice | None = None, waiting: Notice | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    words, case = visit.reader.words, overview.case
    flaw, tokens = _purchase_flaw(case, text), typed_number(text)
    tank = case.reservoir
    if flaw is not None and not isinstance(flaw, InvalidInput) and notice is None:
        notice, status = refused(flaw, visit.reader), refusal_status(flaw)
    view = None if flaw is not None or not tokens else purchase_view(overview, tokens, visit.reader)
    return visit.page(
        "plan_tokens.html",
        tab=TAB,
        status=400 if isinstance(flaw, InvalidInput) and status == 200 else status,
        case=case,
        here=address(f"{visit.reader.base}/plan/tokens", {"tokens": text or None}),
        text=text,
        flaw=sentence(flaw, words) if isinstance(flaw, InvalidInput) else None,
        buyable=case.terms.active and tank.balance is not None,
        view=view,
        pays=view is not None and view.by_card and visit.ports.payments is not None,
        after=None if view is None else (tank.balance or 0) + view.tokens,
        token_price=plus_tax(OVERAGE_PRICE, case, words),
        notice=notice,
        waiting=waiting,
        key=new_key(),
    )


def _purchase_flaw(case: Case, text: str) -> Refusal | None:
    """What keeps the case from buying so many; an empty field asks for nothing yet."""
    if not text.strip():
        return judge_purchase(case, 0)
    tokens = typed_number(text)
    if tokens is None:
        return InvalidInput("tokens", Flaw.NOT_A_NUMBER)
    return check_purchase(tokens) or judge_purchase(case, tokens)


async def purchase(visit: Visit) -> Response:
    """The tokens are bought, once, for what the page said; or wait for their payment (C8)."""
    form = await form_of(visit.request)
    key, text = form.get("key", ""), typed(form.get("tokens", ""), LONGEST_NUMBER)
    overview = await visit.plan_overview()
    tokens = typed_number(text)
    if _purchase_flaw(overview.case, text) is not None or not tokens:
        return _purchase_page(visit, overview, text)
    try:
        result = await buy_tokens(
            visit.ports, visit.session.viewer, key=key, case_uuid=visit.session.case_uuid, tokens=tokens,
            agreed=lambda planned: purchase_promised(planned) == form.get("promise"), paying=PayBy.CHECKOUT,
        )  # fmt: skip
    except AwaitsPayment as waiting:
        costs = planned_purchase(await visit.plan_overview(), tokens, visit.reader).charge
        return waiting_for(visit, waiting.payment, Wanted(PaymentPurpose.TOKENS, tokens=tokens), costs)
    except PaymentUnavailable:
        return _purchase_page(visit, overview, text, notice=unavailable_notice(visit.reader), status=503)
    if isinstance(result, Case):
        return told(visit, "tokens")
    if result == NOT_AS_AGREED:
        return _purchase_page(visit, await visit.plan_overview(), text, notice=stale_notice(visit.reader), status=409)
    return _purchase_page(
        visit, overview, text, notice=refused(result, visit.reader), status=refusal_status(result)
    )  # fmt: skip


PAGES = (("/cases/{uuid}/plan/tokens", for_admins(preview_purchase)),)
CHANGES = (("/cases/{uuid}/plan/tokens", for_admins(purchase)),)

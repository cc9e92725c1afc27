"""Bought tokens (L3): what they come to is shown first, and they are bought when that is confirmed."""

from decimal import Decimal

from starlette.responses import Response

from app.adapters.amounts import amount
from app.adapters.sentences import sentence
from app.domain.cases import Case, PaymentMethod
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import Flaw, InvalidInput, Refusal
from app.services.plan_overview import PlanOverview
from app.services.purchases import buy_tokens
from app.web.addresses import address, typed, typed_number
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.plan_views import times
from app.web.settings import TAB, for_admins, read_overview, refusal_status, refused, stale_notice, told
from app.web.visits import Visit

LONGEST_NUMBER = 20
"""Characters of what is typed."""


async def preview_purchase(visit: Visit) -> Response:
    """What so many tokens come to, before they are bought (L3)."""
    overview = await read_overview(visit)
    text = typed(visit.request.query_params.get("tokens", ""), LONGEST_NUMBER)
    return _purchase_page(visit, overview, text)


def _purchase_page(
    visit: Visit, overview: PlanOverview, text: str, *, notice: Notice | None = None, status: int = 200
) -> Response:
    words, case = visit.reader.words, overview.case
    tokens = typed_number(text)
    flaw = _purchase_flaw(case, text)
    good = None if flaw is not None or not text.strip() else tokens
    by_card = overview.subscription is None or overview.subscription.payment_method is PaymentMethod.CARD
    tank = case.reservoir
    if flaw is not None and not isinstance(flaw, InvalidInput) and notice is None:
        notice, status = refused(flaw, visit.reader), refusal_status(flaw)
    return visit.page(
        "plan_tokens.html",
        tab=TAB,
        status=400 if isinstance(flaw, InvalidInput) and status == 200 else status,
        case=case,
        here=address(f"{visit.reader.base}/plan/tokens", {"tokens": text or None}),
        text=text,
        flaw=sentence(flaw, words) if isinstance(flaw, InvalidInput) else None,
        buyable=case.terms.active and tank.balance is not None,
        tokens=good,
        worked=None if good is None else times(good, words),
        charge=None if good is None else amount(good * OVERAGE_PRICE if by_card else Decimal(0), words),
        invoiced=None if good is None or by_card else amount(good * OVERAGE_PRICE, words),
        after=None if good is None else (tank.balance or 0) + good,
        promise=None if good is None else _purchase_promise(good, by_card),
        token_price=amount(OVERAGE_PRICE, words),
        notice=notice,
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


def _purchase_promise(tokens: int, by_card: bool) -> str:
    return f"{tokens}/{tokens * OVERAGE_PRICE if by_card else 0}"


async def purchase(visit: Visit) -> Response:
    """The tokens are bought, once, for what the page said."""
    form = await form_of(visit.request)
    key, text = form.get("key", ""), typed(form.get("tokens", ""), LONGEST_NUMBER)
    overview = await read_overview(visit)
    tokens = typed_number(text)
    by_card = overview.subscription is None or overview.subscription.payment_method is PaymentMethod.CARD
    if tokens is None or form.get("promise", "") != _purchase_promise(tokens, by_card):
        return _purchase_page(visit, overview, text, notice=stale_notice(visit.reader), status=409)
    result = await buy_tokens(
        visit.ports, visit.session.viewer, key=key, case_uuid=visit.session.case_uuid, tokens=tokens
    )
    if isinstance(result, Case):
        return told(visit, "tokens")
    return _purchase_page(
        visit, overview, text, notice=refused(result, visit.reader), status=refusal_status(result)
    )  # fmt: skip


PAGES = (("/cases/{uuid}/plan/tokens", for_admins(preview_purchase)),)
CHANGES = (("/cases/{uuid}/plan/tokens", for_admins(purchase)),)

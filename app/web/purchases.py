"""Bought tokens (L3): what they come to is shown first, and they are bought when that is confirmed."""

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from app.adapters.amounts import amount
from app.adapters.invoice_texts import description
from app.adapters.sentences import sentence
from app.domain.bills import Line, LineKind, card_bill, purchase_line
from app.domain.cases import Case, PaymentMethod
from app.domain.money import cad
from app.domain.payments import PaymentPurpose, Wanted
from app.domain.purchases import check_purchase, judge_purchase
from app.domain.rates import OVERAGE_PRICE
from app.domain.refusals import Flaw, InvalidInput, Refusal
from app.services.payments import AwaitsPayment, PayBy
from app.services.plan_overview import PlanOverview
from app.services.ports import PaymentUnavailable
from app.services.purchases import buy_tokens
from app.web.addresses import address, typed, typed_number
from app.web.checkouts import waiting_for
from app.web.forms import form_of, new_key
from app.web.notices import Notice
from app.web.payment_notices import unavailable_notice, waiting_notice
from app.web.plan_views import times
from app.web.prompt_views import purchase_promise
from app.web.settings import TAB, for_admins, read_overview, refusal_status, refused, stale_notice, told
from app.web.visits import Visit

LONGEST_NUMBER = 20
"""Characters of what is typed."""


async def preview_purchase(visit: Visit) -> Response:
    """What so many tokens come to, before they are bought (L3)."""
    overview = await read_overview(visit)
    text = typed(visit.request.query_params.get("tokens", ""), LONGEST_NUMBER)
    return _purchase_page(visit, overview, text, waiting=await waiting_notice(visit, overview.case))


def _purchase_page(
    visit: Visit, overview: PlanOverview, text: str, *, notice: Notice | None = None, waiting: Notice | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    words, case = visit.reader.words, overview.case
    tokens = typed_number(text)
    flaw = _purchase_flaw(case, text)
    good = None if flaw is not None or not text.strip() else tokens
    by_card = overview.subscription is None or overview.subscription.payment_method is PaymentMethod.CARD
    lines = () if good is None else _bill(overview, good, visit.reader.now)
    total, tax = sum(line.amount for line in lines), next((line for line in lines if line.kind is LineKind.TAX), None)
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
        untaxed=None if good is None else amount(good * OVERAGE_PRICE, words),
        tax=None if tax is None else description(tax, words),
        tax_amount=None if tax is None else amount(cad(tax.amount).amount, words),
        charge=None if good is None else amount(cad(total if by_card else 0).amount, words),
        invoiced=None if good is None or by_card else amount(cad(total).amount, words),
        pays=by_card and visit.ports.payments is not None,
        after=None if good is None else (tank.balance or 0) + good,
        promise=None if good is None else purchase_promise(overview, good, visit.reader.now),
        token_price=amount(OVERAGE_PRICE, words),
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


def _bill(overview: PlanOverview, tokens: int, now: datetime) -> Sequence[Line]:
    """What so many tokens are billed as; tax is known at once where it is charged by card (C6)."""
    assert overview.subscription is not None, "only an active case buys"
    line = purchase_line(tokens, overview.subscription.cycle.number, overview.case.entries + 1, now)
    if overview.subscription.payment_method is not PaymentMethod.CARD:
        return (line,)
    return card_bill([line], (), overview.case.organization.tax_rate, now).lines


async def purchase(visit: Visit) -> Response:
    """The tokens are bought, once, for what the page said; or wait for their payment (C8)."""
    form = await form_of(visit.request)
    key, text = form.get("key", ""), typed(form.get("tokens", ""), LONGEST_NUMBER)
    overview = await read_overview(visit)
    tokens = typed_number(text)
    if _purchase_flaw(overview.case, text) is not None:
        return _purchase_page(visit, overview, text)
    promised = tokens and overview.subscription and purchase_promise(overview, tokens, visit.reader.now)
    if not tokens or form.get("promise", "") != promised:
        return _purchase_page(visit, overview, text, notice=stale_notice(visit.reader), status=409)
    try:
        result = await buy_tokens(
            visit.ports, visit.session.viewer, key=key, case_uuid=visit.session.case_uuid, tokens=tokens,
            paying=PayBy.CHECKOUT,
        )  # fmt: skip
    except AwaitsPayment as waiting:
        return waiting_for(visit, waiting.payment, Wanted(PaymentPurpose.TOKENS, tokens=tokens))
    except PaymentUnavailable:
        return _purchase_page(visit, overview, text, notice=unavailable_notice(visit.reader), status=503)
    if isinstance(result, Case):
        return told(visit, "tokens")
    return _purchase_page(
        visit, overview, text, notice=refused(result, visit.reader), status=refusal_status(result)
    )  # fmt: skip


PAGES = (("/cases/{uuid}/plan/tokens", for_admins(preview_purchase)),)
CHANGES = (("/cases/{uuid}/plan/tokens", for_admins(purchase)),)

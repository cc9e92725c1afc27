"""The page of the simulated processor, on which a person pays, is declined, or goes away (C8). No money moves.

It stands outside the panel, as a real one does: whoever has its address may pay, and nobody is signed in.
"""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.adapters.amounts import amount
from app.adapters.languages import Words, words
from app.domain.languages import Language
from app.domain.money import cad
from app.domain.payments import Payment, PaymentOutcome
from app.domain.plans import plan
from app.services.ports import Ports
from app.services.simulated_payments import PAGE, Delivery, SimulatedPayments
from app.web.addresses import address
from app.web.failures import guarded
from app.web.forms import form_of
from app.web.pages import HEADERS, page, reader_language


def simulated_routes(ports: Ports) -> list[BaseRoute]:
    """Nowhere, where cards are real or none."""
    if not isinstance(ports.payments, SimulatedPayments):
        return []
    path = f"{PAGE}/{{payment}}"
    return [
        guarded(Route(path, partial(_act, ports.payments), methods=["POST"])),
        guarded(Route(path, partial(_show, ports.payments))),
    ]


async def _show(payments: SimulatedPayments, request: Request) -> Response:
    language, uuid = _language(request), _payment(request)
    found = None if uuid is None else await payments.find(uuid)
    if found is None:
        return page(request, "simulated_checkout_absent.html", language=language, status=404)
    state, payment = found
    said = words(language)
    return page(
        request,
        "simulated_checkout.html",
        language=language,
        here=_here(request, language),
        other=_here(request, Language.FR if language is Language.EN else Language.EN),
        wanted=_wanted(payment, said),
        amount=amount(cad(payment.amount).amount, said),
        paid=state.received > state.refunded,
        refunded=state.refunded > 0,
        ended=state.ended,
        declined=request.query_params.get("declined") == "yes",
        held=request.query_params.get("delivery") == Delivery.OUT_OF_ORDER,
    )


async def _act(payments: SimulatedPayments, request: Request) -> Response:
    """One of the buttons was pressed; on a page that has ended, none does anything."""
    language, uuid, form = _language(request), _payment(request), await form_of(request)
    try:
        outcome, delivery = PaymentOutcome(form.get("outcome", "")), Delivery(form.get("delivery", Delivery.AT_ONCE))
    except ValueError:
        outcome = None
    if uuid is None or outcome is None:
        return page(request, "simulated_checkout_absent.html", language=language, status=400)
    await payments.finish(uuid, outcome, delivery)
    told = {
        "language": language,
        "declined": "yes" if outcome is PaymentOutcome.DECLINED else None,
        "delivery": delivery if delivery is Delivery.OUT_OF_ORDER else None,
    }
    return RedirectResponse(address(request.url.path, told), 303, headers=HEADERS)


def _here(request: Request, language: Language) -> str:
    """The page in a language, with what it tells of a payment that was made."""
    return address(request.url.path, {"language": language, "delivery": request.query_params.get("delivery")})


def _wanted(payment: Payment, said: Words) -> str:
    if payment.wanted.tier is not None:
        return said.say("Claira, the %(plan)s plan", plan=plan(payment.wanted.tier).name)
    if payment.wanted.tokens is not None:
        return said.count("Claira, %(number)s token", "Claira, %(number)s tokens", payment.wanted.tokens)
    assert payment.invoice is not None
    return said.say("Claira, invoice %(number)s", number=payment.invoice.number)


def _language(request: Request) -> Language:
    """That of whoever began the payment, which the address carries."""
    try:
        return Language(request.query_params.get("language", ""))
    except ValueError:
        return reader_language(request)


def _payment(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params["payment"])
    except ValueError:
        return None

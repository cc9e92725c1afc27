"""Waiting for a payment (C8): what has been begun, the way to its page, and what becomes of it, noticed by itself.

The panel may be a frame in another site's page, where a new tab does not have its session: so the payment is begun in
the frame, and the tab gets the processor's page alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import RedirectResponse, Response

from app.adapters.amounts import amount
from app.domain.money import cad
from app.domain.payments import Payment, PaymentPurpose, PaymentStatus, Wanted
from app.services.checkouts import close_checkout, find_checkout
from app.web.addresses import NO_TASK, address
from app.web.forms import form_of
from app.web.pages import HEADERS
from app.web.payment_notices import checkout_address, wanted_words
from app.web.quote_views import Asked
from app.web.readers import Reader
from app.web.visits import Handler, Visit

TAB = "settings"
OTHER, AMOUNT = "other", "amount"
"""What a payment that waits already may differ in from what was asked for."""

_DONE = {PaymentPurpose.PLAN: "plan", PaymentPurpose.TOKENS: "tokens", PaymentPurpose.INVOICE: "invoice"}


@dataclass(frozen=True, slots=True)
class CheckoutView:
    """One payment for one reader. wanted: what it is for, in words. amount: None for whoever may not see money.

    overdue: its time is over. again: where it may be begun anew.
    """

    payment: Payment
    wanted: str
    amount: str | None
    until: str
    overdue: bool
    again: str

    @property
    def status(self) -> PaymentStatus:
        waited = self.payment.status in (PaymentStatus.OPEN, PaymentStatus.DECLINED)
        return PaymentStatus.EXPIRED if waited and self.overdue else self.payment.status

    @property
    def waits(self) -> bool:
        """Nothing is decided yet."""
        return self.status is PaymentStatus.OPEN

    @property
    def stays_open(self) -> bool:
        """Whether it may still be paid, as after a card that was declined."""
        return self.waits or self.status is PaymentStatus.DECLINED


def waiting_for(
    visit: Visit, payment: Payment, wanted: Wanted, costs: int, task: Mapping[str, str] = NO_TASK
) -> Response:
    """Away from the form to where the payment is waited for. wanted: what the form was about; costs: cents, now.

    The payment may have been begun before, for something else or for another amount: of each purpose only one waits at
    a time. task: the values of one that was refused; once it is paid, that is where the page leads back to.
    """
    instead = None if payment.amount == costs else AMOUNT
    if payment.wanted.goods != wanted.goods:
        instead = OTHER
    path = address(checkout_address(visit.reader, payment), {**task, "instead": instead})
    return RedirectResponse(path, 303, headers=HEADERS)


async def checkout(visit: Visit) -> Response:
    """Where a payment is waited for; once it took effect, away to what it has changed."""
    payment = await _found(visit)
    if payment is None:
        return await _absent(visit)
    task, path = Asked.of(visit.request.query_params).parameters(), checkout_address(visit.reader, payment)
    back = visit.reader.base if task else _home(payment, visit.reader)
    if payment.status is PaymentStatus.APPLIED:
        return _away(visit, address(back, {**task, "done": _DONE[payment.wanted.purpose]}) + "#notice")
    return visit.page(
        "checkout.html",
        tab="invoices" if payment.invoice is not None else TAB,
        blocks=("checkout",) if visit.replaces_parts else (),
        case=await visit.case(),
        path=path,
        here=address(path, task),
        task=task,
        back=address(back, task),
        view=_view(visit, payment),
        instead=visit.request.query_params.get("instead"),
    )


async def close(visit: Visit) -> Response:
    """Nobody wants to pay any more: what is paid nevertheless is given back."""
    payment = await _found(visit)
    if payment is None:
        return await _absent(visit)
    await close_checkout(visit.ports, visit.session.viewer, visit.session.case_uuid, payment.uuid)
    task = Asked.of(await form_of(visit.request)).parameters()
    return RedirectResponse(address(checkout_address(visit.reader, payment), task), 303, headers=HEADERS)


async def _found(visit: Visit) -> Payment | None:
    """Who may not see money finds what they have begun."""
    try:
        uuid = UUID(visit.request.path_params["payment"])
    except ValueError:
        return None
    viewer = visit.session.viewer
    payment = await find_checkout(visit.ports, viewer, visit.session.case_uuid, uuid)
    own = payment is not None and payment.viewer.caller_id == viewer.caller_id
    return payment if own or visit.administers else None


def _view(visit: Visit, payment: Payment) -> CheckoutView:
    reader = visit.reader
    return CheckoutView(
        payment=payment,
        wanted=wanted_words(payment, reader),
        amount=amount(cad(payment.amount).amount, reader.words) if visit.administers else None,
        until=reader.time(payment.expires_at),
        overdue=payment.expires_at <= reader.now,
        again=_again(payment, reader),
    )


def _home(payment: Payment, reader: Reader) -> str:
    """The page about what is paid for."""
    return f"{reader.base}/settings" if payment.invoice is None else f"{reader.base}/invoices/{payment.invoice.uuid}"


def _again(payment: Payment, reader: Reader) -> str:
    wanted = payment.wanted
    if wanted.tier is not None:
        return address(f"{reader.base}/plan/change", {"tier": wanted.tier})
    if wanted.tokens is not None:
        return address(f"{reader.base}/plan/tokens", {"tokens": wanted.tokens})
    return _home(payment, reader)


def _away(visit: Visit, path: str) -> Response:
    """To another page; our script is told so that the whole page goes there, not one part of it."""
    if visit.replaces_parts:
        return Response(status_code=204, headers={**HEADERS, "HX-Redirect": path})
    return RedirectResponse(path, 303, headers=HEADERS)


async def _absent(visit: Visit) -> Response:
    words = visit.reader.words
    return await visit.absent(
        tab=TAB,
        way_out=f"{visit.reader.base}/settings",
        headline=words.say("No such payment"),
        reason=words.say("This case has no payment under this address."),
    )


PAGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/checkout/{payment}", checkout),)
CHANGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/checkout/{payment}/close", close),)

"""The pages of invoices: the list, one of them, and paying what stands open (C6, C8, A2)."""

from uuid import UUID

from starlette.responses import RedirectResponse, Response

from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.payments import Payment
from app.domain.refusals import NotFound
from app.services.checkouts import pay_invoice
from app.services.invoice_lists import sees_whole_invoices
from app.services.paging import DEFAULT_PAGE
from app.services.ports import PaymentUnavailable
from app.web import invoice_downloads
from app.web.addresses import NotUnderstood, address, asked
from app.web.forms import form_of, new_key
from app.web.invoice_scope import TAB, in_scope, invoice_asked, is_whole, no_such_invoice, page_asked
from app.web.invoice_views import InvoiceView, invoice_address, invoices_address
from app.web.notices import Notice
from app.web.pages import HEADERS
from app.web.payment_notices import checkout_address, unavailable_notice
from app.web.readers import Reader
from app.web.settings import for_admins, refused_page
from app.web.tasks import Choice
from app.web.visits import Handler, Visit

FILES = (("CSV", ".csv"), ("JSON", ".json"))


async def invoices(visit: Visit) -> Response:
    """What waits first, then the newest issue first."""
    reader, whole = visit.reader, is_whole(visit)
    try:
        after = asked(visit.request, "after", UUID)
        page = await page_asked(visit, after, DEFAULT_PAGE)
    except NotUnderstood:
        return await visit.not_understood(tab=TAB, way_out=invoices_address(reader, whole=whole))
    oldest = page.rows[-1].uuid if page.rows else None
    return visit.page(
        "invoices.html",
        tab=TAB,
        case=await visit.case(),
        here=invoices_address(reader, whole=whole, after=after),
        whole=whole,
        scopes=_scopes(visit),
        invoices=[InvoiceView(invoice, reader, whole=whole) for invoice in page.rows],
        newest=invoices_address(reader, whole=whole) if after is not None else None,
        older=invoices_address(reader, whole=whole, after=oldest) if page.has_next else None,
        files=[(name, invoices_address(reader, whole=whole, suffix=suffix)) for name, suffix in FILES],
    )


async def invoice(visit: Visit) -> Response:
    """One, with its lines by case."""
    found = await invoice_asked(visit)
    if found is None:
        return await no_such_invoice(visit)
    paid = visit.request.query_params.get("done") == "invoice" and found.status is InvoiceStatus.PAID
    return await _shown(visit, found, notice=_paid(visit.reader) if paid else None)


def _paid(reader: Reader) -> Notice:
    return Notice(reader.words.say("The invoice is paid."), reader.words.say("The payment was received."))


async def _shown(visit: Visit, found: Invoice, *, notice: Notice | None = None, status: int = 200) -> Response:
    reader, whole = visit.reader, is_whole(visit)
    view = InvoiceView(found, reader, whole=whole)
    others = sees_whole_invoices(visit.session.viewer) and not view.of_one_case
    payable = view.owed and view.of_one_case and visit.ports.payments is not None
    pay = invoice_address(reader, found.uuid, whole=False, suffix="/pay") if payable else None
    return visit.page(
        "invoice.html",
        tab=TAB,
        status=status,
        case=await visit.case(),
        here=view.href,
        notice=notice,
        view=view,
        facts=view.facts,
        warning=_warning(view, reader, pays=pay is not None),
        why=None,
        whole=whole,
        list_href=invoices_address(reader, whole=whole),
        other_scope=invoice_address(reader, found.uuid, whole=not whole) if others else None,
        files=[(name, invoice_address(reader, found.uuid, whole=whole, suffix=suffix)) for name, suffix in FILES],
        pay=pay,
        key=new_key(),
    )


def _warning(view: InvoiceView, reader: Reader, *, pays: bool) -> Notice | None:
    """That the saved card was declined."""
    if not view.declined:
        return None
    words = reader.words
    return Notice(words.say("The card was declined."), words.say("It can be paid here.") if pays else "", "warn")


async def pay(visit: Visit) -> Response:
    """To where an open invoice by card is paid; nothing changes before the processor tells that it was (C8)."""
    found = await invoice_asked(visit)
    if found is None:
        return await no_such_invoice(visit)
    form, session = await form_of(visit.request), visit.session
    try:
        begun = await pay_invoice(
            visit.ports, session.viewer, key=form.get("key", ""), case_uuid=session.case_uuid, invoice=found.uuid
        )
    except PaymentUnavailable:
        return await _shown(visit, found, notice=unavailable_notice(visit.reader), status=503)
    if isinstance(begun, Payment):
        # Of one case only one invoice is paid at a time.
        other = None if begun.wanted.invoice_id == found.invoice_id else "other"
        return _away(address(checkout_address(visit.reader, begun), {"instead": other}))
    if isinstance(begun, NotFound):  # it has been paid meanwhile, which its page tells
        return _away(invoice_address(visit.reader, found.uuid, whole=False))
    return await refused_page(visit, begun)


def _away(path: str) -> Response:
    return RedirectResponse(path, 303, headers=HEADERS)


def _scopes(visit: Visit) -> list[Choice]:
    """The case alone, or its whole organization, for whoever may choose."""
    if not sees_whole_invoices(visit.session.viewer):
        return []
    reader, whole = visit.reader, is_whole(visit)
    return [
        Choice(reader.words.say("This case"), invoices_address(reader, whole=False), not whole),
        Choice(reader.words.say("Whole organization"), invoices_address(reader, whole=True), whole),
    ]


PAGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}/invoices", in_scope(invoices)),
    *invoice_downloads.PAGES,
    ("/cases/{uuid}/invoices/{invoice}", in_scope(invoice)),
)
CHANGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/invoices/{invoice}/pay", for_admins(pay)),)

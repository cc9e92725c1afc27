"""Which invoices an address is about, and for whom: those of the case, or whole ones by `whole` in it (C6, A2)."""

from uuid import UUID

from starlette.responses import Response

from app.domain.invoices import Invoice
from app.domain.refusals import Forbidden, InvalidInput
from app.services import invoice_lists
from app.services.invoice_lists import sees_whole_invoices
from app.services.paging import Page
from app.web.addresses import NotUnderstood
from app.web.invoice_views import invoices_address
from app.web.settings import for_admins, refused_page
from app.web.visits import Handler, Visit

TAB = "invoices"


def is_whole(visit: Visit) -> bool:
    """Whether the address asks for the lines of all cases of the organization."""
    return "whole" in visit.request.query_params


def in_scope(handler: Handler) -> Handler:
    """For admins; whole invoices only for whoever sees those."""

    async def answer(visit: Visit) -> Response:
        if is_whole(visit) and not sees_whole_invoices(visit.session.viewer):
            return await refused_page(visit, Forbidden())
        return await handler(visit)

    return for_admins(answer)


async def page_asked(visit: Visit, after: UUID | None, size: int) -> Page[Invoice]:
    """So many of the list, after the invoice given; NotUnderstood where it is none of them."""
    viewer, case = visit.session.viewer, await visit.case()
    if is_whole(visit):
        found = await invoice_lists.page_of_organization(visit.ports, viewer, case.organization, after=after, size=size)
    else:
        found = await invoice_lists.page_of_case(visit.ports, viewer, case, after=after, size=size)
    if found is None or isinstance(found, InvalidInput):
        raise NotUnderstood
    return found


async def invoice_asked(visit: Visit) -> Invoice | None:
    """The invoice that the address names, with the lines that are to be seen. None: there is none."""
    try:
        uuid = UUID(visit.request.path_params["invoice"])
    except ValueError:
        return None
    session = visit.session
    through = None if is_whole(visit) else session.case_uuid
    return await invoice_lists.find_invoice(visit.ports, session.viewer, uuid, case_uuid=through)


async def no_such_invoice(visit: Visit) -> Response:
    words = visit.reader.words
    return await visit.absent(
        tab=TAB,
        way_out=invoices_address(visit.reader, whole=is_whole(visit)),
        headline=words.say("No such invoice"),
        reason=words.say("This case is on no such invoice."),
    )

"""Invoices as they are shown: to whoever may see money, and through a case its own lines alone (A2, C6)."""

from collections.abc import Sequence
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, Organization
from app.domain.invoices import Invoice
from app.domain.payments import Payment
from app.domain.refusals import Flaw, InvalidInput
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import cases, invoice_pages as stored
from app.storage.invoice_pages import Owner
from app.storage.payments import live_checkouts


def sees_whole_invoices(viewer: Viewer) -> bool:
    """Whether a viewer sees more of an invoice of its organization than the lines of one case (A2)."""
    return viewer.role in (Role.ORG_ADMIN, Role.OPERATOR)


async def find_invoice(ports: Ports, viewer: Viewer, uuid: UUID, *, case_uuid: UUID | None = None) -> Invoice | None:
    """case_uuid: through this case, with its own lines alone; None: whole.

    None: it does not exist, has nothing of the case, or is not for this viewer. Who administers cases sees whole what
    is about one case anyway, as every invoice by card is.
    """
    if not viewer.administers:
        return None
    async with ports.database.snapshot() as connection:
        case = None if case_uuid is None else await cases.find_case(connection, case_uuid)
        if case_uuid is not None and case is None:
            return None
        invoice = await stored.find_invoice(connection, uuid, case_id=None if case is None else case.terms.case_id)
    if invoice is None or not viewer.sees(invoice.organization.organization_id):
        return None
    of_one_case = case is not None or invoice.month is None
    return invoice if of_one_case or sees_whole_invoices(viewer) else None


async def page_of_case(
    ports: Ports, viewer: Viewer, case: Case, *, after: UUID | None, size: int
) -> Page[Invoice] | InvalidInput | None:
    """Invoices with the lines of the case, which was found for the viewer; in the order of `page_of_organization`.

    None: the viewer may not see money.
    """
    if not viewer.administers:
        return None
    return await _page(ports, Owner(case_id=case.terms.case_id), after=after, size=size)


async def page_of_organization(
    ports: Ports, viewer: Viewer, organization: Organization, *, after: UUID | None, size: int
) -> Page[Invoice] | InvalidInput | None:
    """Whole invoices of an organization that was found for the viewer: pending ones, then the newest issue first.

    after: the last one seen. None: the viewer sees whole invoices of nobody.
    """
    if not sees_whole_invoices(viewer):
        return None
    return await _page(ports, Owner(organization_id=organization.organization_id), after=after, size=size)


async def _page(ports: Ports, owner: Owner, *, after: UUID | None, size: int) -> Page[Invoice] | InvalidInput:
    async with ports.database.snapshot() as connection:
        place = None if after is None else await stored.find_place(connection, owner, after)
        if after is not None and place is None:
            return InvalidInput("after", Flaw.NOT_A_CURSOR)
        return Page.of(await stored.page_of_invoices(connection, owner, after=place, limit=size + 1), size)


async def find_declined(ports: Ports, viewer: Viewer, case: Case) -> Sequence[Invoice]:
    """Open invoices of the case whose saved card was declined, the oldest first (C8); of money only for admins (A2)."""
    if not viewer.administers or ports.payments is None:
        return ()
    async with ports.database.snapshot() as connection:
        return await stored.declined_of_case(connection, case.terms.case_id)


async def count_of_case(ports: Ports, case: Case) -> int:
    """How many invoices have lines of the case."""
    async with ports.database.reading() as connection:
        return await stored.count_invoices(connection, Owner(case_id=case.terms.case_id))


async def count_of_organization(ports: Ports, organization: Organization) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_invoices(connection, Owner(organization_id=organization.organization_id))


async def find_pending_checkout(ports: Ports, viewer: Viewer, case: Case) -> Payment | None:
    """The latest payment that waits for somebody on its page (C8). Who may not see money sees what they have begun."""
    async with ports.database.reading() as connection:
        live = await live_checkouts(connection, case.terms.case_id, case.now(ports.clock()))
    shown = (payment for payment in live if viewer.administers or payment.viewer.caller_id == viewer.caller_id)
    return next(shown, None)

"""Why a line of an invoice, or its total, is what it is: for operators what those who pay see (C6, A2)."""

from dataclasses import replace
from uuid import UUID

from starlette.responses import Response

from app.domain.refusals import Forbidden, NotFound
from app.services.explanations import find_explained
from app.services.invoice_lists import find_invoice
from app.services.paging import DEFAULT_PAGE
from app.web.addresses import NotUnderstood
from app.web.explain import Asked, told, told_entries
from app.web.invoice_views import invoice_name
from app.web.operators import Desk, Handler
from app.web.sessions import OPERATORS
from app.web.task_views import EntryLink


async def explain(desk: Desk) -> Response:
    """One amount, its formula, and the ledger entries behind it."""
    try:
        wanted = Asked.by(desk.request)
    except NotUnderstood:
        return desk.absent()
    case = await _case(desk, wanted)
    if case is None:
        return desk.absent()
    question = replace(wanted.question, whole=True)
    found = await find_explained(desk.ports, desk.viewer, case, question, before=wanted.before, size=DEFAULT_PAGE)
    if isinstance(found, NotFound | Forbidden) or found.explanation.invoice is None:
        return desk.absent()
    reader, invoice = desk.reader, found.explanation.invoice
    return desk.page(
        "explain.html",
        tab="invoices",
        organization=invoice.billed_to,
        about=EntryLink(invoice_name(invoice, desk.words), f"{OPERATORS}/invoices/{invoice.uuid}"),
        **told(found.explanation, reader),
        **told_entries(found, wanted, reader, own=False),
    )


async def _case(desk: Desk, wanted: Asked) -> UUID | None:
    """One that it is about; None: the address names none."""
    if wanted.of is not None or wanted.question.invoice is None:
        return wanted.of
    invoice = await find_invoice(desk.ports, desk.viewer, wanted.question.invoice)
    return None if invoice is None else invoice.lines[0].case_uuid


PAGES: tuple[tuple[str, Handler], ...] = (("/explain/{figure}", explain),)

"""All invoices: listed by organization, status and month, each with its lines, and marked as paid or void (C6, C8)."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from uuid import UUID

from starlette.responses import Response

from app.adapters.invoice_texts import description
from app.domain.bills import LineKind
from app.domain.cycles import Month
from app.domain.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.domain.refusals import NotFound
from app.services import operators
from app.services.operators import Filter, ListedInvoice, Standing
from app.services.organizations import find_organization
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.forms import form_of
from app.web.notices import Notice
from app.web.operators import Desk, Handler, see_other
from app.web.operators_views import invoice_name, kind, status_names, waits
from app.web.sessions import OPERATORS

TAB = "invoices"
LIST = f"{OPERATORS}/invoices"
MARKS = (InvoiceStatus.PAID, InvoiceStatus.VOID)


async def invoices(desk: Desk) -> Response:
    """The newest first, as the address filters them."""
    try:
        wanted = Filter(
            asked(desk.request, "organization", UUID),
            asked(desk.request, "status", InvoiceStatus),
            asked(desk.request, "month", Month.parse),
        )
        before = asked(desk.request, "before", number_of)
    except NotUnderstood:
        return desk.not_understood(TAB, LIST)
    organization = None if wanted.organization is None else await find_organization(desk.ports, wanted.organization)
    if wanted.organization is not None and organization is None:
        return desk.not_understood(TAB, LIST)
    words = desk.words
    page = await operators.page_of_invoices(desk.ports, wanted, before=before)
    names = status_names(words)

    def leads(**other: object) -> str:
        return address(LIST, {**wanted._asdict(), **other})

    return desk.page(
        "invoices.html",
        tab=TAB,
        invoices=page.rows,
        names=names,
        statuses=[
            (words.say("All"), leads(status=None), wanted.status is None),
            *((name, leads(status=status.value), wanted.status is status) for status, name in names.items()),
        ],
        wanted=wanted,
        organization=organization,
        everybody=leads(organization=None),
        newest=leads() if before is not None else None,
        older=leads(before=page.rows[-1].invoice_id) if page.has_next else None,
        named=partial(invoice_name, words=words),
        kind=partial(kind, words=words),
        waits=partial(waits, words=words),
    )


async def invoice(desk: Desk) -> Response:
    """One, with all of its lines."""
    done = desk.request.query_params.get("done", "")
    return await _invoice(desk, done=done)


async def _invoice(desk: Desk, *, done: str = "", notice: Notice | None = None, status: int = 200) -> Response:
    uuid = _uuid(desk)
    found = None if uuid is None else await operators.read_invoice(desk.ports, desk.viewer, uuid)
    if found is None:
        return desk.absent()
    whole, listed = found
    words = desk.words
    return desk.page(
        "invoice.html",
        tab=TAB,
        status=status,
        notice=notice or _marked(desk, listed, done),
        invoice=listed,
        heading=invoice_name(listed, words),
        kind=kind(listed, words),
        status_name=status_names(words)[listed.status],
        waits=waits(listed, words),
        cases=_cases(whole),
        described=lambda each: description(each.line, words, given_at=each.given_at),
        whole=whole,
    )


def _cases(invoice: Invoice) -> Sequence[tuple[str, Sequence[InvoiceLine], int]]:
    """By case, with what its lines come to: its tax stands last."""
    found = []
    for (_, name), lines in groupby(invoice.lines, key=lambda each: (each.case_uuid, each.case_name)):
        ordered = sorted(lines, key=lambda each: each.line.kind is LineKind.TAX)
        found.append((name, ordered, sum(each.line.amount for each in ordered)))
    return found


def _marked(desk: Desk, invoice: ListedInvoice, done: str) -> Notice | None:
    """What the invoice itself says, whoever calls the address, and however often."""
    words = desk.words
    if done == "paid" and invoice.status is InvoiceStatus.PAID:
        return Notice(words.say("Marked as paid."), words.say("Nothing is owed of this invoice any more."))
    if done == "void" and invoice.status is InvoiceStatus.VOID:
        return Notice(words.say("Marked as void."), words.say("It keeps its number and its lines; nothing is owed."))
    return None


async def mark(desk: Desk) -> Response:
    """An open invoice becomes paid or void, once, when whoever asks has said that they are sure."""
    form = await form_of(desk.request)
    words, uuid, nothing = desk.words, _uuid(desk), desk.words.say("Nothing was changed.")
    wanted = next((status for status in MARKS if status.value == form.get("status")), None)
    if wanted is None or uuid is None:
        return desk.absent()
    if form.get("sure") != "yes":
        unsure = words.say("Tick the box to say that you are sure.")
        return await _invoice(desk, notice=Notice(nothing, unsure, "bad"), status=400)
    match await operators.mark_invoice(desk.ports, desk.viewer, uuid, wanted):
        case InvoiceStatus():
            return see_other(f"{LIST}/{uuid}?done={wanted.value.lower()}#notice")
        case NotFound():
            return desk.absent()
        case Standing.PARTLY_PAID:
            reason = words.say("A part of it was paid: collect the rest, or give the part back first.")
        case Standing.NOT_OPEN:
            reason = words.say("This invoice is not open. It is shown as it stands now.")
    return await _invoice(desk, notice=Notice(nothing, reason, "warn"), status=409)


def _uuid(desk: Desk) -> UUID | None:
    try:
        return UUID(desk.request.path_params["uuid"])
    except ValueError:
        return None


PAGES: tuple[tuple[str, Handler], ...] = (("/invoices", invoices), ("/invoices/{uuid}", invoice))
CHANGES: tuple[tuple[str, Handler], ...] = (("/invoices/{uuid}", mark),)

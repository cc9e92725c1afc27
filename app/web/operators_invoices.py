"""All invoices: listed by organization, status and month, each with its lines, and marked as paid or void (C6, C8)."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from app.adapters.invoice_texts import total_note
from app.domain.cycles import Month
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.refusals import NotFound
from app.services import operators
from app.services.invoice_lists import find_invoice
from app.services.operators import Filter, ListedInvoice, Standing
from app.services.organizations import find_organization
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.forms import form_of
from app.web.invoice_downloads import file_name
from app.web.invoice_files import csv_file, csv_of_lines, json_file, json_of_invoice
from app.web.invoice_views import Fact, InvoiceView, status_text
from app.web.invoices import FILES
from app.web.notices import Notice
from app.web.operators import Desk, Handler, see_other
from app.web.operators_views import invoice_name, kind, status_names, waits
from app.web.sessions import OPERATORS

TAB = "invoices"
LIST = f"{OPERATORS}/invoices"
MARKS = (InvoiceStatus.PAID, InvoiceStatus.VOID)


async def invoices(desk: Desk) -> Response:
    """What is pending, then the newest issue first, as the address filters them."""
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
        so_far=partial(total_note, words=words),
    )


async def invoice_as_csv(desk: Desk) -> Response:
    found = await _whole(desk)
    if found is None:
        return desk.absent()
    return csv_file(csv_of_lines(found, desk.words), f"{file_name(found)}.csv")


async def invoice_as_json(desk: Desk) -> Response:
    found = await _whole(desk)
    if found is None:
        return desk.absent()
    return json_file(json_of_invoice(found, desk.words, None), f"{file_name(found)}.json")


async def _whole(desk: Desk) -> Invoice | None:
    uuid = _uuid(desk)
    return None if uuid is None else await find_invoice(desk.ports, desk.viewer, uuid)


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
    view = InvoiceView(whole, desk.reader, whole=True)
    return desk.page(
        "invoice.html",
        tab=TAB,
        status=status,
        notice=notice or _marked(desk, listed, done),
        invoice=listed,
        view=view,
        facts=_facts(desk, listed, status_text(whole, desk.words)),
        warning=_warning(desk, listed),
        why=waits(listed, desk.words),
        files=[(name, f"{LIST}/{uuid}{suffix}") for name, suffix in FILES],
    )


def _facts(desk: Desk, invoice: ListedInvoice, status: str) -> list[Fact]:
    words = desk.words
    home = f"{OPERATORS}/organizations/{invoice.organization_uuid}"
    facts = [
        Fact(words.say("Organization"), invoice.organization, home),
        Fact(words.say("Status"), status),
        Fact(words.say("Kind"), kind(invoice, words)),
    ]
    if invoice.issued_at is not None:
        facts.append(Fact(words.say("Issued"), desk.moment(invoice.issued_at)))
    if invoice.clock_now is not None:
        facts.append(Fact(words.say("Test clock at"), desk.moment(invoice.clock_now)))
    return facts


def _warning(desk: Desk, invoice: ListedInvoice) -> Notice | None:
    if not invoice.declined or invoice.attempted_at is None:
        return None
    words = desk.words
    tried = words.say("Tried on %(moment)s", moment=desk.moment(invoice.attempted_at))
    return Notice(words.say("Card declined."), tried if tried.endswith(".") else f"{tried}.", "warn")


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


PAGES: tuple[tuple[str, Handler], ...] = (
    ("/invoices", invoices),
    ("/invoices/{uuid}.csv", invoice_as_csv),
    ("/invoices/{uuid}.json", invoice_as_json),
    ("/invoices/{uuid}", invoice),
)
CHANGES: tuple[tuple[str, Handler], ...] = (("/invoices/{uuid}", mark),)

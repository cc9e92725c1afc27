"""Invoices to keep: the list, and one of them, as CSV and as JSON (C6, A2)."""

from uuid import UUID

from starlette.responses import Response

from app.domain.invoices import Invoice
from app.services.paging import LARGEST_PAGE
from app.web.invoice_files import csv_file, csv_of_invoices, csv_of_lines, json_file, json_of_invoice
from app.web.invoice_scope import in_scope, invoice_asked, is_whole, no_such_invoice, page_asked
from app.web.visits import Visit


async def list_as_csv(visit: Visit) -> Response:
    return csv_file(csv_of_invoices(await _all(visit), visit.reader.words), "invoices.csv")


async def list_as_json(visit: Visit) -> Response:
    words, case = visit.reader.words, part_of(visit)
    return json_file([json_of_invoice(each, words, case) for each in await _all(visit)], "invoices.json")


async def invoice_as_csv(visit: Visit) -> Response:
    found = await invoice_asked(visit)
    if found is None:
        return await no_such_invoice(visit)
    return csv_file(csv_of_lines(found, visit.reader.words), f"{file_name(found)}.csv")


async def invoice_as_json(visit: Visit) -> Response:
    found = await invoice_asked(visit)
    if found is None:
        return await no_such_invoice(visit)
    return json_file(json_of_invoice(found, visit.reader.words, part_of(visit)), f"{file_name(found)}.json")


def part_of(visit: Visit) -> UUID | None:
    """The case whose part of monthly invoices is asked for; None: they are asked for whole."""
    return None if is_whole(visit) else visit.session.case_uuid


async def _all(visit: Visit) -> list[Invoice]:
    page = await page_asked(visit, None, LARGEST_PAGE)
    found = list(page.rows)
    while page.has_next:
        page = await page_asked(visit, found[-1].uuid, LARGEST_PAGE)
        found += page.rows
    return found


def file_name(invoice: Invoice) -> str:
    """Without what tells its kind."""
    return f"invoice-{invoice.number}" if invoice.number is not None else f"invoice-pending-{invoice.month}"


PAGES = (
    ("/cases/{uuid}/invoices.csv", in_scope(list_as_csv)),
    ("/cases/{uuid}/invoices.json", in_scope(list_as_json)),
    ("/cases/{uuid}/invoices/{invoice}.csv", in_scope(invoice_as_csv)),
    ("/cases/{uuid}/invoices/{invoice}.json", in_scope(invoice_as_json)),
)

"""Invoices as files: CSV for spreadsheets and JSON for programs, numbers and dates plain in both (C6).

What people read in them is in their language. No cell of a text begins like a formula, which a spreadsheet would run.
Dates of a CSV are Eastern, and so are the offsets of the instants of JSON: both fall on the days that pages show.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID

from starlette.responses import Response

from app.adapters.invoice_texts import description, kind_name
from app.adapters.languages import Words
from app.domain.bills import LineKind
from app.domain.cycles import EASTERN, eastern_date
from app.domain.ids import InvoiceId, InvoiceLineId
from app.domain.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.domain.money import Currency, cad
from app.web.operators_views import status_names
from app.web.pages import HEADERS

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"
"""Without it, spreadsheets take a file for one of an older encoding."""


def text_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_of_invoices(invoices: Iterable[Invoice], words: Words) -> str:
    """A row for each invoice."""
    heads = (
        words.say("Invoice"), words.say("Status"), words.say("Issued"), words.say("Month"), words.say("Organization"),
        words.say("Lines"), words.say("Before tax"), words.say("Tax"), words.say("Total"), words.say("Received"),
        words.say("Paid on"), words.say("Currency"),
    )  # fmt: skip
    return _csv(heads, ((*_invoice_cells(each, words), *_sum_cells(each)) for each in invoices))


def csv_of_lines(invoice: Invoice, words: Words) -> str:
    """A row for each line of an invoice."""
    heads = (
        words.say("Invoice"), words.say("Status"), words.say("Issued"), words.say("Month"), words.say("Organization"),
        words.say("Case"), "UUID", words.say("Kind"), words.say("Plan-date"), words.say("Description"),
        words.say("Quantity"), words.say("Unit price"), words.say("Amount"), words.say("Currency"),
    )  # fmt: skip
    return _csv(heads, ((*_invoice_cells(invoice, words), *_line_cells(each, words)) for each in invoice.lines))


def json_of_invoice(invoice: Invoice, words: Words, case: UUID | None) -> dict[str, Any]:
    """Names and ids as in the API. case: the one whose part of a monthly invoice is told; None: all of it."""
    return {
        "id": str(InvoiceId(invoice.uuid, None if invoice.month is None else case)),
        "number": None if invoice.number is None else str(invoice.number),
        "status": invoice.status.value,
        "issuedAt": None if invoice.issued_at is None else _instant(invoice.issued_at),
        "month": None if invoice.month is None else str(invoice.month),
        "organization": invoice.billed_to,
        "currency": Currency.CAD.value,
        "beforeTax": _plain(invoice.total - _tax(invoice)),
        "tax": None if invoice.status is InvoiceStatus.PENDING else _plain(_tax(invoice)),
        "total": _plain(invoice.total),
        "payments": _payments(invoice),
        "lines": [_json_of_line(each, words) for each in invoice.lines],
    }


def file(text: str, name: str, media_type: str) -> Response:
    """To be kept under the name."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type=media_type, headers=headers)


def json_file(content: object, name: str) -> Response:
    return file(json.dumps(content, ensure_ascii=False, indent=2) + "\n", name, "application/json")


def csv_file(text: str, name: str) -> Response:
    return file(_BOM + text, name, "text/csv; charset=utf-8")


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def _invoice_cells(invoice: Invoice, words: Words) -> tuple[str, ...]:
    return (
        "" if invoice.number is None else str(invoice.number),
        status_names(words)[invoice.status],
        "" if invoice.issued_at is None else _day(invoice.issued_at),
        "" if invoice.month is None else str(invoice.month),
        text_cell(invoice.billed_to),
    )


def _sum_cells(invoice: Invoice) -> tuple[str, ...]:
    """Of what is pending there are neither tax nor total yet."""
    pending, tax, paid = invoice.status is InvoiceStatus.PENDING, _tax(invoice), _payments(invoice)
    settled_at = invoice.settled_at if invoice.status is InvoiceStatus.PAID else None
    return (
        str(len(invoice.lines)),
        _plain(invoice.total - tax),
        "" if pending else _plain(tax),
        "" if pending else _plain(invoice.total),
        "" if paid is None else _plain(invoice.paid),
        "" if settled_at is None else _day(settled_at),
        Currency.CAD.value,
    )


def _line_cells(shown: InvoiceLine, words: Words) -> tuple[str, ...]:
    line = shown.line
    return (
        text_cell(shown.case_name),
        str(shown.case_uuid),
        kind_name(line.kind, words),
        _day(line.effective_at),
        text_cell(description(line, words, given_at=shown.given_at)),
        str(line.quantity),
        _plain(line.unit_price),
        _plain(line.amount),
        Currency.CAD.value,
    )


def _json_of_line(shown: InvoiceLine, words: Words) -> dict[str, Any]:
    line = shown.line
    return {
        "id": str(InvoiceLineId(shown.case_uuid, shown.line_id)),
        "case": shown.case_name,
        "caseUuid": str(shown.case_uuid),
        "kind": line.kind.value,
        "description": description(line, words, given_at=shown.given_at),
        "effectiveAt": _instant(line.effective_at),
        "quantity": line.quantity,
        "unitPrice": _plain(line.unit_price),
        "amount": _plain(line.amount),
    }


def _payments(invoice: Invoice) -> list[dict[str, str]] | None:
    """None: they are for the whole invoice, of which a part of the lines is shown."""
    if invoice.paid and not invoice.received:
        return None
    return [{"at": _instant(each.at), "amount": _plain(each.amount), "by": each.by.value} for each in invoice.received]


def _tax(invoice: Invoice) -> int:
    return sum(each.line.amount for each in invoice.lines if each.line.kind is LineKind.TAX)


def _day(instant: datetime) -> str:
    return eastern_date(instant).isoformat()


def _instant(instant: datetime) -> str:
    return instant.astimezone(EASTERN).isoformat()


def _plain(cents: int) -> str:
    """For machines: a point, two decimals, a hyphen for a minus."""
    return f"{cad(cents).amount:.2f}"

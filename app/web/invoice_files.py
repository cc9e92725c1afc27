"""Invoices as files: CSV for spreadsheets and JSON for programs, numbers and dates plain in both (C6).

What people read in them is in their language. No cell of a text begins like a formula, which a spreadsheet would run.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from starlette.responses import Response

from app.adapters.invoice_texts import description
from app.adapters.languages import Words
from app.domain.invoices import Invoice, InvoiceLine
from app.domain.money import Currency, cad
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
        words.say("Invoice"), words.say("Status"), words.say("Issued"), words.say("Month"), words.say("Lines"),
        words.say("Total"), words.say("Currency"),
    )  # fmt: skip
    return _csv(heads, (
        (*_invoice_cells(each), str(len(each.lines)), _plain(each.total), Currency.CAD.value) for each in invoices
    ))  # fmt: skip


def csv_of_lines(invoice: Invoice, words: Words) -> str:
    """A row for each line of an invoice."""
    heads = (
        words.say("Invoice"), words.say("Status"), words.say("Issued"), words.say("Month"), words.say("Case"),
        "UUID", words.say("Kind"), words.say("Plan-date"), words.say("Description"), words.say("Quantity"),
        words.say("Unit price"), words.say("Amount"), words.say("Currency"),
    )  # fmt: skip
    return _csv(heads, ((*_invoice_cells(invoice), *_line_cells(each, words)) for each in invoice.lines))


def json_of_invoice(invoice: Invoice, words: Words) -> dict[str, Any]:
    """Names as in the API."""
    return {
        "id": str(invoice.uuid),
        "number": None if invoice.number is None else str(invoice.number),
        "status": invoice.status.value,
        "issuedAt": None if invoice.issued_at is None else invoice.issued_at.isoformat(),
        "month": None if invoice.month is None else str(invoice.month),
        "organization": invoice.organization.name,
        "currency": Currency.CAD.value,
        "total": _plain(invoice.total),
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


def _invoice_cells(invoice: Invoice) -> tuple[str, str, str, str]:
    return (
        "" if invoice.number is None else str(invoice.number),
        invoice.status.value,
        "" if invoice.issued_at is None else invoice.issued_at.isoformat(),
        "" if invoice.month is None else str(invoice.month),
    )


def _line_cells(shown: InvoiceLine, words: Words) -> tuple[str, ...]:
    line = shown.line
    return (
        text_cell(shown.case_name),
        str(shown.case_uuid),
        line.kind.value,
        line.effective_at.isoformat(),
        text_cell(description(line, words, given_at=shown.given_at)),
        str(line.quantity),
        _plain(line.unit_price),
        _plain(line.amount),
        Currency.CAD.value,
    )


def _json_of_line(shown: InvoiceLine, words: Words) -> dict[str, Any]:
    line = shown.line
    return {
        "case": shown.case_name,
        "caseUuid": str(shown.case_uuid),
        "kind": line.kind.value,
        "description": description(line, words, given_at=shown.given_at),
        "effectiveAt": line.effective_at.isoformat(),
        "quantity": line.quantity,
        "unitPrice": _plain(line.unit_price),
        "amount": _plain(line.amount),
    }


def _plain(cents: int) -> str:
    """For machines: a point, two decimals, a hyphen for a minus."""
    return f"{cad(cents).amount:.2f}"

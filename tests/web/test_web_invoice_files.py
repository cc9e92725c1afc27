"""Invoices to keep, as CSV and as JSON (C6)."""

import json
from datetime import datetime

import pytest

from app.adapters.languages import words
from app.domain.bills import LineKind
from app.domain.cycles import eastern_date
from app.domain.ids import InvoiceId, InvoiceLineId, parse_invoice_id, parse_line_id
from app.domain.languages import Language
from tests.web.invoice_office import Office, csv_rows, rows
from tests.web.invoice_scenes import FORMULA, invoices_of
from tests.web.page_reader import EN, FR


@pytest.mark.parametrize("language", [EN, FR])
async def test_an_invoice_as_csv_has_texts_of_the_language_and_plain_numbers(office: Office, language: str) -> None:
    """C6: a case that is called like a formula runs nothing."""
    invoice = (await invoices_of(office.cases.formula))[-1]
    async with office.visited(office.cases.formula) as person:
        answer = await person.get(f"/invoices/{invoice.uuid}.csv", language=language)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="invoice-{invoice.number}.csv"'
    heads, *found = csv_rows(answer)
    assert (heads[0], heads[-2]) == {EN: ("Invoice", "Amount"), FR: ("Facture", "Montant")}[language]
    assert [row[0] for row in found] == [str(invoice.number)] * len(invoice.lines)
    assert [row[5] for row in found] == [f"'{FORMULA}"] * len(invoice.lines)
    assert [row[-2] for row in found] == [f"{line.line.amount / 100:.2f}" for line in invoice.lines]
    assert [row[-3] for row in found] == [f"{line.line.unit_price / 100:.2f}" for line in invoice.lines]
    kinds = {
        EN: {"PLAN": "Plan", "OVERAGE": "Overage", "TAX": "Tax"},
        FR: {"PLAN": "Forfait", "OVERAGE": "Jetons excédentaires", "TAX": "Taxe"},
    }[language]
    assert [row[7] for row in found] == [kinds[line.line.kind] for line in invoice.lines]
    assert {row[1] for row in found} == {{EN: "Open", FR: "Ouverte"}[language]}


async def test_files_have_the_dates_that_the_page_has(office: Office) -> None:
    """Eastern: the last instant of a cycle is of the next day in UTC."""
    invoice = next(
        each for each in await invoices_of(office.cases.card)
        if any(line.line.kind is LineKind.OVERAGE for line in each.lines)
    )  # fmt: skip
    assert invoice.issued_at is not None
    days = [eastern_date(line.line.effective_at) for line in invoice.lines]
    async with office.visited(office.cases.card) as person:
        page = await person.read(f"/invoices/{invoice.uuid}")
        _, *kept = csv_rows(await person.get(f"/invoices/{invoice.uuid}.csv"))
        found = json.loads((await person.get(f"/invoices/{invoice.uuid}.json")).content)
    assert [row.all("td")[0].text for row in rows(page)] == [words(Language.EN).full_day(day) for day in days]
    assert [row[8] for row in kept] == [day.isoformat() for day in days]
    assert [datetime.fromisoformat(line["effectiveAt"]).date() for line in found["lines"]] == days
    assert {row[2] for row in kept} == {eastern_date(invoice.issued_at).isoformat()}
    assert datetime.fromisoformat(found["issuedAt"]).date() == eastern_date(invoice.issued_at)
    assert datetime.fromisoformat(found["issuedAt"]) == invoice.issued_at


async def test_an_invoice_as_json_is_what_the_page_shows(office: Office) -> None:
    invoice = max(await invoices_of(office.cases.card), key=lambda each: len(each.lines))
    async with office.visited(office.cases.card) as person:
        answer = await person.get(f"/invoices/{invoice.uuid}.json", language=FR)
    found = json.loads(answer.content)
    assert (found["number"], found["status"], found["currency"]) == (str(invoice.number), invoice.status, "CAD")
    assert found["total"] == f"{invoice.total / 100:.2f}"
    assert [line["amount"] for line in found["lines"]] == [f"{line.line.amount / 100:.2f}" for line in invoice.lines]
    assert any(line["description"].startswith("Forfait") for line in found["lines"])


async def test_ids_of_a_json_file_are_those_of_the_api(office: Office) -> None:
    """The part of a case of a monthly invoice has an id of its own, as the whole is not for everybody."""
    for case in (office.cases.card, office.cases.monthly):
        invoice = max(await invoices_of(case), key=lambda each: len(each.lines))
        async with office.visited(case) as person:
            found = json.loads((await person.get(f"/invoices/{invoice.uuid}.json")).content)
        part = None if case is office.cases.card else case.uuid
        assert parse_invoice_id(found["id"]) == InvoiceId(invoice.uuid, part)
        lines = [InvoiceLineId(line.case_uuid, line.line_id) for line in invoice.lines]
        assert [parse_line_id(line["id"]) for line in found["lines"]] == lines


async def test_the_list_is_kept_whole_however_long_it_is(office: Office) -> None:
    invoices = await invoices_of(office.cases.monthly)
    async with office.visited(office.cases.monthly) as person:
        kept = csv_rows(await person.get("/invoices.csv"))
        found = json.loads((await person.get("/invoices.json")).content)
    totals = [f"{each.total / 100:.2f}" for each in invoices]
    assert [row[0] for row in kept[1:]] == [str(each.number or "") for each in invoices]
    assert [each["total"] for each in found] == totals
    assert [row[8] for row in kept[1:]] == ["", *totals[1:]]  # the first is pending

"""The pages of invoices and what there is to keep of them (C6, C8, A2)."""

import csv
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from app.adapters.languages import words
from app.domain.bills import LineKind
from app.domain.callers import Role
from app.domain.cycles import eastern_date
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.languages import Language
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.payment_events import take_event
from app.services.ports import PaymentUnavailable, Ports
from app.services.simulated_payments import SimulatedPayments
from tests.plans import Life
from tests.stage import Clock, new_viewer, opened
from tests.web.invoice_scenes import FORMULA, Billed, billed, invoices_of
from tests.web.page_elements import Element, parsed
from tests.web.page_reader import EN, FR, read_entries
from tests.web.panel_scenes import NOW
from tests.web.person import SITE, Person, visiting
from tests.web.test_web_rights import MONEY

LANGUAGES = {EN: Language.EN, FR: Language.FR}
OURS = {"Sec-Fetch-Site": "same-origin"}


class Office:
    """Billed cases behind the application."""

    def __init__(self, ports: Ports, cases: Billed) -> None:
        self.ports, self.cases = ports, cases
        self.app: Starlette = build_app(ports, Settings())

    def visited(self, life: Life, role: Role = Role.CASE_ADMIN) -> Any:
        return visiting(self.app, self.ports, life.uuid, role)


@pytest.fixture(scope="module")
async def office(postgres: EmbeddedPostgres) -> AsyncIterator[Office]:
    name, clock = f"own_{uuid4().hex}", Clock(NOW)
    postgres.create_database(name, template="template")
    async with opened(postgres.url(name), clock) as ports:
        operator, _ = await new_viewer(ports)
        yield Office(ports, await billed(ports, operator, clock))
    postgres.drop_database(name)


def dollars(text: str, language: str) -> int:
    """Cents of an amount as the language writes it."""
    pattern = {EN: r"(−?)\$([\d,]+)\.(\d\d)", FR: r"(−?)([\d\u00a0]+),(\d\d)\u00a0\$"}[language]
    found = re.fullmatch(pattern, text)
    assert found is not None, f"{text!r} is no amount in {language}"
    whole = int(re.sub(r"\D", "", found[2])) * 100 + int(found[3])
    return -whole if found[1] else whole


def rows(page: Element) -> list[Element]:
    return [row for row in page.all("tr") if row.attributes.get("id", "").startswith("l-")]


def csv_rows(answer: httpx2.Response) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def named_cases(page: Element) -> list[str]:
    """In one table, so that the columns of all of them line up."""
    return [row.words for row in page.one("main").one("table").all("tr", look="case")]


def total(page: Element) -> str:
    return page.one("dl", look="total").all("dd")[0].text


@pytest.mark.parametrize("language", [EN, FR])
async def test_the_list_names_numbers_dates_states_and_totals(office: Office, language: str) -> None:
    invoices = await invoices_of(office.cases.card)
    async with office.visited(office.cases.card) as person:
        page = await person.read("/invoices", language=language)
    shown = page.one("tbody").all("tr")
    name = {EN: "Invoice", FR: "Facture"}[language]
    state = {EN: {"OPEN": "Open", "PAID": "Paid"}, FR: {"OPEN": "Ouverte", "PAID": "Payée"}}[language]
    assert [row.one("a").text for row in shown] == [f"{name} {each.number}" for each in invoices]
    assert [row.all("td")[1].text for row in shown] == [state[each.status] for each in invoices]
    assert [dollars(row.all("td")[2].text, language) for row in shown] == [each.total for each in invoices]
    dated = {EN: r"[A-Z][a-z]+\u00a0\d+,\u00a02026", FR: r"\d+(er)?\u00a0[a-zéû]+\u00a02026"}[language]
    assert all(re.fullmatch(dated, row.all("td")[0].text) for row in shown)


async def test_what_is_pending_tells_what_waits_and_when_it_is_issued(office: Office) -> None:
    """C6: until the first of the month after that of the plan-dates."""
    async with office.visited(office.cases.monthly) as person:
        page = await person.read("/invoices")
        first = page.one("tbody").all("tr")[0]
        assert first.one("a").words == "Pending for November 2026"
        waits = first.one("th").one("span", look="meta").words
        assert waits == "1 line waits, to be issued on December 1, 2026"
        assert first.all("td")[1].own_text == "Pending"
        pending = await person.read(first.one("a").attributes["href"])
        assert pending.one("h1").words == "Pending for November 2026"
        assert len(rows(pending)) == 1


@pytest.mark.parametrize("language", [EN, FR])
async def test_the_sum_of_what_is_pending_is_told_as_no_total_and_no_invoice(office: Office, language: str) -> None:
    """C6: tax comes with the issue."""
    so_far, name, no_invoice = {
        EN: ("so far, before 5% tax", "Sum so far in CAD, before 5% tax", "This is not an invoice yet."),
        FR: (
            "jusqu’ici, avant taxe de 5 %",
            "Somme jusqu’ici en CAD, avant taxe de 5 %",
            "Ce n’est pas encore une facture.",
        ),
    }[language]
    async with office.visited(office.cases.monthly) as person:
        first, second, *_ = (await person.read("/invoices", language=language)).one("tbody").all("tr")
        assert first.all("td")[-1].one("span").words == so_far
        assert not second.all("td")[-1].all("span")
        pending = await person.read(first.one("a").attributes["href"], language=language)
        assert name in pending.one("dl", look="so-far").all("dt")[0].words
        assert pending.one("main").one("p", look="note").words.startswith(no_invoice)
        explained = await person.read(pending.one("a", look="how").attributes["href"], language=language)
        assert explained.one("h1").words == name
        issued = await person.read(second.one("a").attributes["href"], language=language)
        assert not issued.all("dl", look="so-far")
        assert no_invoice not in issued.one("main").words
        kept = csv_rows(await person.get("/invoices.csv", language=language))
    assert [row[6:9] for row in kept[1:3]] == [["4999.00", "", ""], ["5997.00", "299.85", "6296.85"]]


@pytest.mark.parametrize("language", [EN, FR])
async def test_a_period_ends_on_one_day_wherever_it_is_told(office: Office, language: str) -> None:
    """C1: the last day that a cycle touches, on an invoice as in what explains it."""
    told = 0
    async with office.visited(office.cases.monthly) as person:
        for invoice in await invoices_of(office.cases.monthly):
            page = await person.read(f"/invoices/{invoice.uuid}", language=language)
            for line in (each for each in invoice.lines if each.line.kind is LineKind.PLAN):
                assert line.line.until is not None
                last = words(LANGUAGES[language]).full_day(eastern_date(line.line.until) - timedelta(days=1))
                link = page.one("tr", id_=f"l-{line.line_id}").one("a")
                assert link.text.endswith(last)
                explained = await person.read(link.attributes["href"], language=language)
                term = words(LANGUAGES[language]).short_day(eastern_date(line.line.until) - timedelta(days=1))
                assert explained.one("table", look="sum").all("th")[0].text.endswith(term)
                told += 1
    assert told > 3


async def test_the_dates_of_invoices_are_told_to_be_eastern(office: Office) -> None:
    """The reader's zone is that of tasks and entries."""
    invoice = (await invoices_of(office.cases.card))[0]
    async with office.visited(office.cases.card) as person:
        for path in ("/invoices", f"/invoices/{invoice.uuid}"):
            assert (await person.read(path)).one("footer").words.endswith("Dates are Eastern. Amounts in CAD.")


@pytest.mark.parametrize("language", [EN, FR])
async def test_every_line_leads_to_its_formula_and_the_entries_behind_it(office: Office, language: str) -> None:
    """C6: whatever a line is for; terms add up to the amount, lines to the total."""
    told = set()
    async with office.visited(office.cases.card) as person:
        for invoice in await invoices_of(office.cases.card):
            page = await person.read(f"/invoices/{invoice.uuid}", language=language)
            amounts = [dollars(row.all("td")[-1].text, language) for row in rows(page)]
            assert sum(amounts) == dollars(total(page), language) == invoice.total
            for line in invoice.lines:
                row = page.one("tr", id_=f"l-{line.line_id}")
                opened_ = await person.read(row.one("a").attributes["href"], language=language)
                if check_line(line.line.kind, opened_, line.line.amount, language):
                    told.add(line.line.kind)
    assert told == set(LineKind)


def check_line(kind: LineKind, page: Element, amount: int, language: str) -> bool:
    """Whether everything that there can be behind a line is there: a plan may have filled nothing in a cycle."""
    assert dollars(page.one("p", look="amount").text, language) == amount
    terms = [dollars(row.one("td").text, language) for row in page.one("table", look="sum").all("tr")]
    assert sum(terms[:-1]) == terms[-1] == amount
    assert bool(page.all("section", look="ledger")) == (kind is not LineKind.TAX)
    return kind is LineKind.TAX or bool(read_entries(page, language))


async def test_the_total_leads_to_the_lines_that_make_it(office: Office) -> None:
    invoice = max(await invoices_of(office.cases.card), key=lambda each: len(each.lines))
    async with office.visited(office.cases.card) as person:
        page = await person.read(f"/invoices/{invoice.uuid}")
        explained = await person.read(page.one("a", look="how").attributes["href"])
    shown = [dollars(row.one("td").text, EN) for row in explained.one("table", look="sum").all("tr")]
    assert shown == [*(line.line.amount for line in invoice.lines), invoice.total]


async def monthly_invoice(office: Office) -> Invoice:
    """The first that both cases are on, as one of them sees it."""
    both = {each.uuid for each in await invoices_of(office.cases.formula) if each.number}
    return [each for each in await invoices_of(office.cases.monthly) if each.uuid in both][-1]


async def test_through_a_case_its_own_lines_show_and_organization_admins_see_the_whole(office: Office) -> None:
    """C6, A2: each case with its sum; lines of the other case are explained, too."""
    invoice = await monthly_invoice(office)
    path = f"/invoices/{invoice.uuid}"
    async with office.visited(office.cases.monthly) as person:
        page = await person.read(path)
        assert named_cases(page) == ["In re Harrow Pension Plan"]
        assert dollars(total(page), EN) == invoice.total
        assert "the lines of this case" in page.text
        assert (await person.get(f"{path}?whole=1")).status_code == 403
        assert (await person.get("/invoices?whole=1")).status_code == 403
    async with office.visited(office.cases.monthly, Role.ORG_ADMIN) as person:
        part = await person.read(path)
        assert dollars(total(part), EN) == invoice.total
        (way,) = [link.attributes["href"] for link in part.all("a") if link.text == "The whole invoice"]
        whole = await person.read(way)
        assert named_cases(whole) == [FORMULA, "In re Harrow Pension Plan"]
        sums = [dollars(row.all("td")[-1].text, EN) for row in whole.all("tr", look="of-case")]
        assert sum(sums) == dollars(total(whole), EN) > invoice.total
        told = []
        for row in rows(whole):
            explained = await person.read(row.one("a").attributes["href"])
            assert explained.one("p", look="amount").text == row.all("td")[-1].text
            told.append(bool(explained.all("section", look="ledger")) and bool(read_entries(explained, EN)))
        assert any(told)
        listed = await person.read("/invoices?whole=1")
        assert listed.one("h2").words.startswith("Invoices of Organization")


async def test_of_a_line_of_another_case_a_case_admin_is_told_nothing(office: Office) -> None:
    """A2: the panel is that of one case."""
    others = await invoices_of(office.cases.formula)
    line = others[-1].lines[0].line_id
    async with office.visited(office.cases.monthly) as person:
        for asked in (f"line={line}", f"line={line}&of={office.cases.formula.uuid}"):
            assert (await person.get(f"/explain/invoice-line?{asked}")).status_code == 404
    async with office.visited(office.cases.card, Role.ORG_ADMIN) as person:
        asked = f"line={line}&of={office.cases.formula.uuid}"
        assert (await person.get(f"/explain/invoice-line?{asked}")).status_code == 404
        assert (await person.get(f"/invoices/{others[-1].uuid}?whole=1")).status_code == 404


async def test_members_get_no_invoice_by_any_address(office: Office) -> None:
    """A2: refused as elsewhere, without a word of money and without a way to it."""
    invoice = (await invoices_of(office.cases.card))[0]
    paths = [f"/invoices{suffix}" for suffix in ("", ".csv", ".json")]
    paths += [f"/invoices/{invoice.uuid}{suffix}" for suffix in ("", ".csv", ".json")]
    async with office.visited(office.cases.card, Role.MEMBER) as person:
        for path in (*paths, "/invoices?whole=1", "/invoices/x"):
            answer = await person.get(path)
            assert answer.status_code == 403, path
            assert MONEY.search(parsed(answer.text).one("body").words) is None, path
        pay = await person.client.post(f"{person.home}/invoices/{invoice.uuid}/pay", data={"key": "k"}, headers=OURS)
        assert pay.status_code == 403
        links = (await person.read()).all("a")
        assert not [link for link in links if "invoices" in link.attributes["href"]]


async def test_what_does_not_exist_says_so(office: Office) -> None:
    async with office.visited(office.cases.card) as person:
        for path in (f"/invoices/{uuid4()}", "/invoices/1", f"/invoices/{uuid4()}.csv", "/invoices/x.json"):
            answer = await person.get(path)
            assert (answer.status_code, "No such invoice" in answer.text) == (404, True), path
        for path in (f"/invoices?after={uuid4()}", "/invoices?after=x"):
            assert (await person.get(path)).status_code == 400, path


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


async def test_the_list_is_kept_whole_however_long_it_is(office: Office) -> None:
    invoices = await invoices_of(office.cases.monthly)
    async with office.visited(office.cases.monthly) as person:
        kept = csv_rows(await person.get("/invoices.csv"))
        found = json.loads((await person.get("/invoices.json")).content)
    totals = [f"{each.total / 100:.2f}" for each in invoices]
    assert [row[0] for row in kept[1:]] == [str(each.number or "") for each in invoices]
    assert [each["total"] for each in found] == totals
    assert [row[8] for row in kept[1:]] == ["", *totals[1:]]  # the first is pending


async def test_without_a_processor_nothing_is_to_be_paid_here(office: Office) -> None:
    """C8: its invoices are collected elsewhere."""
    invoice = (await invoices_of(office.cases.card))[0]
    async with office.visited(office.cases.card) as person:
        page = await person.read(f"/invoices/{invoice.uuid}")
        assert not page.all("form", look="pay")
        answer = await person.client.post(f"{person.home}/invoices/{invoice.uuid}/pay", data={"key": "k"}, headers=OURS)
        assert answer.headers["location"] == f"{person.home}/invoices/{invoice.uuid}"


async def _taken(address: str, headers: dict[str, str], body: bytes) -> bool:
    return True


class Lost(SimulatedPayments):
    """Does not answer."""

    async def open_checkout(self, *_: object) -> str:
        raise PaymentUnavailable


def with_processor(office: Office, kind: type[SimulatedPayments]) -> Ports:
    ports = office.ports
    return replace(ports, payments=kind(ports.database, ports.clock, SITE, secret=b"secret", post=_taken))


async def paying(person: Person, invoice: Invoice) -> str:
    """The form of the page of an invoice is sent. Where it leads to."""
    form = (await person.read(f"/invoices/{invoice.uuid}")).one("form", look="pay")
    assert form.one("button").text == "Pay $573.73"
    assert "data-pays" in form.attributes
    assert "It is paid in a new tab." in form.words
    key = next(each.attributes["value"] for each in form.all("input") if each.attributes["name"] == "key")
    answer = await person.client.post(form.attributes["action"], data={"key": key}, headers=OURS)
    return str(answer.headers["location"])


async def test_an_open_invoice_by_card_is_paid_on_a_page_of_the_processor(office: Office) -> None:
    """C8: two forms begin one payment; nothing changes before its event; then there is nothing to pay any more."""
    ports = with_processor(office, SimulatedPayments)
    invoice = (await invoices_of(office.cases.card))[0]
    app = build_app(ports, Settings())
    async with visiting(app, ports, office.cases.card.uuid, Role.CASE_ADMIN) as person:
        first, second = [await paying(person, invoice) for _ in range(2)]
        assert first == second
        assert first.startswith(f"{person.home}/checkout/")
        assert (await invoices_of(office.cases.card))[0].status is InvoiceStatus.OPEN
        paid = PaymentEvent(UUID(first.rpartition("/")[2]), PaymentOutcome.PAID)
        assert await take_event(ports, paid)
        page = await person.read(f"/invoices/{invoice.uuid}")
        assert "Paid on" in page.one("dl", look="rows").text
        assert not page.all("form", look="pay")
        payments = await payments_told(person, invoice)
    day = words(Language.EN).full_day(eastern_date(NOW))
    assert payments == ([(f"Paid by card on {day}", "−$573.73"), ("To be paid", "$0.00")], [("573.73", "CARD")])


async def payments_told(person: Person, invoice: Invoice) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Below the total of its page, and in its JSON."""
    page = await person.read(f"/invoices/{invoice.uuid}")
    found = json.loads((await person.get(f"/invoices/{invoice.uuid}.json")).content)
    told = [(each.one("dt").text, each.one("dd").text) for each in page.one("dl", look="total").all("div")]
    return told[1:], [(each["amount"], each["by"]) for each in found["payments"]]


async def test_each_payment_of_an_invoice_is_told(office: Office) -> None:
    """C8: part of it by card with the change that it bills, part by card later, the rest outside of this service."""
    invoice = (await invoices_of(office.cases.card))[-1]
    assert invoice.issued_at is not None
    async with office.ports.database.writing() as connection:
        values = {"id": invoice.invoice_id, "at": NOW - timedelta(days=2), "settled": NOW}
        await connection.execute(text("update invoices set paid = 3000 where invoice_id = :id"), values)
        await connection.execute(_PAYMENT, values)
    async with office.visited(office.cases.card) as person:
        first, later = [words(Language.EN).full_day(eastern_date(at)) for at in (invoice.issued_at, values["at"])]
        by_card = [(f"Paid by card on {first}", "−$20.00"), (f"Paid by card on {later}", "−$10.00")]
        told, kept = await payments_told(person, invoice)
        assert told == [*by_card, ("To be paid", words_of_cents(invoice.total - 3_000))]
        assert kept == [("20.00", "CARD"), ("10.00", "CARD")]
        async with office.ports.database.writing() as connection:
            await connection.execute(_MARK, values)
        told, kept = await payments_told(person, invoice)
        rest = f"{(invoice.total - 3_000) / 100:.2f}"
        day = words(Language.EN).full_day(eastern_date(NOW))
        assert told == [*by_card, (f"Paid on {day}, outside of Claira", f"−${rest}"), ("To be paid", "$0.00")]
        assert kept == [("20.00", "CARD"), ("10.00", "CARD"), (rest, "ELSEWHERE")]


def words_of_cents(cents: int) -> str:
    return f"${cents / 100:,.2f}"


_PAYMENT = text("""
    insert into payments (case_id, caller_id, invoice_id, amount, refund_due, refunded, key, created_at, expires_at,
        ended_at, purpose, status, closed, role, origin)
    select i.case_id, c.caller_id, i.invoice_id, 1700, 300, 400, gen_random_uuid(), :at, :at, :at, 'INVOICE', 'APPLIED',
        true, 'operator', 'SETTINGS'
    from invoices i, (select min(caller_id) as caller_id from callers) c where i.invoice_id = :id
""")
_MARK = text("""
    update invoices set paid = total, elsewhere = total - paid, status = 'PAID', settled_at = :settled,
        marked_by = (select min(caller_id) from callers)
    where invoice_id = :id
""")


async def test_what_was_received_for_other_cases_is_not_told_through_a_case(office: Office) -> None:
    """A2: that and when it was settled is."""
    invoice = await monthly_invoice(office)
    async with office.ports.database.writing() as connection:
        await connection.execute(_MARK, {"id": invoice.invoice_id, "settled": NOW})
    async with office.visited(office.cases.monthly) as person:
        page = await person.read(f"/invoices/{invoice.uuid}")
        assert "Paid on" in page.one("dl", look="rows").text
        assert len(page.one("dl", look="total").all("div")) == 1
        assert json.loads((await person.get(f"/invoices/{invoice.uuid}.json")).content)["payments"] is None
    async with office.visited(office.cases.monthly, Role.ORG_ADMIN) as person:
        whole = await person.read(f"/invoices/{invoice.uuid}?whole=1")
        assert "outside of Claira" in whole.one("dl", look="total").words


async def test_a_processor_that_does_not_answer_is_told(office: Office) -> None:
    ports = with_processor(office, Lost)
    invoice = (await invoices_of(office.cases.card))[1]
    app = build_app(ports, Settings())
    async with visiting(app, ports, office.cases.card.uuid, Role.CASE_ADMIN) as person:
        form = (await person.read(f"/invoices/{invoice.uuid}")).one("form", look="pay")
        answer = await person.client.post(form.attributes["action"], data={"key": "lost"}, headers=OURS)
        assert answer.status_code == 503
        assert "The payment page could not be opened." in answer.text


async def test_what_is_invoiced_by_the_month_is_not_paid_by_card(office: Office) -> None:
    """C8."""
    ports = with_processor(office, SimulatedPayments)
    app = build_app(ports, Settings())
    async with visiting(app, ports, office.cases.monthly.uuid, Role.ORG_ADMIN) as person:
        page = await person.read(f"/invoices/{(await monthly_invoice(office)).uuid}?whole=1")
        assert not page.all("form", look="pay")

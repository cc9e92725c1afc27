"""The pages of invoices (C6, A2)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from app.adapters.languages import words
from app.domain.bills import LineKind
from app.domain.callers import Role
from app.domain.cycles import eastern_date
from app.domain.languages import Language
from tests.web.invoice_office import OURS, Office, csv_rows, dollars, monthly_invoice, named_cases, rows, total
from tests.web.invoice_scenes import FORMULA, invoices_of
from tests.web.page_elements import Element, parsed
from tests.web.page_reader import EN, FR, read_entries
from tests.web.test_web_rights import MONEY

LANGUAGES = {EN: Language.EN, FR: Language.FR}


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
    assert [row[6:9] for row in kept[1:3]] == [["4999.00", "", ""], ["4999.00", "249.95", "5248.95"]]


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

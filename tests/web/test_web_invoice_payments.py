"""Paying an invoice that stands open, and what its page and its files tell of payments (C8, A2)."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.adapters.languages import words
from app.domain.callers import Role
from app.domain.cycles import eastern_date
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.languages import Language
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.payment_events import take_event
from app.services.ports import PaymentUnavailable, Ports
from app.services.simulated_payments import SimulatedPayments
from tests.web.invoice_office import OURS, Office, monthly_invoice
from tests.web.invoice_scenes import invoices_of
from tests.web.panel_scenes import NOW
from tests.web.person import SITE, Person, visiting


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
    paid_at = NOW - timedelta(days=2)
    async with office.ports.database.writing() as connection:
        values = {"id": invoice.invoice_id, "settled": NOW}
        await connection.execute(text("update invoices set paid = 3000 where invoice_id = :id"), values)
        # The first was received on another day than the invoice is dated, which is that of the invoice before (C6).
        before = invoice.issued_at - timedelta(days=1)
        for cents, at, purpose, tier in ((2_000, before, "PLAN", "PRO"), (1_000, paid_at, "INVOICE", None)):
            paid = {"cents": cents, "at": at, "purpose": purpose, "tier": tier}
            await connection.execute(_PAYMENT, {**values, **paid})
    async with office.visited(office.cases.card) as person:
        first, later = [words(Language.EN).full_day(eastern_date(at)) for at in (invoice.issued_at, paid_at)]
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
        ended_at, purpose, tier, status, closed, role, origin)
    select i.case_id, c.caller_id, i.invoice_id, :cents + 700, 300, 400, gen_random_uuid(), :at, :at, :at,
        :purpose, :tier, 'APPLIED', true, 'operator', 'SETTINGS'
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

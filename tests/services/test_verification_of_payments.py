"""The check that recomputes everything, over what was paid (C6, C8): by card, elsewhere, given back, void."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.domain.cases import Case
from app.domain.invoices import InvoiceStatus
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services import operators
from app.services.organizations import set_monthly_invoicing
from app.services.payments_due import collect, refund
from app.services.ports import Ports
from app.services.verification import verify
from tests.plans import INVOICE, Life, eastern, registered, work
from tests.services.paying import Till, hear, latest_invoice, paying, paying_latest
from tests.services.planting import found_after, told
from tests.stage import Clock, new_viewer, opened

PAID, VOID = InvoiceStatus.PAID, InvoiceStatus.VOID


async def marked(life: Life, status: InvoiceStatus) -> None:
    """By an operator, the latest invoice of the case."""
    assert await operators.mark_invoice(life.ports, life.viewer, await latest_invoice(life), status) is status


async def ways_of_paying(ports: Ports, clock: Clock) -> None:
    """Of one organization, in real time: invoices 1 to 5 of case 1, by card, and invoice 6 of case 2, by the month.

    Invoice 1 was paid with its change, 2 collected, 3 declined and then paid on a page. 4 was declined, and paid
    elsewhere while somebody paid on its page, which was given back. 5 is void. 6 was paid elsewhere.
    """
    operator, _ = await new_viewer(ports)
    life, till = paying(await registered(ports, operator), Till())
    assert isinstance(await life.activate(), Case)
    organization = (await life.see()).organization
    for month in (4, 5, 6, 7):
        clock.now = eastern(2026, month, 3)
        till.declines = month > 4
        await work(life.ports)
        await collect(life.ports)
        if month == 5:
            await hear(life, till, await paying_latest(life))
        if month == 6:
            page = await paying_latest(life)
            await marked(life, PAID)
            await hear(life, till, page)
            assert await refund(life.ports) == 1
    await marked(life, VOID)
    await set_monthly_invoicing(ports, organization, True)
    monthly = await registered(ports, operator)
    assert isinstance(await monthly.activate(payment=INVOICE), Case)
    clock.now = eastern(2026, 8, 1)
    await work(ports)
    [listed] = (await operators.page_of_invoices(ports, operators.Filter(status=InvoiceStatus.OPEN), before=None)).rows
    clock.now += timedelta(days=2)
    assert await operators.mark_invoice(ports, operator, listed.uuid, PAID) is PAID


@pytest.fixture(scope="module")
async def settled(postgres: EmbeddedPostgres) -> AsyncIterator[Ports]:
    """A database with invoices that were settled in every way, which nobody changes."""
    postgres.create_database("settled", template="template")
    clock = Clock(eastern(2026, 3, 3, 10))
    async with opened(postgres.url("settled"), clock) as ports:
        await ways_of_paying(ports, clock)
        yield ports


async def test_however_invoices_were_settled_there_is_no_difference(settled: Ports) -> None:
    result = await verify(settled)
    assert (result.differences, result.cases) == ([], 2)


def by_card(invoice: int) -> str:
    return f"invoice {invoice}: received by card"


SETTLED = "settled_at = issued_at"
MARKED = "alter table invoices drop constraint marked_by_somebody; "
PLANTED: dict[str, set[str]] = {
    # Invoices without what paid them.
    "update payments set status = 'NOT_APPLIED' where payment_id = 1":
        {by_card(1), "payment 1: given back", "payment 1: invoiced though not applied"},
    "update payments set status = 'NOT_APPLIED' where invoice_id = 2": {by_card(2), "payment 2: given back"},
    "delete from payments where payment_id = 1": {by_card(1)},
    "update payments set refund_due = 100 where payment_id = 1": {by_card(1)},
    "update payments set refunded = 100 where payment_id = 1": {by_card(1)},
    "update payments set status = 'APPLIED', refunded = 0 where invoice_id = 4 and refunded > 0": {by_card(4)},
    # What was paid for nothing, and what was not paid.
    "update payments set refunded = 0 where invoice_id = 4 and refunded > 0": {"payment 6: given back"},
    "update payments set refunded = refunded - 1 where invoice_id = 4 and refunded > 0": {"payment 6: given back"},
    "update payments set refund_due = 1 where status = 'DECLINED' and invoice_id = 3": {"payment 3: given back"},
    "update invoices set status = 'PAID', paid = total, marked_by = null where invoice_id = 5": {by_card(5)},
    "update invoices set elsewhere = 0, marked_by = null where invoice_id = 6": {by_card(6)},
    # Payments without an invoice that has them.
    "update invoices set status = 'OPEN', paid = 0, settled_at = null where invoice_id = 1": {by_card(1)},
    "update invoices set status = 'OPEN', paid = 0, settled_at = null where invoice_id = 2": {by_card(2)},
    "update invoices set paid = 0, status = 'OPEN', settled_at = null where invoice_id = 2; "
    f"update invoices set paid = total, status = 'PAID', marked_by = null, {SETTLED} where invoice_id = 5":
        {by_card(2), by_card(5)},
    "update payments set invoice_id = null where payment_id = 1": {by_card(1), "payment 1: invoiced"},
    "update payments set invoice_id = 3 where payment_id = 1": {by_card(1), by_card(3), "payment 1: instant"},
    "update payments set invoice_id = 6 where invoice_id = 2": {by_card(2), by_card(6), "payment 2: case"},
    # What was paid for something else, or at another time.
    "update payments set purpose = 'TOKENS', tier = null, tokens = 1 where payment_id = 1": {"payment 1: lines for it"},
    "update payments set ended_at = ended_at - interval '1 year' where payment_id = 1": {"payment 1: instant"},
    "update payments set purpose = 'PLAN', tier = 'PRO' where status = 'DECLINED' and invoice_id = 3":
        {"payment 3: invoiced though not applied"},
    # Marks of operators.
    MARKED + "update invoices set marked_by = null where invoice_id = 5": {"invoice 5: marked"},
    MARKED + "update invoices set marked_by = null where invoice_id = 4": {"invoice 4: marked"},
    "update invoices set marked_by = 1000 where invoice_id = 4": {"invoice 4: marked"},
    MARKED + f"update invoices set status = 'VOID', paid = 0, {SETTLED} where invoice_id = 1":
        {"invoice 1: marked", by_card(1)},
    MARKED + "update invoices set marked_by = 1 where invoice_id = 1": {"invoice 1: marked"},
    "alter table invoices drop constraint received_elsewhere; "
    "update invoices set paid = 1, elsewhere = 1 where invoice_id = 5": {"invoice 5: paid though void"},
    "alter table invoices drop constraint received_elsewhere; "
    "update invoices set elsewhere = total + 1 where invoice_id = 6":
        {"invoice 6: received elsewhere", by_card(6)},
    # Instants and lines.
    "update invoices set settled_at = null where invoice_id = 5": {"invoice 5: settled"},
    "update invoices set settled_at = null where invoice_id = 1": {"invoice 1: settled"},
    f"update invoices set status = 'OPEN', paid = 0, {SETTLED} where invoice_id = 1":
        {"invoice 1: settled", by_card(1)},
    "alter table invoices drop constraint settled_once_issued; "
    "update invoices set settled_at = issued_at - interval '1 second' where invoice_id = 1": {"invoice 1: settled"},
    "update invoices set issued_at = issued_at - interval '2 months' where invoice_id = 3": {"invoice 3: issue"},
    "update invoices set clock_id = 1, issued_on = 1 where invoice_id = 3": {"invoice 3: clock"},
}  # fmt: skip


@pytest.mark.parametrize("change", PLANTED)
async def test_every_difference_planted_into_payments_is_found_and_named(settled: Ports, change: str) -> None:
    assert told(await found_after(settled, change)) == PLANTED[change]

"""The check that recomputes everything, over invoices (C2, C3, C6): lines, credits, tax, totals, numbers and months."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import text

from app.domain.cases import PaymentMethod
from app.domain.plans import PlanTier
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from tests.plans import eastern
from tests.services.lives import Lives
from tests.services.planting import found_after, told
from tests.stage import Clock, opened

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
MONTHLY = PaymentMethod.MONTHLY_INVOICE


def local(month: int, day: int, hour: int = 0) -> datetime:
    """Of 2026, by the wall clock of New York."""
    return eastern(2026, month, day, hour)


async def set_terms(ports: Ports) -> None:
    """From now on the organization has a rate of tax, and may be invoiced monthly."""
    async with ports.database.writing() as connection:
        await connection.execute(text("update organizations set tax_rate = 0.14975, monthly_invoicing = true"))


async def months_of_bills(ports: Ports, clock: Clock) -> None:
    """Case 1 in real time, before there was a tax; cases 2 and 5 by card, 3 and 4 on monthly invoices, on one clock."""
    lives = await Lives.begin(ports, clock)
    clock.now = local(1, 31, 10)
    await lives.activate(STARTER)
    await set_terms(ports)
    time = await lives.start_clock(local(1, 31, 10))
    upgraded = await lives.activate(PRO, time)
    above = await lives.activate(STARTER, time, MONTHLY)
    left = await lives.activate(STARTER, time, MONTHLY)
    short = await lives.activate(STARTER, time)
    for case, overage in ((above, 30), (left, 10), (short, 5)):
        await lives.spend(case, 1_000)
        await lives.spend(case, overage)
    await lives.advance(time, local(2, 10, 14))
    await lives.upgrade(upgraded, BUSINESS)
    await lives.upgrade(above, ENTERPRISE)
    await lives.buy(upgraded, 1_234)
    await lives.buy(left, 77)
    await lives.downgrade(upgraded, STARTER)
    await lives.deactivate(short)
    await lives.advance(time, local(3, 10, 14))
    await lives.spend(left, 90)
    await lives.deactivate(left)
    await lives.advance(time, local(4, 2))
    await lives.spend(await lives.activate(STARTER, time, MONTHLY), 900)


@pytest.fixture(scope="module")
async def billed(postgres: EmbeddedPostgres) -> AsyncIterator[Ports]:
    """A database with months of bills in it, which nobody changes."""
    postgres.create_database("billed", template="template")
    clock = Clock(local(1, 31))
    async with opened(postgres.url("billed"), clock) as ports:
        await months_of_bills(ports, clock)
        yield ports


async def test_after_months_of_bills_there_is_no_difference(billed: Ports) -> None:
    result = await verify(billed)
    assert result.differences == []
    assert result.cases == 6


LINE = (
    "case_id, invoice_id, quantity, unit_price, amount, cycle_number, credit_of, entry, effective_at, until, kind, tier"
)
TAX_OF_FEBRUARY = "update invoice_lines set quantity = 1, unit_price = {cents}, amount = {cents} where line_id = 22"

PLANTED: dict[str, set[str]] = {
    # Overage: missing, too much, of an open cycle, of a cycle that is not there, for too little, dated wrongly.
    "delete from invoice_lines where line_id = 27; update invoices set total = total - 130 where invoice_id = 10":
        {"cycle 2: overage billed", "cycle 2: overage lines", "2026-02: overage in cents", "invoice 10: tax",
         "invoice 10: tax lines"},
    "update invoice_lines set quantity = 31, amount = 310 where line_id = 12; "
    "update invoices set total = total + 10 where invoice_id = 6":
        {"cycle 1: overage billed", "2026-01: overage in cents", "invoice 8: tax"},
    f"insert into invoice_lines ({LINE}) select 6, 11, 1, 10, 10, 1, null, null, effective_at, until, 'OVERAGE', tier "
    "from invoice_lines where line_id = 30":
        {"cycle 1: overage billed", "cycle 1: overage lines", "cycle 1: plan-date of overage",
         "2026-04: overage in cents"},
    "update invoice_lines set cycle_number = 9 where line_id = 27":
        {"cycle 2: overage billed", "cycle 2: overage lines", "2026-02: overage in cents", "cycle 9: overage billed"},
    "drop index one_overage_line_a_cycle; "
    f"insert into invoice_lines ({LINE}) select {LINE} from invoice_lines where line_id = 12; "
    "update invoice_lines set quantity = 15, amount = 150 where case_id = 3 and kind = 'OVERAGE'":
        {"cycle 1: overage lines"},
    "update invoice_lines set unit_price = 9, amount = 117 where line_id = 27; "
    "update invoices set total = total - 13 where invoice_id = 10": {"2026-02: overage in cents", "invoice 10: tax"},
    "update invoice_lines set effective_at = effective_at + interval '1 microsecond' where line_id = 27":
        {"cycle 2: plan-date of overage"},
    # Plans.
    "delete from invoice_lines where line_id = 30": {"cycle 1: plan lines", "cycle 1: plan billed"},
    "update invoice_lines set cycle_number = 2 where line_id = 30":
        {"cycle 1: plan lines", "cycle 1: plan billed", "cycle 2: plan lines", "cycle 2: plan billed"},
    "drop index one_plan_line_a_cycle; "
    f"insert into invoice_lines ({LINE}) select {LINE} from invoice_lines where line_id = 30":
        {"cycle 1: plan lines", "cycle 1: plan billed"},
    "update invoice_lines set unit_price = 4901, amount = 4901 where line_id = 30": {"cycle 1: plan billed"},
    "update invoice_lines set effective_at = effective_at + interval '1 second' where line_id = 30":
        {"cycle 1: plan-date of plan"},
    "update invoice_lines set until = until + interval '1 day' where line_id = 30": {"cycle 1: end of plan"},
    "update invoice_lines set until = null where line_id = 30": {"cycle 1: end of plan"},
    "update invoice_lines set tier = 'ENTERPRISE' where line_id = 30": {"cycle 1: tier of plan"},
    "update invoice_lines set quantity = unit_price, unit_price = 1 where line_id = 30": {"cycle 1: quantity of plan"},
    "update invoice_lines set tier = 'PRO' where line_id = 27": {"cycle 2: tier of overage"},
    "update invoice_lines set until = until - interval '1 microsecond' where line_id = 27":
        {"cycle 2: end of overage"},
    "update invoice_lines set tier = 'PRO' where line_id = 17": {"cycle 1: tier of token purchase"},
    # Purchases.
    "update invoice_lines set entry = 5 where line_id = 17":
        {"entry 5: purchase lines", "entry 5: tokens billed", "entry 5: purchase in cents", "entry 6: purchase lines"},
    "update invoice_lines set quantity = 78, amount = 780 where line_id = 17; "
    "update invoices set total = total + 10 where invoice_id = 6":
        {"entry 6: tokens billed", "entry 6: purchase in cents", "invoice 8: tax"},
    "update invoice_lines set unit_price = 9, amount = 693 where line_id = 17; "
    "update invoices set total = total - 77 where invoice_id = 6": {"entry 6: purchase in cents", "invoice 8: tax"},
    "update invoice_lines set cycle_number = 2 where line_id = 17": {"entry 6: cycle of a purchase"},
    "update invoice_lines set effective_at = effective_at - interval '1 second' where line_id = 17":
        {"entry 6: plan-date of a purchase"},
    # Credits.
    "update cases set credit_left = 271.80 where case_id = 2": {"credit"},
    "update cases set credit_left = 0 where case_id = 2": {"credit"},
    "update invoice_lines set unit_price = -3151, amount = -3151 where line_id = 14; "
    "update invoices set total = total - 1 where invoice_id = 6": {"credit", "event 2: credit used"},
    "update invoice_lines set credit_of = 1 where line_id = 14": {"event 1: credit used"},
    "update invoice_lines set cycle_number = 2 where line_id = 14":
        {"event 2: last cycle credited", "cycle 2: tier of proration credit", "cycle 2: end of proration credit"},
    "update invoice_lines set until = until + interval '20 days' where line_id = 14":
        {"cycle 1: end of proration credit"},
    "update invoice_lines set tier = 'PRO' where line_id = 14": {"cycle 1: tier of proration credit"},
    "update invoice_lines set cycle_number = 0 where line_id = 14": {"event 2: first cycle credited"},
    "update plan_changes set credit = 573.73 where case_id = 2 and number = 2; "
    "update cases set credit_left = 524.73 where case_id = 2": {"event 2: credit", "event 2: credit given"},
    # Totals, tax, what is paid.
    "update invoices set total = total + 1 where invoice_id = 1": {"invoice 1: total", "event 1: charged"},
    "delete from invoice_lines where line_id = 28": {"invoice 10: total", "invoice 10: tax", "invoice 10: tax lines"},
    "update invoices set total = total - (select amount from invoice_lines where line_id = 22) where invoice_id = 6; "
    "delete from invoice_lines where line_id = 22": {"invoice 8: tax", "invoice 8: tax lines"},
    "update invoices set total = total - (select amount from invoice_lines where line_id = 7) where invoice_id = 4; "
    "delete from invoice_lines where line_id = 7": {"invoice 3: tax", "invoice 3: tax lines", "event 1: charged"},
    "update invoices set rate = 0 where invoice_id = 10":
        {"invoice 10: tax", "invoice 10: tax lines", "invoice 10: rate"},
    TAX_OF_FEBRUARY.format(cents=448809) + "; update invoices set total = total + 1 where invoice_id = 6":
        {"invoice 8: tax"},
    "update invoice_lines set rate = 0.14976 where line_id = 22": {"invoice 8: rate"},
    "update invoice_lines set rate = 0.14974 where line_id = 22": {"invoice 8: rate"},
    f"insert into invoice_lines ({LINE}, rate) select {LINE}, rate from invoice_lines where line_id = 7; "
    "update invoice_lines set unit_price = 367, amount = 367 where case_id = 5 and invoice_id = 4 and kind = 'TAX'":
        {"invoice 3: tax lines"},
    f"insert into invoice_lines ({LINE}, rate) select 6, 11, 1, 734, 734, null, null, null, effective_at, null, 'TAX', "
    "null, 0.14975 from invoice_lines where line_id = 30":
        {"invoice of 2026-04-01: tax lines", "invoice of 2026-04-01: tax", "invoice of 2026-04-01: rate"},
    f"insert into invoice_lines ({LINE}) select 6, 11, 1, -5000, -5000, 0, 1, null, effective_at, until, "
    "'PRORATION_CREDIT', tier from invoice_lines where line_id = 30":
        {"credit", "event 1: credit used", "invoice of 2026-04-01: of one case"},
    "alter table invoices drop constraint paid_up; update invoices set paid = total + 1 where invoice_id = 1":
        {"invoice 1: paid beyond its total", "invoice 1: paid though open", "invoice 1: received by card"},
    "update invoices set paid = total where invoice_id = 1":
        {"invoice 1: paid though open", "invoice 1: received by card"},
    "alter table invoices drop constraint paid_up; update invoices set status = 'PAID', paid = 1 where invoice_id = 1":
        {"invoice 1: left to pay though paid", "invoice 1: settled", "invoice 1: received by card"},
    "update plan_changes set charge = 49.01 where case_id = 1": {"event 1: charged"},
    "update plan_changes set charge = 0.58 where case_id = 5 and number = 2": {"event 2: charged"},
    "update plan_changes set charge = 49.00 where case_id = 3 and number = 1": {"event 1: charged"},
    # Numbers, and whose invoices they are.
    "update invoices set number = 11 where invoice_id = 10": {"invoice 11: number"},
    "update invoice_numbers set last = 11": {"last invoice"},
    "delete from invoice_numbers": {"last invoice"},
    "update invoices set number = number + 100 where invoice_id in (5, 6); "
    "update invoices set number = case number when 105 then 8 else 5 end where invoice_id in (5, 6)":
        {"invoice 6: issue"},
    "update invoices set issued_on = null where invoice_id = 10": {"invoice 10: clock of its issue"},
    "update invoices set issued_on = issued_on + 1 where invoice_id = 10": {"invoice 10: clock of its issue"},
    "insert into organizations (portal_url, nuix_id, name, monthly_invoicing) values ('p', 'n', 'n', false); "
    "update cases set organization_id = (select max(organization_id) from organizations) where case_id = 1":
        {"invoice 1: organization"},
    "update invoices set clock_id = null where invoice_id = 10": {"invoice 10: clock"},
    "update invoices set case_id = 2 where invoice_id = 4": {"invoice 3: case"},
    # Months.
    "update invoices set month = '2026-05-01' where invoice_id = 11": {"invoice of 2026-05-01, line 30: month"},
    "update invoices set month = '2026-03-01' where invoice_id = 11":
        {"invoice of 2026-03-01, line 30: month", "invoice of 2026-03-01: not issued"},
    "update invoices set issued_at = '2026-04-01 03:59:59Z' where invoice_id = 10":
        {"invoice of 2026-03-01: issued too early"},
}  # fmt: skip


@pytest.mark.parametrize("change", PLANTED)
async def test_every_difference_planted_into_invoices_is_found_and_named(billed: Ports, change: str) -> None:
    found = await found_after(billed, change)
    assert told(found) == PLANTED[change]


@pytest.mark.parametrize(
    "earlier",
    [
        "update cases set first_billed_cycle = 2 where case_id = 6; delete from invoice_lines where line_id = 30",
        "update cases set first_billed_cycle = 3 where case_id = 3; "
        "delete from invoice_lines where invoice_id = 6 and case_id = 3; "
        "delete from invoice_lines where invoice_id = 3 and case_id = 3; "
        "update invoices set total = total - 3445858 where invoice_id = 6; "
        "update invoices set total = total - 5634 where invoice_id = 3",
        "update cases set first_billed_cycle = 3 where case_id = 4; delete from invoice_lines where case_id = 4; "
        "update invoices set total = 5634 where invoice_id = 3; "
        "update invoices set total = 3445858 where invoice_id = 6; "
        "update invoices set total = 3449135 where invoice_id = 10",
    ],
)
async def test_what_was_billed_by_hand_before_there_were_invoices_is_no_difference(billed: Ports, earlier: str) -> None:
    """Cases that were open, had a credit used up, or had been deactivated then."""
    assert told(await found_after(billed, earlier)) == set()

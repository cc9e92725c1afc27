"""What operators see of invoices over all organizations, and what they make of an open one (C6-C8)."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.invoices import InvoiceStatus
from app.domain.refusals import NotFound
from app.services import operators
from app.services.clocks import advance_test_clock, create_test_clock
from app.services.operators import Filter, ListedInvoice, Run, Standing
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import INVOICE, PRO, Life, eastern, on_clock, registered, work
from tests.stage import Clock, new_viewer

PENDING, OPEN, PAID, VOID = InvoiceStatus


@pytest.fixture
async def desk(own_ports: Ports) -> Viewer:
    return (await new_viewer(own_ports))[0]


async def monthly(ports: Ports, viewer: Viewer, organization: str) -> Life:
    """A case on Pro of an organization that is invoiced by the month, with tax."""
    life = await registered(ports, viewer, organization=organization)
    await change_contract(ports, (await life.see()).organization, monthly_invoicing=True, tax_rate=Decimal("0.1"))
    assert isinstance(await life.activate(PRO, INVOICE), Case)
    return life


async def runs(ports: Ports) -> dict[str, Run]:
    return {str(run.month): run for run in (await operators.read_desk(ports)).runs}


async def listed(ports: Ports, **wanted: object) -> list[ListedInvoice]:
    page = await operators.page_of_invoices(ports, Filter(**wanted), before=None)  # type: ignore[arg-type]  # named by the caller, of the right types
    return list(page.rows)


async def test_a_months_run_tells_what_waits_and_for_what(own_ports: Ports, desk: Viewer, clock: Clock) -> None:
    """Activated on 3 March: its month ends, its cycle on 3 April; another case's on 31 March."""
    await monthly(own_ports, desk, "1")
    [march] = (await runs(own_ports)).values()
    assert (march.month, march.unfinished, march.behind, march.due) == (Month(2026, 3), 1, 0, 0)
    assert (march.pending, march.issued, march.billed) == (49_900, 0, 0)
    clock.now = eastern(2026, 4, 1)
    [march] = (await runs(own_ports)).values()
    assert (march.unfinished, march.behind, march.due) == (0, 0, 1)
    await work(own_ports)
    [march] = (await runs(own_ports)).values()
    assert (march.due, march.pending, march.open, march.billed, march.owed) == (0, 0, 1, 54_890, 54_890)
    clock.now = eastern(2026, 4, 3)
    await work(own_ports)
    clock.now = eastern(2026, 5, 3, 1)  # the cycle of 3 April ended an hour ago, and April's invoice still waits
    april = (await runs(own_ports))["2026-04"]
    assert (april.unfinished, april.behind, april.due) == (0, 0, 1)


async def test_a_run_waits_for_cases_whose_cycle_ended_before_the_month_did(
    own_ports: Ports, desk: Viewer, clock: Clock
) -> None:
    clock.now = eastern(2026, 3, 1, 10)
    await monthly(own_ports, desk, "1")
    clock.now = eastern(2026, 4, 1)
    march = (await runs(own_ports))["2026-03"]
    assert (march.unfinished, march.behind, march.due) == (0, 1, 0)
    [invoice] = await listed(own_ports)
    assert (invoice.status, invoice.unfinished, invoice.behind, invoice.total) == (PENDING, False, 1, 49_900)
    await work(own_ports)
    assert {month: (run.unfinished, run.open) for month, run in (await runs(own_ports)).items()} == {
        "2026-04": (1, 0),
        "2026-03": (0, 1),
    }


async def test_a_run_on_a_test_clock_goes_by_its_time_and_stands_apart(
    own_ports: Ports, desk: Viewer, clock: Clock
) -> None:
    """C10."""
    ports = Ports(own_ports.database, clock, test_clocks=True)
    made = await create_test_clock(ports, desk, key="clock", now=eastern(2025, 6, 10))
    life = await on_clock(ports, desk, made.uuid)  # type: ignore[union-attr]  # it was made, not refused
    await change_contract(ports, (await life.see()).organization, monthly_invoicing=True)
    await life.activate(PRO, INVOICE)
    await monthly(ports, desk, "2")
    there, here = sorted((await operators.read_desk(ports)).runs, key=lambda run: run.month)
    assert (there.on_clocks, there.unfinished, here.on_clocks, here.unfinished) == (True, 1, False, 1)
    await advance_test_clock(ports, desk, key="on", clock=made.uuid, to=eastern(2025, 7, 1))  # type: ignore[union-attr]  # it was made, not refused
    there, _ = sorted((await operators.read_desk(ports)).runs, key=lambda run: run.month)
    assert (there.unfinished, there.due, there.open) == (0, 0, 1)
    [issued] = await listed(ports, status=OPEN)
    assert issued.clock_now == eastern(2025, 7, 1)
    await operators.mark_invoice(ports, desk, issued.uuid, PAID)
    [paid] = await listed(ports, status=PAID)
    assert paid.settled_at == eastern(2025, 7, 1)


async def test_invoices_are_found_by_organization_status_and_month(
    own_ports: Ports, desk: Viewer, clock: Clock
) -> None:
    one, two = await monthly(own_ports, desk, "1"), await registered(own_ports, desk, organization="2")
    await two.activate(PRO)
    clock.now = eastern(2026, 4, 5)
    await work(own_ports)
    first = (await one.see()).organization.uuid
    assert len(await listed(own_ports)) == 4
    assert {each.organization_uuid for each in await listed(own_ports, organization=first)} == {first}
    assert [each.month for each in await listed(own_ports, organization=first, status=PENDING)] == [Month(2026, 4)]
    march = await listed(own_ports, month=Month(2026, 3))
    assert sorted((each.case or "", each.status) for each in march) == [("", OPEN), ("Roe v. Doe", OPEN)]
    newest, *others = await listed(own_ports)
    page = await operators.page_of_invoices(own_ports, Filter(), before=newest.invoice_id)
    assert list(page.rows) == others


async def issued(ports: Ports, viewer: Viewer, clock: Clock) -> ListedInvoice:
    await monthly(ports, viewer, "1")
    clock.now = eastern(2026, 4, 1)
    await work(ports)
    [invoice] = await listed(ports, status=OPEN)
    return invoice


@pytest.mark.parametrize("status", [PAID, VOID])
async def test_an_open_invoice_is_marked_once_and_keeps_number_and_lines(
    own_ports: Ports, desk: Viewer, clock: Clock, status: InvoiceStatus
) -> None:
    invoice = await issued(own_ports, desk, clock)
    before = await operators.read_invoice(own_ports, desk, invoice.uuid)
    with capture_logs() as logs:
        assert await operators.mark_invoice(own_ports, desk, invoice.uuid, status) is status
    [logged] = logs
    assert (logged["event"], logged["status"], logged["by"]) == ("invoice_marked", status.value, desk.caller_id)
    for again in (PAID, VOID):
        assert await operators.mark_invoice(own_ports, desk, invoice.uuid, again) is Standing.NOT_OPEN
    after = await operators.read_invoice(own_ports, desk, invoice.uuid)
    assert before is not None
    assert after is not None
    assert (after[0].lines, after[0].number) == (before[0].lines, before[0].number)
    assert (after[1].status, after[1].paid) == (status, invoice.total if status is PAID else 0)
    assert after[1].settled_at == clock.now
    march = (await runs(own_ports))["2026-03"]
    assert (march.billed, march.owed) == ((54_890, 0) if status is PAID else (0, 0))


async def test_what_waits_was_paid_in_part_or_is_not_there_is_not_marked(
    own_ports: Ports, desk: Viewer, clock: Clock
) -> None:
    invoice = await issued(own_ports, desk, clock)
    async with own_ports.database.writing() as connection:
        await connection.execute(text("update invoices set paid = 100 where uuid = :uuid"), {"uuid": invoice.uuid})
    assert await operators.mark_invoice(own_ports, desk, invoice.uuid, VOID) is Standing.PARTLY_PAID
    clock.now = eastern(2026, 4, 4)
    await work(own_ports)
    [pending] = await listed(own_ports, status=PENDING)
    assert await operators.mark_invoice(own_ports, desk, pending.uuid, PAID) is Standing.NOT_OPEN
    assert await operators.mark_invoice(own_ports, desk, uuid4(), PAID) == NotFound()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN])
async def test_nobody_but_operators_marks_an_invoice(own_ports: Ports, desk: Viewer, clock: Clock, role: Role) -> None:
    """A2."""
    invoice = await issued(own_ports, desk, clock)
    organization = await organization_of(own_ports, invoice.organization_uuid)
    viewer, _ = await new_viewer(own_ports, role, organization)
    assert await operators.mark_invoice(own_ports, viewer, invoice.uuid, PAID) == NotFound()
    assert len(await listed(own_ports, status=OPEN)) == 1


async def organization_of(ports: Ports, uuid: UUID) -> int:
    [found] = [each for each in await operators.all_organizations(ports) if each.organization.uuid == uuid]
    return found.organization.organization_id


async def test_organizations_are_listed_with_what_there_is_of_each(own_ports: Ports, desk: Viewer) -> None:
    await monthly(own_ports, desk, "1")
    for _ in range(2):
        await registered(own_ports, desk, organization="2")
    await (await registered(own_ports, desk, organization="2")).activate(PRO)
    first, second = await operators.all_organizations(own_ports)
    assert (first.cases, first.active, first.monthly, first.open_invoices) == (1, 1, 1, 0)
    assert (second.cases, second.active, second.monthly, second.open_invoices) == (3, 1, 0, 1)
    for search, found in (("TION 1", ["1"]), ("2", ["2"]), ("100%", []), ("organization", ["1", "2"])):
        page = await operators.page_of_organizations(own_ports, search=search, after=None)
        assert [row.organization.nuix_id for row in page.rows] == found, search
    rest = await operators.page_of_organizations(own_ports, search=None, after=first.organization)
    assert [row.organization.nuix_id for row in rest.rows] == ["2"]


async def test_declined_cards_refunds_and_payments_without_effect_are_told(
    own_ports: Ports, desk: Viewer, clock: Clock
) -> None:
    """C8."""
    life = await registered(own_ports, desk)
    await life.activate(PRO)
    async with own_ports.database.writing() as connection:
        await connection.execute(text("update invoices set attempted_at = issued_at"))
        await connection.execute(
            text(
                "insert into payments (case_id, caller_id, amount, refund_due, key, created_at, expires_at, ended_at,"
                " purpose, status, closed, role, origin, tier) select case_id, :caller, 500, :due, gen_random_uuid(),"
                " now(), now(), now(), 'PLAN', cast(:status as payment_status), true, 'case-admin', 'SETTINGS', 'PRO'"
                " from reservoirs"
            ),
            [
                {"caller": desk.caller_id, "due": 500, "status": "NOT_APPLIED"},
                {"caller": desk.caller_id, "due": 20, "status": "APPLIED"},
                {"caller": desk.caller_id, "due": 0, "status": "NOT_APPLIED"},
                {"caller": desk.caller_id, "due": 0, "status": "APPLIED"},
            ],
        )
    found = await operators.read_collection(own_ports)
    assert [(each.owed, each.declined, each.case) for each in found.declined] == [(49_900, True, "Roe v. Doe")]
    assert [each.refund_due for each in found.refunds] == [20, 500]
    assert [each.refund_due for each in found.not_applied] == [0, 500]
    seen = await operators.read_desk(own_ports)
    assert (len(seen.declined), len(seen.refunds), seen.requests) == (1, 2, 0)

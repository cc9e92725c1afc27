"""Invoices read, whole and in part, and in their order while they are issued; payments that wait (A2, C6, C8)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from app.domain.bills import LineKind
from app.domain.callers import Role, Viewer
from app.domain.cases import Case, Organization
from app.domain.clocks import TestClock
from app.domain.cycles import Month
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.payments import PaymentPurpose, PaymentStatus, Wanted
from app.domain.refusals import InvalidInput
from app.services import operators
from app.services.cases import register_case
from app.services.clocks import create_test_clock
from app.services.invoice_lists import (
    count_of_case,
    count_of_organization,
    find_invoice,
    find_pending_checkout,
    page_of_case,
    page_of_organization,
)
from app.services.organizations import set_monthly_invoicing
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import payments
from tests.plans import BUSINESS, CARD, INVOICE, Life, begun, eastern, on_clock, registered, work
from tests.services.paying import paying
from tests.stage import Clock, new_viewer

PENDING = InvoiceStatus.PENDING


async def monthly(ports: Ports, operator: Viewer) -> Life:
    """A case that is invoiced monthly, active on Pro."""
    life = await registered(ports, operator)
    await set_monthly_invoicing(ports, (await life.see()).organization, True)
    assert isinstance(await life.activate(payment=INVOICE), Case)
    return life


async def page(ports: Ports, viewer: Viewer, of: Organization, size: int, after: UUID | None = None) -> Page[Invoice]:
    found = await page_of_organization(ports, viewer, of, after=after, size=size)
    assert isinstance(found, Page)
    return found


async def test_a_walk_goes_on_from_its_place_while_invoices_are_issued(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    life = await monthly(own_ports, own_operator)
    organization = (await life.see()).organization
    card = await registered(own_ports, own_operator)
    clock.now = eastern(2026, 3, 20, 12)
    assert isinstance(await card.activate(), Case)
    clock.now = eastern(2026, 4, 1, 0, 5)
    await life.buy(10)
    before = await page(own_ports, own_operator, organization, 9)
    # Both months wait until the worker comes.
    assert [(invoice.number, invoice.month) for invoice in before.rows] == [
        (None, Month(2026, 4)),
        (None, Month(2026, 3)),
        (1, None),
    ]
    april = (await page(own_ports, own_operator, organization, 1)).rows[0]
    await work(own_ports)
    rest = await page(own_ports, own_operator, organization, 9, april.uuid)
    assert [(invoice.number, invoice.status, invoice.issued_at) for invoice in rest.rows] == [
        (2, InvoiceStatus.OPEN, clock.now),
        (1, InvoiceStatus.OPEN, eastern(2026, 3, 20, 12)),
    ]
    assert await count_of_organization(own_ports, organization) == 3
    assert await count_of_case(own_ports, await life.see()) == 2


async def test_the_lines_are_those_of_the_bill(own_ports: Ports, own_operator: Viewer, clock: Clock) -> None:
    """C2: with everything that explains them."""
    life = await begun(own_ports, own_operator)
    clock.now = eastern(2026, 3, 10, 12)
    await life.upgrade()
    clock.now = eastern(2026, 4, 10, 0, 1)
    await life.buy(3)
    case = await life.see()
    found = await page_of_case(own_ports, own_operator, case, after=None, size=9)
    assert isinstance(found, Page)
    purchase, renewal, upgrade, activation = found.rows
    [bought] = purchase.lines
    assert (bought.line.kind, bought.line.quantity, bought.line.entry) == (LineKind.TOKEN_PURCHASE, 3, case.entries)
    credit, plan = renewal.lines
    assert (credit.case_uuid, credit.case_name) == (life.uuid, "Roe v. Doe")
    assert credit.line.effective_at == credit.given_at == eastern(2026, 3, 10, 12)
    assert (credit.line.cycle, credit.line.tier, credit.line.until) == (1, "PRO", eastern(2026, 4, 3))
    assert (plan.line.cycle, plan.line.tier, plan.line.until) == (3, "BUSINESS", eastern(2026, 5, 10))
    assert plan.given_at is None
    assert (upgrade.total, renewal.total) == (499_900, 499_900 + credit.line.amount)
    assert (activation.paid, activation.month, activation.organization) == (0, None, case.organization)


async def test_a_place_of_another_list_is_refused(own_ports: Ports, own_operator: Viewer) -> None:
    one, other = await begun(own_ports, own_operator), await begun(own_ports, own_operator)
    found = await page_of_case(own_ports, own_operator, await one.see(), after=None, size=1)
    assert isinstance(found, Page)
    for after in (found.rows[0].uuid, uuid4()):
        refused = await page_of_case(own_ports, own_operator, await other.see(), after=after, size=1)
        assert isinstance(refused, InvalidInput)


async def test_an_invoice_is_found_whole_by_those_who_see_the_organization(
    own_ports: Ports, own_operator: Viewer
) -> None:
    """A2: through a case by whoever administers it, and then without the lines of others."""
    one, other = await monthly(own_ports, own_operator), await monthly(own_ports, own_operator)
    organization = (await one.see()).organization
    invoice = (await page(own_ports, own_operator, organization, 1)).rows[0]
    whole, part = {}, {}
    for role in Role:
        viewer = own_operator
        if role is not Role.OPERATOR:
            viewer = (await new_viewer(own_ports, role, organization.organization_id))[0]
        seen = await find_invoice(own_ports, viewer, invoice.uuid)
        whole[role] = seen and seen.total
        seen = await find_invoice(own_ports, viewer, invoice.uuid, case_uuid=one.uuid)
        part[role] = seen and [line.case_uuid for line in seen.lines]
    assert list(whole.values()) == [None, None, 99_800, 99_800]
    assert list(part.values()) == [None, *[[one.uuid]] * 3]
    stranger = (await new_viewer(own_ports, Role.ORG_ADMIN, await other_organization(own_ports, own_operator)))[0]
    assert await find_invoice(own_ports, stranger, invoice.uuid) is None
    assert await find_invoice(own_ports, stranger, invoice.uuid, case_uuid=other.uuid) is None


async def other_organization(ports: Ports, operator: Viewer) -> int:
    life = await registered(ports, operator, organization="2")
    return (await life.see()).organization.organization_id


async def test_a_checkout_waits_for_whoever_began_it_and_for_admins(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C8: the latest, until it has ended or its time is over."""
    life = await begun(own_ports, own_operator)
    case = await life.see()
    organization = case.organization.organization_id
    member, nosy, admin = [
        (await new_viewer(own_ports, role, organization))[0] for role in (Role.MEMBER, Role.MEMBER, Role.CASE_ADMIN)
    ]
    upgrade = Wanted(PaymentPurpose.PLAN, BUSINESS, CARD)
    await start(own_ports, case, member, upgrade, "https://pay.example.com/1", clock)
    await start(own_ports, case, admin, Wanted(PaymentPurpose.TOKENS, tokens=5), "https://pay.example.com/2", clock)

    async def seen(*viewers: Viewer) -> list[str | None]:
        found = [await find_pending_checkout(own_ports, viewer, case) for viewer in viewers]
        return [None if payment is None else payment.checkout for payment in found]

    first, second = "https://pay.example.com/1", "https://pay.example.com/2"
    assert await seen(member, nosy, admin, own_operator) == [first, None, second, second]
    latest = await find_pending_checkout(own_ports, admin, case)
    assert latest is not None
    async with own_ports.database.writing() as connection:
        await payments.end_payment(connection, latest.uuid, PaymentStatus.EXPIRED, closed=True, now=clock.now)
    assert await seen(member, nosy, admin) == [first, None, first]
    clock.pass_(hours=1)
    assert await seen(member, nosy, admin) == [None, None, None]


async def start(ports: Ports, case: Case, viewer: Viewer, wanted: Wanted, checkout: str, clock: Clock) -> None:
    async with ports.database.writing() as connection:
        await payments.store_payment(
            connection, case.terms.case_id, viewer, wanted, uuid=uuid4(), key=uuid4(), amount=1, checkout=checkout,
            now=clock.now, expires_at=clock.now + timedelta(hours=1),
        )  # fmt: skip


async def renamed(ports: Ports, operator: Viewer, name: str) -> None:
    """The organization, by a registration that brings its new name (A1)."""
    case = await register_case(
        ports, operator, key=name, uuid=uuid4(), name="Roe v. Doe", organization_nuix_id="1",
        organization_name=name, portal_url="https://portal.example.com",
    )  # fmt: skip
    assert isinstance(case, Case), case
    assert case.organization.name == name


async def test_an_issued_invoice_keeps_the_name_that_it_was_issued_to(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C6: what is pending has the present one, until it is issued."""
    before = (await (await begun(own_ports, own_operator)).see()).organization
    life = await monthly(own_ports, own_operator)

    async def names() -> list[tuple[int | None, str]]:
        """By number, as the organization and as operators see them."""
        found = (await page(own_ports, own_operator, before, 9)).rows
        listed = (await operators.page_of_invoices(own_ports, operators.Filter(), before=None)).rows
        assert {each.uuid: each.organization for each in listed} == {each.uuid: each.billed_to for each in found}
        return sorted((each.number or 0, each.billed_to) for each in found)

    await renamed(own_ports, own_operator, "Second name")
    assert await names() == [(0, "Second name"), (1, before.name)]
    assert (await life.see()).organization.name == "Second name"
    clock.now = eastern(2026, 4, 1)
    await work(own_ports)
    await renamed(own_ports, own_operator, "Third name")
    assert await names() == [(1, before.name), (2, "Second name")]


async def test_numbers_follow_the_issue_though_an_instant_was_taken_before(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C6: another process took its instant a second earlier, and had the case's lock later."""
    one, other = await begun(own_ports, own_operator), await begun(own_ports, own_operator)
    slow = Clock(clock.now + timedelta(seconds=1))
    clock.pass_(seconds=2)
    await one.buy(10)
    await other.by(replace(own_ports, clock=slow)).buy(20)
    rows = (await page(own_ports, own_operator, (await one.see()).organization, 9)).rows
    assert [(invoice.number, invoice.issued_at, invoice.total) for invoice in rows[:2]] == [
        (4, clock.now, 200),
        (3, clock.now, 100),
    ]


async def test_what_is_paid_with_its_change_is_settled_at_its_issue(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """However much earlier its instant was taken."""
    one = await begun(own_ports, own_operator)
    slow = Clock(clock.now)
    clock.pass_(seconds=2)
    await one.buy(10)
    other, _ = paying(await registered(replace(own_ports, clock=slow), own_operator))
    assert isinstance(await other.activate(), Case)
    newest = (await page(own_ports, own_operator, (await one.see()).organization, 1)).rows[0]
    assert (newest.status, newest.issued_at, newest.settled_at) == (InvoiceStatus.PAID, clock.now, clock.now)


async def test_an_invoice_of_another_time_does_not_move_the_issue(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    """C6: on a test clock ahead of the present, in the same organization."""
    ports = replace(own_ports, test_clocks=True)
    ahead = await create_test_clock(ports, own_operator, key="clock", now=clock.now + timedelta(days=9))
    assert isinstance(ahead, TestClock)
    assert isinstance(await (await on_clock(ports, own_operator, ahead.uuid)).activate(), Case)
    life = await begun(ports, own_operator)
    rows = (await page(ports, own_operator, (await life.see()).organization, 9)).rows
    assert [(invoice.number, invoice.issued_at) for invoice in rows] == [(1, ahead.now), (2, clock.now)]

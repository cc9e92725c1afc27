"""Cases that lived on a test clock go on in real time from where it stands (C10)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.clocks import TestClock
from app.domain.invoices import InvoiceStatus
from app.domain.tasks import Task
from app.services import clocks, organizations
from app.services.ports import Ports
from app.services.verification import verify
from app.storage.clocks import release_clock
from app.storage.operator_invoices import Filter, ListedInvoice, list_invoices
from tests.plans import INVOICE, PRO, Life, eastern, on_clock, work
from tests.stage import Clock, new_viewer

STARTS_AT = eastern(2026, 1, 20, 10)


@pytest.fixture
def ports(own_ports: Ports) -> Ports:
    """An installation meant for tests, whose cases are looked at all together."""
    return replace(own_ports, test_clocks=True)


@pytest.fixture
async def released(ports: Ports, clock: Clock) -> Life:
    """A case by the month that was seen on its clock, then released at the present, 3 March 10:00 in New York."""
    operator, _ = await new_viewer(ports)
    found = await clocks.create_test_clock(ports, operator, key="clock", now=STARTS_AT)
    assert isinstance(found, TestClock)
    life = await on_clock(ports, operator, found.uuid)
    await organizations.set_monthly_invoicing(ports, (await life.see()).organization, True)
    assert isinstance(await life.activate(PRO, INVOICE), Case)
    await life.spend(3_000)
    advanced = await clocks.advance_test_clock(ports, operator, key="on", clock=found.uuid, to=eastern(2026, 2, 24, 16))
    assert isinstance(advanced, TestClock)
    await life.spend(2_000)
    clock.now = advanced.now
    async with ports.database.writing() as connection:
        await release_clock(connection, found.clock_id)
    return life


async def invoices_of(ports: Ports, viewer: Viewer) -> list[ListedInvoice]:
    """The oldest first."""
    assert viewer.is_operator
    async with ports.database.reading() as connection:
        found = await list_invoices(connection, Filter(), now=ports.clock(), before=None, most=100)
    return list(found)[::-1]


async def test_nothing_differs_once_they_are_released(ports: Ports, released: Life) -> None:
    assert (await released.see()).clock is None
    assert (await verify(ports)).differences == []
    assert [(each.status, each.clock_now) for each in await invoices_of(ports, released.viewer)] == [
        (InvoiceStatus.OPEN, None),
        (InvoiceStatus.PENDING, None),
    ]


async def test_a_process_that_has_seen_one_on_its_clock_acts_in_the_present(
    ports: Ports, released: Life, clock: Clock
) -> None:
    assert ports.seen[released.uuid].clock_id is not None
    clock.pass_(hours=3)
    task = await released.try_task(10)
    assert isinstance(task, Task)
    assert task.created_at == clock.now


async def test_refills_renewals_and_invoices_go_on(ports: Ports, released: Life, clock: Clock) -> None:
    tokens = (await released.tank()).balance
    assert tokens == 8_000  # filled again after the first 3,000, and 2,000 spent since
    clock.now = eastern(2026, 2, 25, 9)
    await work(ports)
    assert (await released.tank()).balance == tokens + 500
    await work(ports)
    assert (await released.tank()).balance == tokens + 500

    clock.now = eastern(2026, 3, 1)
    await work(ports)
    clock.now = eastern(2026, 3, 20) + timedelta(seconds=2)
    await work(ports)
    assert [(each.number, str(each.month)) for each in await invoices_of(ports, released.viewer)] == [
        (1, "2026-01"),
        (2, "2026-02"),
        (None, "2026-03"),
    ]
    assert (await released.subscription()).cycle.starts_at == eastern(2026, 3, 20)
    assert (await verify(ports)).differences == []

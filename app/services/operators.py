"""What operators see over all organizations, and what they make of an invoice (C6-C8). Nobody else comes here (A2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

import structlog

from app.domain.callers import Viewer
from app.domain.cases import Organization
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.refusals import NotFound
from app.services.invoice_lists import find_invoice
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import invoicing_requests as requests, operator_invoices as stored
from app.storage.invoice_runs import Run as Run, list_runs
from app.storage.invoices import mark_paid, mark_void
from app.storage.operator_invoices import Filter as Filter, ListedInvoice as ListedInvoice
from app.storage.operator_organizations import ListedOrganization as ListedOrganization, list_organizations
from app.storage.operator_payments import ListedPayment as ListedPayment, list_not_applied, list_refunds
from app.storage.payments import end_invoice_checkouts

log = structlog.get_logger()

PAGE = 50
MOST_LISTED = 200
"""Of what should be a short list."""

ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Desk:
    """Runs of the latest months, and what waits for somebody. Each list holds the newest 200 at most."""

    runs: Sequence[Run]
    declined: Sequence[ListedInvoice]
    refunds: Sequence[ListedPayment]
    requests: int


async def read_desk(ports: Ports) -> Desk:
    async with ports.database.snapshot() as connection:
        return Desk(
            await list_runs(connection, ports.clock()),
            await stored.list_declined(connection, now=ports.clock(), most=MOST_LISTED),
            await list_refunds(connection, most=MOST_LISTED),
            await requests.count_open(connection),
        )


@dataclass(frozen=True, slots=True)
class Collection:
    """What did not go as it should with cards. Each list holds the newest 200 at most."""

    declined: Sequence[ListedInvoice]
    refunds: Sequence[ListedPayment]
    not_applied: Sequence[ListedPayment]


async def read_collection(ports: Ports) -> Collection:
    async with ports.database.snapshot() as connection:
        return Collection(
            await stored.list_declined(connection, now=ports.clock(), most=MOST_LISTED),
            await list_refunds(connection, most=MOST_LISTED),
            await list_not_applied(connection, most=MOST_LISTED),
        )


async def page_of_invoices(ports: Ports, wanted: Filter, *, before: int | None) -> Page[ListedInvoice]:
    """What is pending, then the newest issue first; before: the id of the last one seen."""
    async with ports.database.snapshot() as connection:
        rows = await stored.list_invoices(connection, wanted, now=ports.clock(), before=before, most=PAGE + 1)
    return Page.of(rows, PAGE)


async def read_invoice(ports: Ports, viewer: Viewer, uuid: UUID) -> tuple[Invoice, ListedInvoice] | None:
    """With all of its lines. None: there is no such invoice."""
    invoice = await find_invoice(ports, viewer, uuid)
    async with ports.database.reading() as connection:
        listed = await stored.find_listed(connection, uuid, now=ports.clock())
    return None if invoice is None or listed is None else (invoice, listed)


async def page_of_organizations(
    ports: Ports, *, search: str | None, after: Organization | None
) -> Page[ListedOrganization]:
    """By name."""
    async with ports.database.snapshot() as connection:
        rows = await list_organizations(connection, search=search, after=after, most=PAGE + 1)
    return Page.of(rows, PAGE)


async def all_organizations(ports: Ports) -> Sequence[ListedOrganization]:
    """By name."""
    async with ports.database.reading() as connection:
        return await list_organizations(connection, search=None, after=None, most=ALL)


@dataclass(frozen=True, slots=True)
class WorkList:
    """Requests to be invoiced by the month (C7)."""

    open: Sequence[requests.InvoicingRequest]
    done: Sequence[requests.InvoicingRequest]


async def read_work_list(ports: Ports) -> WorkList:
    async with ports.database.snapshot() as connection:
        return WorkList(
            await requests.list_open(connection, most=MOST_LISTED), await requests.list_done(connection, most=PAGE)
        )


class Standing(Enum):
    """Why an invoice was not marked."""

    NOT_OPEN = "not_open"
    PARTLY_PAID = "partly_paid"


async def mark_invoice(
    ports: Ports, viewer: Viewer, uuid: UUID, status: InvoiceStatus
) -> InvoiceStatus | Standing | NotFound:
    """Marks an open invoice as paid in full outside of this service, or as void; once. Operators only.

    Number and lines stay. What was paid in part is not made void: it would have to be given back.
    """
    if not viewer.is_operator:
        return NotFound()
    async with ports.database.writing() as connection:
        found = await stored.lock_invoice(connection, uuid)
        if found is None:
            return NotFound()
        if found.status is not InvoiceStatus.OPEN or found.total is None:
            return Standing.NOT_OPEN
        at = found.clock_now or ports.clock()
        if status is InvoiceStatus.PAID:
            await mark_paid(connection, found.invoice_id, by=viewer.caller_id, at=at)
        elif found.paid:
            return Standing.PARTLY_PAID
        else:
            await mark_void(connection, found.invoice_id, by=viewer.caller_id, at=at)
    async with ports.database.writing() as connection:
        # After the commit: whoever takes a payment locks it first, and then the invoice.
        await end_invoice_checkouts(connection, found.invoice_id, at)
    log.info(
        "invoice_marked", invoice=str(uuid), number=found.number, organization=found.organization_id,
        status=status.value, owed=found.total - found.paid, by=viewer.caller_id,
    )  # fmt: skip
    return status

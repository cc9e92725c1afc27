"""Requests to be invoiced by the month, of people whose organization is not on the portal's list yet (C7)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from app.domain.activation import judge_payment
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.refusals import Forbidden, InvoicingNotContracted, NotFound
from app.services.ports import Ports
from app.storage import invoicing_requests as stored
from app.storage.cases import find_case

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Uncontracted:
    """A case that cannot be invoiced by the month yet. asked_at: when that was asked for; None: not yet."""

    case: Case
    refusal: InvoicingNotContracted
    asked_at: datetime | None


async def find_uncontracted(ports: Ports, viewer: Viewer, case_uuid: UUID) -> Uncontracted | None:
    """None: the case may be invoiced by the month, or does not exist for the viewer (A2)."""
    async with ports.database.snapshot() as connection:
        case = await find_case(connection, case_uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        refusal = judge_payment(case, PaymentMethod.MONTHLY_INVOICE, viewer, ports.environment)
        if refusal is None:
            return None
        return Uncontracted(case, refusal, await stored.open_since(connection, case.terms.case_id))


async def request_invoicing(ports: Ports, viewer: Viewer, case_uuid: UUID) -> NotFound | Forbidden | None:
    """Puts the request on the operators' work list and logs what support needs; once while one of the case is open.

    None: it stands there, or there is nothing to ask for any more.
    """
    found = await find_uncontracted(ports, viewer, case_uuid)
    if found is None:
        return None if await ports.terms(case_uuid, viewer) else NotFound()
    if not viewer.administers:
        return Forbidden()
    async with ports.database.writing() as connection:
        request = await stored.store_request(
            connection, found.case.terms.case_id, viewer.caller_id, found.refusal.details, ports.clock()
        )
    if request is not None:
        log.info("invoicing_requested", request=request, **found.refusal.details)
    return None


async def finish_request(ports: Ports, viewer: Viewer, request_id: int) -> NotFound | None:
    """Takes a request off the work list; operators only. NotFound: it is not on it."""
    if not viewer.is_operator:
        return NotFound()
    async with ports.database.writing() as connection:
        done = await stored.finish_request(connection, request_id, viewer.caller_id, ports.clock())
    if not done:
        return NotFound()
    log.info("invoicing_request_done", request=request_id, by=viewer.caller_id)
    return None

"""Checkouts: the pages on which people pay, looked at, closed, and opened for an invoice (C8)."""

from uuid import UUID

from app.domain import idempotency
from app.domain.callers import Viewer
from app.domain.payments import Payment, PaymentPurpose, PaymentStatus, Wanted
from app.domain.refusals import Forbidden, IdempotencyConflict, InvalidInput, NotFound
from app.domain.texts import check_key
from app.services.payments import Asked, PayBy, begin, with_page, withdraw
from app.services.ports import PaymentUnavailable, Ports
from app.storage import payments as stored
from app.storage.cases import find_case, lock_case
from app.storage.clocks import hold_clock
from app.storage.collecting import find_owed


async def find_checkout(ports: Ports, viewer: Viewer, case_uuid: UUID, payment: UUID) -> Payment | None:
    """One of the case's, whatever has become of it. None: there is none for the viewer (A2)."""
    async with ports.database.reading() as connection:
        found = await stored.find_payment(connection, payment)
    if found is None or found.checkout is None or found.case_uuid != case_uuid:
        return None
    return found if await ports.terms(case_uuid, viewer) is not None else None


async def close_checkout(ports: Ports, viewer: Viewer, case_uuid: UUID, payment: UUID) -> Forbidden | NotFound | None:
    """Ends one that waits; what is paid for it nevertheless is given back. One that has ended stays what it became.

    For admins, and for whoever began it.
    """
    found = await find_checkout(ports, viewer, case_uuid, payment)
    if found is None:
        return NotFound()
    if not viewer.administers and viewer.caller_id != found.viewer.caller_id:
        return Forbidden()
    async with ports.database.writing() as connection:
        case = await find_case(connection, case_uuid)
        present = await stored.lock_payment(connection, payment)
        assert case is not None
        assert present is not None
        if present.status in (PaymentStatus.OPEN, PaymentStatus.DECLINED):
            now = case.now(ports.clock())
            await stored.end_payment(connection, payment, PaymentStatus.EXPIRED, closed=False, now=now)
    if ports.payments is not None:
        await _shut(ports, found)
    return None


async def _shut(ports: Ports, payment: Payment) -> None:
    """Lets the page take no money. Where that fails, a worker tries again."""
    try:
        await withdraw(ports, payment)
    except PaymentUnavailable:
        return


async def pay_invoice(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID, invoice: UUID
) -> Payment | Forbidden | NotFound | IdempotencyConflict | InvalidInput:
    """Begins a checkout of what an open invoice of the case still asks for, for its admins; or the one that waits.

    Raises PaymentUnavailable. NotFound: no such invoice, or nothing of it is open, or no card can be charged here.
    """
    if flaw := check_key(key):
        return flaw
    terms = await ports.terms(case_uuid, viewer)
    if terms is None or ports.payments is None:
        return NotFound()
    if not viewer.administers:
        return Forbidden()
    request = idempotency.request(viewer.caller_id, "payInvoice", key, (invoice,))
    async with ports.database.writing() as connection:
        now = ports.clock() if terms.clock_id is None else await hold_clock(connection, terms.clock_id)
        case, at = await lock_case(connection, terms.case_id, now)
        owed = await find_owed(connection, terms.case_id, invoice)
        if owed is None:
            return NotFound()
        wanted = Wanted(PaymentPurpose.INVOICE, invoice_id=owed.invoice_id)
        asked = Asked(case, viewer, wanted, owed.owed, request.key, at)
        payment = await begin(connection, asked, PayBy.CHECKOUT)
    return payment if isinstance(payment, IdempotencyConflict) else await with_page(ports, payment, viewer.language)

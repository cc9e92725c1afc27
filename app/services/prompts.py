"""What the prompt of a refused task shows beside the plan (C8, C9)."""

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.payments import Payment, PaymentPurpose
from app.domain.subscriptions import ChangeOrigin
from app.services.ports import Ports
from app.storage.payments import live_checkouts


async def find_waiting(ports: Ports, case: Case) -> list[Payment]:
    """Payments for a plan or for tokens of a case that wait for somebody on their page."""
    if ports.payments is None:
        return []
    async with ports.database.reading() as connection:
        live = await live_checkouts(connection, case.terms.case_id, case.now(ports.clock()))
    return [payment for payment in live if payment.wanted.purpose is not PaymentPurpose.INVOICE]


def may_pay(viewer: Viewer, case: Case, payment: Payment) -> bool:
    """Who is led to the page, which shows money: admins, whoever began it, everybody where anybody may upgrade (C9)."""
    prompted = payment.wanted.origin is ChangeOrigin.PROMPT and case.terms.auto_upgrade_allowed
    return viewer.administers or payment.viewer.caller_id == viewer.caller_id or prompted

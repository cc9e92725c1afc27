"""Monthly invoices of the demonstration's past are paid in time, but for the latest."""

from datetime import datetime, timedelta

from app.domain.callers import Viewer
from app.domain.cycles import EASTERN
from app.domain.invoices import InvoiceStatus
from app.services.ports import Ports
from app.storage.invoices import mark_paid
from app.storage.operator_invoices import Filter, list_invoices

_TERM = timedelta(days=21)
_WEDNESDAY = 2
_MOST = 100
"""Invoices that are looked at: more than ever wait."""


async def pay_invoices(ports: Ports, operator: Viewer, now: datetime) -> None:
    """On Wednesdays, what has come three weeks before or earlier, without a word in the log for each."""
    if now.astimezone(EASTERN).weekday() != _WEDNESDAY:
        return
    async with ports.database.reading() as connection:
        found = await list_invoices(connection, Filter(status=InvoiceStatus.OPEN), now=now, before=None, most=_MOST)
    due = [each for each in found if each.month and each.clock_now and each.issued_at and each.issued_at <= now - _TERM]
    async with ports.database.writing() as connection:
        for each in due:
            await mark_paid(connection, each.invoice_id, by=operator.caller_id, at=now)

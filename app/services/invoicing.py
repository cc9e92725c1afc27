"""What is billed: issued at once by card, or left to wait for the month's invoice (C6)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.bills import Line, tax_line
from app.domain.cases import PaymentMethod
from app.domain.cycles import Month
from app.services.ports import Ports
from app.storage import invoices as stored

ISSUED_TOGETHER = 100
"""Monthly invoices looked for at a time."""

MOST_ON_A_CLOCK = 1_000_000


async def bill_case(
    connection: AsyncConnection,
    case_id: int,
    payment: PaymentMethod,
    lines: Sequence[Line],
    *,
    at: datetime,
    own: int | None = None,
    paid: int = 0,
) -> int | None:
    """In the transaction of what is billed, under the case's lock. own: the number of the change of plan.

    paid: cents that a card has been charged already. Returns the id of the invoice; None: there is none of its own.
    """
    if not lines:
        return None
    if payment is PaymentMethod.MONTHLY_INVOICE:
        await stored.add_pending_lines(connection, case_id, lines, own=own)
        return None
    return await stored.invoice_case(connection, case_id, lines, own=own, paid=paid, at=at)


async def issue_month(connection: AsyncConnection, invoice_id: int, tax_rate: Decimal, at: datetime) -> bool:
    """Issues what waited for the end of a month, with tax by case (C6). False: somebody else does."""
    sums = await stored.claim_invoice(connection, invoice_id)
    if sums is None:
        return False
    taxes = {case_id: tax for case_id, cents in sums.items() if (tax := tax_line(tax_rate, cents, at))}
    await stored.issue_invoice(connection, invoice_id, taxes, at=at)
    return True


async def issue_months(ports: Ports) -> int:
    """The monthly invoices in real time whose month is over, each in a transaction of its own. Returns how many."""
    now = ports.clock()
    async with ports.database.reading() as connection:
        waiting = await stored.find_waiting(connection, Month.of(now), clock_id=None, most=ISSUED_TOGETHER)
    issued = 0
    for invoice in waiting:
        async with ports.database.writing() as connection:
            issued += await issue_month(connection, invoice.invoice_id, invoice.tax_rate, now)
    return issued


async def issue_on_clock(connection: AsyncConnection, clock_id: int, now: datetime) -> None:
    """The same for the cases of a test clock (C10)."""
    for invoice in await stored.find_waiting(connection, Month.of(now), clock_id=clock_id, most=MOST_ON_A_CLOCK):
        await issue_month(connection, invoice.invoice_id, invoice.tax_rate, now)

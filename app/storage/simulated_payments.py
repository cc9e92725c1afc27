"""What the simulated processor knows: saved cards, what it was asked to charge, and what became of it. Cents of CAD."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.payments import PaymentOutcome
from app.storage.reads import Reader
from app.storage.tables import simulated_payments


class SimulatedPayment(NamedTuple):
    """ended: it takes no money any more."""

    amount: int
    received: int
    refunded: int
    ended: bool


_SET_CARD = text("""
insert into simulated_cards (case_id, declines) select case_id, :declines from cases where uuid = :case
on conflict (case_id) do update set declines = excluded.declines returning case_id
""")
_CHARGE = text("""
insert into simulated_payments (uuid, amount, received, ended)
select :payment, :amount, case when exists (
    select from simulated_cards join cases using (case_id) where cases.uuid = :case and declines
) then 0 else :amount end, true
on conflict do nothing
""")
_OPEN = text("""
insert into simulated_payments (uuid, amount, ended) values (:payment, :amount, false) on conflict do nothing
""")
_ON_PAGE = text("""
update simulated_payments
set received = case when :outcome = 'paid' then amount else received end, ended = :outcome <> 'declined'
where uuid = :payment and not ended returning uuid
""")
_WITHDRAW = text("""
insert into simulated_payments (uuid, amount, ended) values (:payment, 0, true)
on conflict (uuid) do update set ended = true returning received - refunded
""")
_REFUND = text("""
update simulated_payments set refunded = least(received, greatest(refunded, :amount)) where uuid = :payment
""")
_FIND = select(
    simulated_payments.c.amount, simulated_payments.c.received, simulated_payments.c.refunded,
    simulated_payments.c.ended,
).where(simulated_payments.c.uuid == bindparam("payment"))  # fmt: skip


async def set_card(connection: AsyncConnection, case: UUID, *, declines: bool) -> bool:
    """What becomes of the next charges of a case's saved card. False: there is no such case."""
    return (await connection.execute(_SET_CARD, {"case": case, "declines": declines})).one_or_none() is not None


async def charge(connection: AsyncConnection, payment: UUID, case: UUID, amount: int) -> bool:
    """Charges a saved card unless the payment is known already. False: it was declined, then or now."""
    await connection.execute(_CHARGE, {"payment": payment, "case": case, "amount": amount})
    found = await find(connection, payment)
    assert found is not None
    return found.received > 0


async def open_page(connection: AsyncConnection, payment: UUID, amount: int) -> None:
    """Lets a payment be paid on its page; one that is known stays as it is."""
    await connection.execute(_OPEN, {"payment": payment, "amount": amount})


async def do_on_page(connection: AsyncConnection, payment: UUID, outcome: PaymentOutcome) -> bool:
    """After a card that was declined there may be another. False: the page has ended before."""
    done = await connection.execute(_ON_PAGE, {"payment": payment, "outcome": outcome.value})
    return done.one_or_none() is not None


async def withdraw(connection: AsyncConnection, payment: UUID) -> int:
    """From now on nothing is taken for it. Returns what was received and not given back."""
    return int((await connection.execute(_WITHDRAW, {"payment": payment})).scalar_one())


async def refund(connection: AsyncConnection, payment: UUID, amount: int) -> None:
    """Gives back so much in all, and never more than was received."""
    await connection.execute(_REFUND, {"payment": payment, "amount": amount})


async def find(connection: Reader, payment: UUID) -> SimulatedPayment | None:
    row = (await connection.execute(_FIND, {"payment": payment})).one_or_none()
    return None if row is None else SimulatedPayment(*row)

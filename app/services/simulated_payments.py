"""A processor of cards that takes no money: saved cards, a page to pay on, and events about it, as a real one has (C8).

Its cards and payments are in the database. Events that wait are in this process: what it takes with it is missed, as
it may be of a real one, and such a payment ends by its time.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.adapters.payment_signatures import HEADER, is_signed, sign
from app.domain.languages import Language
from app.domain.payments import Payment, PaymentEvent, PaymentOutcome
from app.services.payment_events import EVENTS
from app.services.ports import Ports
from app.storage import simulated_payments as stored
from app.storage.database import Database
from app.storage.payments import find_payment
from app.storage.simulated_payments import SimulatedPayment

PAGE = "/simulated-checkout"
LATE_AFTER = 20.0  # seconds
PAUSES = (0.5, 2.0, 8.0, 30.0)
"""Seconds between attempts to deliver an event."""

Post = Callable[[str, dict[str, str], bytes], Awaitable[bool]]
"""Sends bytes to an address. False: they were not taken."""


class Delivery(StrEnum):
    """When an event reaches us. OUT_OF_ORDER: after the one that comes next."""

    AT_ONCE = "at-once"
    LATE = "late"
    TWICE = "twice"
    OUT_OF_ORDER = "out-of-order"


async def set_card(ports: Ports, case: UUID, *, declines: bool) -> bool:
    """Whether the saved card of a case is declined from now on. False: there is no such case."""
    async with ports.database.writing() as connection:
        return await stored.set_card(connection, case, declines=declines)


class SimulatedPayments:
    """address: of the web process, without a slash at its end. late_after: seconds until a late event is delivered."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        address: str,
        *,
        secret: bytes,
        post: Post,
        late_after: float = LATE_AFTER,
    ) -> None:
        self._database, self._clock, self._address = database, clock, address
        self._secret, self._post, self._late_after = secret, post, late_after
        self._held: list[PaymentEvent] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        async with self._database.writing() as connection:
            return await stored.charge(connection, payment, case, amount)

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:  # noqa: ARG002 (as the port has it)
        async with self._database.writing() as connection:
            await stored.open_page(connection, payment, amount)
        return f"{self._address}{PAGE}/{payment}?language={language}"

    async def refund(self, payment: UUID, amount: int) -> None:
        async with self._database.writing() as connection:
            await stored.refund(connection, payment, amount)

    async def withdraw(self, payment: UUID) -> int:
        async with self._database.writing() as connection:
            return await stored.withdraw(connection, payment)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        if not is_signed(self._secret, headers.get(HEADER, ""), body, self._clock()):
            return None
        told = json.loads(body)
        return PaymentEvent(UUID(told["payment"]), PaymentOutcome(told["outcome"]))

    async def find(self, payment: UUID) -> tuple[SimulatedPayment, Payment] | None:
        """What a page shows: its state, and what it is paid for. None: there is no such page."""
        async with self._database.reading() as connection:
            page, wanted = await stored.find(connection, payment), await find_payment(connection, payment)
        return None if page is None or wanted is None else (page, wanted)

    async def finish(self, payment: UUID, outcome: PaymentOutcome, delivery: Delivery) -> bool:
        """What a person does on a page, which is told to us by and by. False: it takes nothing any more."""
        async with self._database.writing() as connection:
            if not await stored.do_on_page(connection, payment, outcome):
                return False
        self._send(PaymentEvent(payment, outcome), delivery)
        return True

    def _send(self, event: PaymentEvent, delivery: Delivery) -> None:
        if delivery is Delivery.OUT_OF_ORDER:
            self._held.append(event)
            return
        task = asyncio.create_task(self._deliver_in_time(event, delivery))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver_in_time(self, event: PaymentEvent, delivery: Delivery) -> None:
        if delivery is Delivery.LATE:
            await asyncio.sleep(self._late_after)
        await self._deliver(event)
        if delivery is Delivery.TWICE:
            await self._deliver(event)
        held, self._held = self._held, []
        for earlier in held:
            await self._deliver(earlier)

    async def _deliver(self, event: PaymentEvent) -> None:
        body = json.dumps({"payment": str(event.payment), "outcome": event.outcome}).encode()
        for pause in (*PAUSES, None):
            headers = {HEADER: sign(self._secret, body, self._clock()), "Content-Type": "application/json"}
            if await self._post(f"{self._address}{EVENTS}", headers, body) or pause is None:
                return
            await asyncio.sleep(pause)

    async def delivered(self) -> None:
        """Returns when no event is on its way any more, but those that wait for another."""
        await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Drops the events that are on their way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

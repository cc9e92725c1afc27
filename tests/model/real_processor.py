"""A processor of cards that remembers what it took, and may be lost right after it took it (C8)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import UUID

from app.domain.languages import Language
from app.domain.payments import Payment, PaymentEvent
from app.services.ports import PaymentUnavailable

T = TypeVar("T")


class Processor:
    """charged, refunded: cents by payment. declining: whose card it refuses. forgetful: each first answer is lost."""

    def __init__(self, *, forgetful: bool = False) -> None:
        self.forgetful = forgetful
        self.declining: dict[UUID, bool] = {}
        self.charged: dict[UUID, int] = {}
        self.refunded: dict[UUID, int] = {}
        self.withdrawn: set[UUID] = set()

    @property
    def kept(self) -> int:
        """Cents that were taken and not given back."""
        return sum(self.charged.values()) - sum(self.refunded.values())

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        if payment in self.charged:
            assert self.charged[payment] == amount, "the same payment is of the same amount"
            return True
        if self.declining.get(case):
            return False
        self.charged[payment] = amount
        if self.forgetful:
            raise PaymentUnavailable
        return True

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        return f"https://pay.example.com/{payment}"

    async def refund(self, payment: UUID, amount: int) -> None:
        self.refunded[payment] = amount
        assert amount <= self.charged[payment]

    def receive(self, payment: Payment) -> bool:
        """Somebody pays on its page. False: it takes nothing any more, and never took anything."""
        if payment.uuid not in self.withdrawn:
            self.charged[payment.uuid] = payment.amount
        return payment.uuid in self.charged

    async def withdraw(self, payment: UUID) -> int:
        self.withdrawn.add(payment)
        return self.charged.get(payment, 0) - self.refunded.get(payment, 0)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        return None


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Asks again, in the same words, as long as nobody knows what the processor of cards did."""
    while True:
        try:
            return await call()
        except PaymentUnavailable:
            continue

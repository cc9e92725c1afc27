"""The processor of cards in the past of the demonstration: what was asked for was paid, but for a renewal."""

from collections.abc import Mapping
from uuid import UUID

from app.domain.languages import Language
from app.domain.payments import PaymentEvent

_NEVER = "in the past of the demonstration there are saved cards only"


class PastCards:
    """Payments as the services want them."""

    def __init__(self) -> None:
        self.declined: set[UUID] = set()
        """Cases whose card is declined for now."""

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:  # noqa: ARG002 (as the port has it)
        return case not in self.declined

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        raise AssertionError(_NEVER, payment, case, amount, language)

    async def refund(self, payment: UUID, amount: int) -> None:
        raise AssertionError(_NEVER, payment, amount)

    async def withdraw(self, payment: UUID) -> int:
        raise AssertionError(_NEVER, payment)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        raise AssertionError(_NEVER, headers, body)

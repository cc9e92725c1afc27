"""What every service needs from outside: the database, the time, and the terms it has seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Terms
from app.domain.languages import Language
from app.domain.payments import PaymentEvent
from app.domain.tasks import ABANDONED_AFTER
from app.storage.database import Database
from app.storage.terms import read_terms

MOST_REMEMBERED_TERMS = 50_000


class Nudges(Protocol):
    """Tell the worker that there is work. It would find it by itself within about a second."""

    def nudge(self) -> None:
        """To be called after the commit. Returns at once and never fails."""

    async def close(self) -> None:
        """Drops what is on its way."""


class NoNudges:
    """The worker is left to find its work."""

    def nudge(self) -> None:
        return None

    async def close(self) -> None:
        return None


class PaymentUnavailable(Exception):
    """The processor could not be asked; nobody knows whether it has done what was asked for. Ask again."""


class Payments(Protocol):
    """The processor of cards (C8). Amounts in cents of CAD; the same payment asked for again is the same payment.

    It is never asked inside a transaction: it may take long, and a case must not wait for it.
    """

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        """Charges the saved card of a case. False: it was declined. Raises PaymentUnavailable."""

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        """The address of a page on which a person pays; what they do comes as an event. Raises PaymentUnavailable."""

    async def refund(self, payment: UUID, amount: int) -> None:
        """Gives back so much of what was paid, once for a payment. Raises PaymentUnavailable."""

    async def withdraw(self, payment: UUID) -> int:
        """Lets nothing be paid for it any more. Returns what was and is not given back. Raises PaymentUnavailable."""

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        """What was sent to us; headers are found by their names in any case. None: not by the processor, or too old."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One per process. clock answers the present, aware; environment is what support knows this installation by."""

    database: Database
    clock: Callable[[], datetime]
    environment: str = "production"
    test_clocks: bool = False
    """Whether cases may be put on test clocks (C10): never where real cases live."""

    abandoned_after: timedelta = ABANDONED_AFTER
    """Without an accepted report, a task is then ended and refunded (T6)."""

    nudges: Nudges = field(default_factory=NoNudges)
    payments: Payments | None = None
    """None: no card can be charged here. Changes take effect at once, and their invoices stay open."""

    seen: dict[UUID, Terms] = field(default_factory=dict)

    def now(self, terms: Terms) -> datetime | None:
        """What time it is for a case; None: it lives on a test clock, whose time the database has (C10)."""
        return self.clock() if terms.clock_id is None else None

    def idle_since(self, now: datetime | None) -> datetime | None:
        """A task without a sign of life since then is to be abandoned (T6). None: on a test clock it has been."""
        return None if now is None else now - self.abandoned_after

    def for_request(self) -> "Ports":
        """The same, with no more than a request's share of the database."""
        return replace(self, database=self.database.share())

    async def terms(self, uuid: UUID, viewer: Viewer, *, fresh: bool = False) -> Terms | None:
        """The terms of a case that exists for this viewer (A2), perhaps remembered from an earlier request.

        Remembered terms are safe to act on: the hot steps compare their version under the lock. Only a refusal has to
        be judged by fresh ones.
        """
        terms = None if fresh else self.seen.get(uuid)
        if terms is None:
            terms = await read_terms(self.database, uuid)
            if terms is None:
                return None
            if len(self.seen) >= MOST_REMEMBERED_TERMS:
                self.seen.pop(next(iter(self.seen)))
            self.seen[uuid] = terms
        return terms if viewer.sees(terms.organization_id) else None

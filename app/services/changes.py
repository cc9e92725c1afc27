"""A change of one case: the key, the right, the lock, what is due, and then the change, all in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.bills import Line
from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod, Terms
from app.domain.idempotency import Request
from app.domain.payments import Payment, PaymentDue, PaymentStatus, Wanted
from app.domain.refusals import (
    Forbidden,
    IdempotencyConflict,
    NotFound,
    PlanChangeRefused,
    PlanRefusal,
    Refusal,
)
from app.domain.texts import check_key
from app.services.due import catch_up
from app.services.invoicing import bill_case
from app.services.payments import Asked, AwaitsPayment, PayBy, begin, charge, end_overtaken, settle, with_page
from app.services.ports import Ports
from app.storage import cases as stored
from app.storage.clocks import hold_clock
from app.storage.idempotency import recall, remember
from app.storage.payments import lock_payment, note_billed, payment_of_key

Right = Callable[[Viewer, Terms], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """The case under its lock, with everything done that was due, and who changes it when."""

    connection: AsyncConnection
    case: Case
    viewer: Viewer
    now: datetime
    payment: Payment | None = None
    """What has been paid for it by card."""

    collects: bool = False
    """Whether a card has to pay first."""

    @property
    def case_id(self) -> int:
        return self.case.terms.case_id

    @property
    def paid(self) -> int:
        """Cents."""
        return 0 if self.payment is None else self.payment.amount

    def owes(self, amount: int) -> PaymentDue | None:
        """To be asked by an effect before it writes anything; what it answers, the effect answers (C8).

        None: nothing is to be paid first. What has come to more since it was paid stays open on the invoice.
        """
        return PaymentDue(amount) if self.collects and self.payment is None and amount > 0 else None


Effect = Callable[[Change], Awaitable[Refusal | PaymentDue | None]]


def administers(viewer: Viewer, _: Terms) -> bool:
    """The right to change a case (A1)."""
    return viewer.administers


async def change_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    request: Request,
    case_uuid: UUID | None,
    effect: Effect,
    right: Right = administers,
    wanted: Wanted | None = None,
    paying: Payment | PayBy = PayBy.SAVED_CARD,
) -> Case | Refusal:
    """Makes a change once (K1) and answers the case as it stands, or says why not and changes nothing.

    What is due on the case is done first (C10), and stays done when the change is refused. wanted: what a card pays
    for, where the change has a price. paying: how, or with what it has been paid. Raises AwaitsPayment where a person
    has to pay first, and PaymentUnavailable where nobody knows whether a card was charged: the same call, made again,
    goes on from there.
    """
    if flaw := check_key(key):
        return flaw
    terms = None if case_uuid is None else await ports.terms(case_uuid, viewer, fresh=True)
    if terms is None:
        return NotFound()
    if not right(viewer, terms):
        return Forbidden()
    attempt = _Attempt(ports, viewer, terms, request, effect, wanted)
    payment = paying if isinstance(paying, Payment) else None
    outcome = await attempt.run(payment, paying)
    if isinstance(outcome, Payment):
        if outcome.checkout is not None:
            raise AwaitsPayment(await with_page(ports, outcome, viewer.language))
        if not await charge(ports, outcome):
            return PlanChangeRefused(PlanRefusal.CARD_DECLINED)
        outcome = await attempt.run(outcome, paying)
    assert not isinstance(outcome, Payment), "what has been paid is not asked for again"
    if isinstance(outcome, Case):
        ports.nudges.nudge()
    return outcome


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One transaction of a change: before it is paid for, and again with the payment."""

    ports: Ports
    viewer: Viewer
    terms: Terms
    request: Request
    effect: Effect
    wanted: Wanted | None

    async def run(self, payment: Payment | None, paying: Payment | PayBy) -> Case | Refusal | Payment:
        """A payment: nothing was changed but what was due, for it has to be paid for first."""
        async with self.ports.database.writing() as connection:
            case, at = await self._lock(connection)
            if payment is not None:
                payment = await lock_payment(connection, payment.uuid)
                assert payment is not None, "what has been paid was begun"
                if payment.is_paid or not payment.may_take_effect(at):
                    return await self._too_late(connection, payment, case, at)
            known = await self._known(connection)
            outcome: Refusal | PaymentDue | None = IdempotencyConflict() if known is False else None
            if known is None:
                collects = self.wanted is not None and self.ports.payments is not None
                outcome = await self.effect(Change(connection, case, self.viewer, at, payment, collects))
            if isinstance(outcome, PaymentDue):
                assert self.wanted is not None, "only what has a price is to be paid"
                assert isinstance(paying, PayBy), "what has been paid is not asked for again"
                asked = Asked(case, self.viewer, self.wanted, outcome.amount, self.request.key, at)
                return await begin(connection, asked, paying)
            if payment is not None:
                await settle(connection, payment, applied=outcome is None and known is None, now=at)
            if outcome is not None:
                return outcome
            changed = await stored.read_case(connection, self.terms.case_id)
            if known is None:
                await remember(connection, self.terms.case_id, self.request)
                await end_overtaken(connection, case.terms, changed.terms, at)
            return changed

    async def _known(self, connection: AsyncConnection) -> bool | None:
        """As `recall`; a change that waited for its payment took effect under the key of that (K1)."""
        known = await recall(connection, self.terms.case_id, self.request)
        if known is not None or self.wanted is None:
            return known
        begun = await payment_of_key(connection, self.terms.case_id, self.request.key)
        return None if begun is None or not begun.is_paid else begun.wanted == self.wanted

    async def _too_late(
        self, connection: AsyncConnection, payment: Payment, case: Case, at: datetime
    ) -> Case | PlanChangeRefused:
        """The payment took effect before, or was ended before it could, and is given back."""
        await settle(connection, payment, applied=False, now=at)
        return case if payment.status is PaymentStatus.APPLIED else PlanChangeRefused(PlanRefusal.CARD_DECLINED)

    async def _lock(self, connection: AsyncConnection) -> tuple[Case, datetime]:
        """The case with everything done that was due, and the instant of what is done to it now (C10)."""
        clock = self.terms.clock_id
        now = self.ports.clock() if clock is None else await hold_clock(connection, clock)
        locked, at = await stored.lock_case(connection, self.terms.case_id, now)
        return await catch_up(connection, locked, at), at


async def bill_change(
    change: Change, payment_method: PaymentMethod, lines: Sequence[Line], *, own: int | None = None
) -> None:
    """Bills what a change costs, with what has been paid for it. own: the number of the change of plan.

    What was paid beyond that is given back, all of it where the change has come to be invoiced by the month.
    """
    total = sum(line.amount for line in lines) if payment_method is PaymentMethod.CARD else 0
    paid = min(change.paid, total)
    invoice_id = await bill_case(
        change.connection, change.case_id, payment_method, lines, at=change.now, own=own, paid=paid
    )
    if change.payment is not None:
        await note_billed(change.connection, change.payment.uuid, invoice_id, change.paid - paid)

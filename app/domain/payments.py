"""Payments by card: what is begun, and what becomes of it (C8). Amounts are whole cents of CAD."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import PaymentMethod, Terms
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin

CHECKOUT_LASTS = timedelta(hours=1)
"""How long a checkout waits for its person."""


class PaymentPurpose(StrEnum):
    """What changes once it is paid: the plan, bought tokens, or an invoice that stands open."""

    PLAN = "PLAN"
    TOKENS = "TOKENS"
    INVOICE = "INVOICE"


class PaymentStatus(StrEnum):
    """OPEN: nothing has changed yet. APPLIED: it was paid and took effect. NOT_APPLIED: it was paid for what could not
    be had any more, and is given back. DECLINED: of a checkout, so far; its page takes another card. EXPIRED: closed by
    somebody, by its time, or by a change after which it could not be had any more."""

    OPEN = "OPEN"
    APPLIED = "APPLIED"
    NOT_APPLIED = "NOT_APPLIED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


class PaymentOutcome(StrEnum):
    """What the processor tells of a checkout: paid, declined so far, or closed without having been paid."""

    PAID = "paid"
    DECLINED = "declined"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """Something that happened to a payment at the processor."""

    payment: UUID
    outcome: PaymentOutcome


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a payment is for: tier and payment_method of a plan, tokens of a purchase, the id of an open invoice."""

    purpose: PaymentPurpose
    tier: PlanTier | None = None
    payment_method: PaymentMethod | None = None
    tokens: int | None = None
    invoice_id: int | None = None
    origin: ChangeOrigin = ChangeOrigin.SETTINGS

    @property
    def goods(self) -> tuple[PlanTier | None, int | None, int | None]:
        """What is had for the money, whoever wants it from where."""
        return self.tier, self.tokens, self.invoice_id

    def is_overtaken(self, before: Terms, after: Terms) -> bool:
        """Whether a change of the case leaves nothing to be had for the money, so that nobody should pay any more.

        What stands open on an invoice may always be paid.
        """
        if self.purpose is PaymentPurpose.INVOICE:
            return False
        if self.origin is ChangeOrigin.PROMPT and not after.auto_upgrade_allowed:
            return True
        if after.status is not before.status:
            return True
        if self.tier is None:
            return after.plan is not None and after.plan.cap is None
        return after.tier is not None and after.tier is not before.tier and after.tier.rank >= self.tier.rank


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """What a payment of an invoice names it by."""

    uuid: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay. viewer: who began it, with the rights they had.

    checkout: the address of its page, empty until that is known; None: a saved card is charged. invoice: the one that
    it is for; None: it is for something else.
    """

    payment_id: int
    uuid: UUID
    case_id: int
    case_uuid: UUID
    viewer: Viewer
    wanted: Wanted
    amount: int
    status: PaymentStatus
    checkout: str | None
    expires_at: datetime
    invoice: OpenInvoice | None = None

    def may_take_effect(self, now: datetime) -> bool:
        """Whether what it is for may still be had once it is paid; else what was paid is given back."""
        if self.status is PaymentStatus.OPEN:
            return self.checkout is None or now < self.expires_at
        return self.status is PaymentStatus.DECLINED and self.checkout is not None and now < self.expires_at

    @property
    def is_paid(self) -> bool:
        """Whether the money has been received, and what becomes of it is settled."""
        return self.status in (PaymentStatus.APPLIED, PaymentStatus.NOT_APPLIED)


@dataclass(frozen=True, slots=True)
class PaymentDue:
    """A change that a card has to pay for first: so many cents."""

    amount: int

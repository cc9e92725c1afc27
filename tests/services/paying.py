"""Paying for a case in a test: a processor that notes what it takes, pages that are paid, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.languages import Language
from app.domain.payments import Payment, PaymentEvent, PaymentOutcome, PaymentStatus
from app.domain.plans import PlanTier
from app.domain.refusals import Refusal
from app.domain.subscriptions import ChangeOrigin
from app.services import purchases, subscriptions
from app.services.checkouts import pay_invoice
from app.services.payment_events import take_event
from app.services.payments import AwaitsPayment, PayBy
from app.services.payments_due import collect
from app.services.ports import PaymentUnavailable, Ports
from tests.plans import Life, begun

PAID, DECLINED, CLOSED = PaymentOutcome


@dataclass
class Till:
    """A processor. charged, refunded: cents by payment. fails: what it is asked for, and does not answer.

    dies: what it does, and then cannot be heard any more, as when the process that asks is killed.
    """

    charged: dict[UUID, int] = field(default_factory=dict)
    refunded: dict[UUID, int] = field(default_factory=dict)
    declines: bool = False
    fails: set[UUID] = field(default_factory=set)
    dies: bool = False
    asked: list[UUID] = field(default_factory=list)
    withdrawn: set[UUID] = field(default_factory=set)

    @property
    def kept(self) -> int:
        """Cents."""
        return sum(self.charged.values()) - sum(self.refunded.values())

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        self.asked.append(case)
        if case in self.fails:
            raise PaymentUnavailable
        if payment in self.withdrawn or (self.declines and payment not in self.charged):
            return False
        assert self.charged.setdefault(payment, amount) == amount
        if self.dies:
            raise PaymentUnavailable
        return True

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        if case in self.fails:
            raise PaymentUnavailable
        return f"https://till.example.com/{payment}"

    async def refund(self, payment: UUID, amount: int) -> None:
        if payment in self.fails:
            raise PaymentUnavailable
        assert amount <= self.charged[payment]
        assert self.refunded.setdefault(payment, amount) == amount

    async def withdraw(self, payment: UUID) -> int:
        if payment in self.fails:
            raise PaymentUnavailable
        self.withdrawn.add(payment)
        return self.charged.get(payment, 0) - self.refunded.get(payment, 0)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        return None


def paying(life: Life, till: Till | None = None) -> tuple[Life, Till]:
    """The same case where cards are charged."""
    till = till or Till()
    return life.by(replace(life.ports, payments=till, seen={})), till


async def on_pro(ports: Ports, operator: Viewer) -> tuple[Life, Till]:
    """A case on Pro whose first invoice is paid, and a till in which nothing is yet."""
    life, till = paying(await begun(ports, operator))
    await collect(life.ports)
    till.charged.clear()
    return life, till


async def upgrading(
    life: Life, tier: PlanTier = PlanTier.BUSINESS, origin: ChangeOrigin = ChangeOrigin.SETTINGS, *,
    key: str | None = None,
) -> Payment:  # fmt: skip
    """An upgrade that has to be paid on a page."""
    return await _begun(
        subscriptions.upgrade_plan(
            life.ports, life.viewer, key=key or str(uuid4()), case_uuid=life.uuid, tier=tier, origin=origin,
            paying=PayBy.CHECKOUT,
        )
    )  # fmt: skip


async def activating(life: Life, tier: PlanTier = PlanTier.PRO, *, key: str | None = None) -> Payment:
    return await _begun(
        subscriptions.activate_case(
            life.ports, life.viewer, key=key or str(uuid4()), case_uuid=life.uuid, tier=tier,
            payment_method=PaymentMethod.CARD, paying=PayBy.CHECKOUT,
        )
    )  # fmt: skip


async def reactivating(life: Life, tier: PlanTier = PlanTier.PRO) -> Payment:
    return await _begun(
        subscriptions.reactivate_case(
            life.ports, life.viewer, key=str(uuid4()), case_uuid=life.uuid, tier=tier,
            payment_method=PaymentMethod.CARD, paying=PayBy.CHECKOUT,
        )
    )  # fmt: skip


async def buying(life: Life, tokens: int = 1_000, *, key: str | None = None) -> Payment:
    return await _begun(
        purchases.buy_tokens(
            life.ports, life.viewer, key=key or str(uuid4()), case_uuid=life.uuid, tokens=tokens,
            paying=PayBy.CHECKOUT,
        )
    )  # fmt: skip


async def paying_latest(life: Life) -> Payment:
    """The latest invoice of the case, to be paid on a page."""
    payment = await pay_invoice(
        life.ports, life.viewer, key=str(uuid4()), case_uuid=life.uuid, invoice=await latest_invoice(life)
    )
    assert isinstance(payment, Payment), payment
    return payment


async def _begun(change: Any) -> Payment:
    try:
        result: Case | Refusal = await change
    except AwaitsPayment as waiting:
        return waiting.payment
    raise AssertionError(f"nothing was to be paid: {result}")


async def hear(life: Life, till: Till, payment: Payment, outcome: PaymentOutcome = PAID) -> bool:
    """The event of a page; what is paid is in the till."""
    if outcome is PAID:
        till.charged[payment.uuid] = payment.amount
    return await take_event(life.ports, PaymentEvent(payment.uuid, outcome))


class Stored(NamedTuple):
    """A payment as it is stored; cents."""

    status: PaymentStatus
    amount: int
    refund_due: int


async def latest_invoice(life: Life) -> UUID:
    rows = await _rows(life, "select i.uuid from invoices i join cases c using (case_id)", "invoice_id")
    return UUID(str(rows[-1][0]))


class Billed(NamedTuple):
    """An invoice; cents."""

    number: int
    status: str
    total: int
    paid: int


async def stored_payments(life: Life) -> list[Stored]:
    """Oldest first."""
    rows = await _rows(
        life, "select status, amount, refund_due from payments join cases c using (case_id)", "payment_id"
    )
    return [Stored(PaymentStatus(row[0]), row[1], row[2]) for row in rows]


async def billed(life: Life) -> list[Billed]:
    """The invoices of the case by card, oldest first."""
    rows = await _rows(
        life, "select number, status, total, paid from invoices join cases c using (case_id)", "invoice_id"
    )
    return [Billed(*row) for row in rows]


async def _rows(life: Life, query: str, order: str) -> Sequence[Any]:
    async with life.ports.database.writing() as connection:
        found = await connection.execute(text(f"{query} where c.uuid = :uuid order by {order}"), {"uuid": life.uuid})
        return found.all()

"""The pages and saved cards of the real system, as the driver of histories sees them (C8)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.payments import Payment, PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin
from app.services import purchases, subscriptions
from app.services.payment_events import take_event
from app.services.payments import AwaitsPayment, PayBy
from app.services.ports import Ports
from tests.model.model_results import Awaited, Result, Success
from tests.model.real_answers import answer
from tests.model.real_processor import Processor


class RealCheckouts:
    """pages: the latest of each case and purpose."""

    ports: Ports
    processor: Processor | None
    pages: dict[tuple[str, str], Payment]

    def uuid(self, case: str) -> UUID:
        raise NotImplementedError

    async def caller(self, name: str, at: datetime) -> Viewer:
        raise NotImplementedError

    async def open_checkout(
        self, *, case: str, tier: str | None, tokens: int | None, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        started: dict[str, Any] = {"key": key, "case_uuid": self.uuid(case), "paying": PayBy.CHECKOUT}
        try:
            if tier is None:
                assert tokens is not None
                return answer(case, await purchases.buy_tokens(self.ports, viewer, tokens=tokens, **started))
            started |= {"tier": PlanTier(tier), "origin": ChangeOrigin.SETTINGS}
            return answer(case, await subscriptions.upgrade_plan(self.ports, viewer, **started))
        except AwaitsPayment as awaits:
            payment = awaits.payment
            self.pages[case, payment.wanted.purpose] = payment
            return Awaited(case, payment.wanted.purpose, payment.amount)

    async def use_checkout(self, *, case: str, purpose: str, outcome: str, at: datetime) -> Result:
        await self.caller("asks", at)
        if payment := self.pages.get((case, purpose)):
            assert self.processor is not None
            if outcome in ("paid", "lost") and not self.processor.receive(payment):
                return Success(case)
            if outcome != "lost":
                assert await take_event(self.ports, PaymentEvent(payment.uuid, PaymentOutcome(outcome)))
        return Success(case)

    async def set_card(self, *, case: str, declines: bool, at: datetime) -> Result:
        await self.caller("asks", at)
        assert self.processor is not None
        self.processor.declining[self.uuid(case)] = declines
        return Success(case)

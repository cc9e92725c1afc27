"""Paying on a page (C8): nothing changes before it is known to be paid, and then once, at that instant."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tests.model import model_plans as plans
from tests.model.model_case import Case
from tests.model.model_charges import cents
from tests.model.model_input_faults import key_fault, purchase_fault
from tests.model.model_plan_commands import PlanCommands
from tests.model.model_prices import TIERS
from tests.model.model_results import Awaited, Refusal, Result, Success

LASTS = timedelta(hours=1)


@dataclass
class Checkout:
    """What somebody may pay for until it expires: an upgrade to a tier, or tokens. amount: cents."""

    caller: str
    tier: str | None
    tokens: int | None
    amount: int
    expires_at: datetime
    paid: bool = False

    def refusal(self, case: Case) -> Refusal | None:
        """Why it cannot be had; whoever pays by card for an upgrade goes on by card."""
        if case.status != "ACTIVE":
            return Refusal("CASE_NOT_ACTIVE")
        impossible = case.cap is None if self.tier is None else TIERS.index(self.tier) <= TIERS.index(case.tier)
        return Refusal("PLAN_CHANGE_REFUSED") if impossible else None

    def change(self, case: Case, at: datetime, *, by_card: bool = False) -> None:
        if self.tier is not None:
            plans.upgrade(case, self.tier, at, by_card=by_card)
        elif self.tokens is not None:
            plans.buy(case, self.tokens, at)


class CheckoutCommands(PlanCommands):
    """The model's pages; of each case and purpose the latest counts."""

    @cached_property
    def _pages(self) -> dict[tuple[str, str], Checkout]:
        return {}

    def open_checkout(
        self, *, case: str, tier: str | None, tokens: int | None, at: datetime, caller: str, key: str
    ) -> Result:
        """Of an upgrade or of a purchase: the live one of its purpose, if any. What costs nothing now is done."""
        self.pass_time(at)
        fault = purchase_fault(tokens) if tokens is not None else None
        if fault := key_fault(key) or fault or self._unknown(case):
            return fault
        of, place = self.cases[case], (case, "TOKENS" if tier is None else "PLAN")
        asked = Checkout(caller, tier, tokens, 0, at + LASTS)

        def effect() -> Success | Refusal:
            refusal = asked.refusal(of)
            if refusal is None:
                asked.change(of, at)
                self.post(of)
            return refusal or Success(case)

        tried = deepcopy(of)
        if asked.refusal(tried) is None:
            asked.change(tried, at)
            asked.amount = cents(tried.charges[-1].now)
        if not asked.amount:
            mutation = "buyTokens" if tier is None else "upgradePlan"
            return self._once(
                (mutation, case, caller, key), tokens if tier is None else (tier, "SETTINGS", False), effect
            )
        live = self._pages.get(place)
        if live is None or live.paid or live.expires_at <= at:
            live = self._pages[place] = asked
        return Awaited(case, place[1], live.amount)

    def pay_checkout(self, *, case: str, purpose: str, at: datetime) -> Result:
        """The processor tells that the latest one was paid; told again, or told of none, it changes nothing."""
        self.pass_time(at)
        checkout = self._pages.get((case, purpose))
        if checkout is None or checkout.paid:
            return Success(case)
        checkout.paid = True
        of = self.cases[case]
        if at < checkout.expires_at and checkout.refusal(of) is None:
            of.actor = checkout.caller
            checkout.change(of, at, by_card=True)
            self.post(of, received=checkout.amount)
        return Success(case)

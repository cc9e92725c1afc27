"""Paying on a page (C8): nothing changes before it is known to be paid, and then once, at that instant."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tests.model import model_plans as plans
from tests.model.model_case import Case
from tests.model.model_charges import Charge, cents
from tests.model.model_input_faults import key_fault, purchase_fault
from tests.model.model_memory import Place
from tests.model.model_plan_commands import PlanCommands
from tests.model.model_prices import PLANS, TIERS
from tests.model.model_results import Awaited, Refusal, Result, Success

LASTS = timedelta(hours=1)


@dataclass
class Checkout:
    """What somebody may pay for until it expires: an upgrade to a tier, or tokens. amount: cents.

    known: bills of the case when it was begun. declined: so far. over: nothing comes of it any more.
    """

    caller: str
    key: str
    tier: str | None
    tokens: int | None
    amount: int
    expires_at: datetime
    known: int
    declined: bool = False
    over: bool = False

    @property
    def wanted(self) -> tuple[str | None, int | None]:
        return self.tier, self.tokens

    @property
    def given(self) -> object:
        """As K1 remembers it."""
        return self.tokens if self.tier is None else (self.tier, "SETTINGS", False)

    def place(self, case: Case) -> Place:
        return "buyTokens" if self.tier is None else "upgradePlan", case.name, self.caller, self.key

    def is_live(self, case: Case, at: datetime) -> bool:
        """A change since then may have left nothing to be had, for good."""
        return not self.over and at < self.expires_at and not any(map(self._is_overtaken, case.charges[self.known :]))

    def _is_overtaken(self, charge: Charge) -> bool:
        if charge.kind != "UPGRADE":
            return charge.kind in {"ACTIVATION", "REACTIVATION", "DEACTIVATION"}
        tier = next(line.tier for line in charge.lines if line.kind == "PLAN")
        assert tier is not None
        return PLANS[tier].cap is None if self.tier is None else TIERS.index(tier) >= TIERS.index(self.tier)

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
        of, purpose = self.cases[case], "TOKENS" if tier is None else "PLAN"
        asked = Checkout(caller, key, tier, tokens, 0, at + LASTS, len(of.charges))

        def effect() -> Success | Refusal:
            refusal = asked.refusal(of)
            if refusal is None:
                asked.change(of, at)
                self.post(of)
            return refusal or Success(case)

        tried = deepcopy(of)
        if asked.place(of) not in self.remembered and asked.refusal(tried) is None:
            asked.change(tried, at)
            asked.amount = cents(tried.charges[-1].now)
        if not asked.amount:
            return self._once(asked.place(of), asked.given, effect)
        live = self._pages.get((case, purpose))
        if live is None or not live.is_live(of, at) or (live.declined and live.wanted != asked.wanted):
            live = self._pages[case, purpose] = asked
        return Awaited(case, purpose, live.amount)

    def use_checkout(self, *, case: str, purpose: str, outcome: str, at: datetime) -> Result:
        """What a person does on the latest page. It is known at once unless it was paid and the event is `lost`.

        Told again, or told of none, it changes nothing. What was paid and changes nothing comes back.
        """
        self.pass_time(at)
        checkout = self._pages.get((case, purpose))
        if checkout is None or checkout.over or outcome == "lost":
            return Success(case)
        of = self.cases[case]
        had = outcome == "paid" and checkout.is_live(of, at) and checkout.refusal(of) is None
        checkout.declined = checkout.declined or outcome == "declined"
        checkout.over = outcome != "declined"
        if had:
            of.actor = checkout.caller
            checkout.change(of, at, by_card=True)
            self.post(of, received=checkout.amount)
            self.remembered[checkout.place(of)] = (checkout.given, Success(case))
        return Success(case)

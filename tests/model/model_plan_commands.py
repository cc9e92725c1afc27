"""What admins ask about the plan of a case: changes, purchases, previews (C2, C3, C7, C9)."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime

from tests.model import model_plans as plans
from tests.model.model_case import Case
from tests.model.model_charges import cents
from tests.model.model_input_faults import key_fault, purchase_fault
from tests.model.model_memory import Memory
from tests.model.model_prices import TIERS
from tests.model.model_results import Refusal, Result, Success

# Cases whose organization is on the portal's contracted list (C7).
CONTRACTED = frozenset({"B", "D", "E"})


def organization_of(case: str) -> str:
    """There are two of them."""
    return "contracted" if case in CONTRACTED else "not contracted"


class PlanCommands(Memory):
    """The model's plans. Everybody who asks is an operator, except that nobody may do what C9 switches off."""

    def activate(self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str) -> Result:
        """L5, C1. A case that is or was active is refused."""
        return self._begin("activateCase", "NOT_ACTIVATED", case, tier, payment_method, at, caller, key)

    def reactivate(self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str) -> Result:
        """L5, C3. Only a deactivated case can be."""
        return self._begin("reactivateCase", "DEACTIVATED", case, tier, payment_method, at, caller, key)

    def upgrade(
        self, *, case: str, tier: str, origin: str, by_card: bool, at: datetime, caller: str, key: str
    ) -> Result:
        """C2, to a dearer plan; C9: not from a prompt where that is switched off. by_card: from now on."""
        self.pass_time(at)

        def effect(of: Case) -> Refusal | None:
            if TIERS.index(tier) <= TIERS.index(of.tier):
                return Refusal("PLAN_CHANGE_REFUSED")
            return self._paid(of, lambda case: plans.upgrade(case, tier, at, by_card=by_card))

        return self._change("upgradePlan", case, (tier, origin, by_card), caller, key, effect, origin)

    def schedule_downgrade(self, *, case: str, tier: str, origin: str, at: datetime, caller: str, key: str) -> Result:
        """C3: to a cheaper plan at the end of the cycle, instead of what was scheduled before."""
        self.pass_time(at)

        def effect(of: Case) -> Refusal | None:
            if TIERS.index(tier) >= TIERS.index(of.tier):
                return Refusal("PLAN_CHANGE_REFUSED")
            of.scheduled_tier = tier
            return None

        return self._change("scheduleDowngrade", case, (tier, origin), caller, key, effect, origin)

    def cancel_downgrade(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        """C3: there must be one."""
        self.pass_time(at)

        def effect(of: Case) -> Refusal | None:
            if of.scheduled_tier is None:
                return Refusal("PLAN_CHANGE_REFUSED")
            of.scheduled_tier = None
            return None

        return self._change("cancelScheduledDowngrade", case, None, caller, key, effect)

    def deactivate(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        """C3, L6."""
        self.pass_time(at)

        def effect(of: Case) -> Refusal | None:
            plans.deactivate(of, at)
            self.post(of)
            return None

        return self._change("deactivateCase", case, None, caller, key, effect)

    def buy(self, *, case: str, tokens: int, at: datetime, caller: str, key: str) -> Result:
        """L3; an unlimited reservoir needs none (L7)."""
        self.pass_time(at)

        def effect(of: Case) -> Refusal | None:
            if of.cap is None:
                return Refusal("PLAN_CHANGE_REFUSED")
            return self._paid(of, lambda case: plans.buy(case, tokens, at))

        if fault := key_fault(key) or purchase_fault(tokens):
            return fault
        return self._change("buyTokens", case, tokens, caller, key, effect)

    def preview(self, *, case: str, tier: str, at: datetime) -> Result:
        """What a change to this tier would do now."""
        self.pass_time(at)
        return self._unknown(case) or plans.preview(self.cases[case], tier, at)

    def preview_deactivation(self, *, case: str, at: datetime) -> Result:
        """What a deactivation would take now."""
        self.pass_time(at)
        if fault := self._unknown(case):
            return fault
        active = self.cases[case].status == "ACTIVE"
        return plans.preview_deactivation(self.cases[case], at) if active else Refusal("CASE_NOT_ACTIVE")

    def set_card(self, *, case: str, declines: bool, at: datetime) -> Result:
        """C8: what the processor says to the card of a registered case."""
        self.pass_time(at)
        self.cases[case].card_declines = declines
        return Success(case)

    # ---------------------------------------------------------------------------------------- within

    def _begin(
        self,
        mutation: str,
        status: str,
        case: str,
        tier: str,
        payment_method: str,
        at: datetime,
        caller: str,
        key: str,
    ) -> Result:
        self.pass_time(at)
        if fault := key_fault(key) or self._unknown(case):
            return fault

        def effect() -> Success | Refusal:
            if self.cases[case].status != status:
                return Refusal("PLAN_CHANGE_REFUSED")
            if payment_method == "MONTHLY_INVOICE" and case not in CONTRACTED:
                return Refusal("INVOICING_NOT_CONTRACTED")
            refusal = self._paid(self.cases[case], lambda of: plans.activate(of, tier, payment_method, at))
            return refusal or Success(case)

        return self._once((mutation, case, caller, key), (tier, payment_method), effect)

    def _paid(self, case: Case, change: Callable[[Case], None]) -> Refusal | None:
        """C8: what costs something by card takes effect once the card has paid, or not at all."""
        tried = deepcopy(case)
        change(tried)
        price = cents(tried.charges[-1].now) if self.charges_cards else 0
        if price and case.card_declines:
            return Refusal("PLAN_CHANGE_REFUSED")
        change(case)
        self.post(case, received=price)
        return None

    def _change(
        self,
        mutation: str,
        case: str,
        given: object,
        caller: str,
        key: str,
        effect: Callable[[Case], Refusal | None],
        origin: str = "SETTINGS",
    ) -> Result:
        """A change of an active case. Rights are looked at before keys, keys before everything else (K1)."""
        if fault := key_fault(key) or self._unknown(case):
            return fault
        if origin == "PROMPT" and not self.cases[case].auto_upgrade_allowed:
            return Refusal("FORBIDDEN")

        def once() -> Success | Refusal:
            if self.cases[case].status != "ACTIVE":
                return Refusal("CASE_NOT_ACTIVE")
            return effect(self.cases[case]) or Success(case)

        return self._once((mutation, case, caller, key), given, once)

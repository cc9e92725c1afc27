"""A case: its reservoir, its tasks and the gates that they pass (T1 to T6)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from tests.model.model_charges import Charge, Credit, cad
from tests.model.model_cycles import next_refill_time
from tests.model.model_prices import PLANS, TIERS, Order
from tests.model.model_results import Refusal
from tests.model.model_tank import Tank
from tests.model.model_task import Outcome, Task, auto_difference, charges_by_category

NO_TAX = Decimal(0)


class Prompt(TypedDict):
    """What a refusal offers: the cheapest plan that helps, and whether one may upgrade from there (T1, C9)."""

    minimum_tier: str | None
    may_upgrade: bool


class Case(Tank):
    """Everything about one case. `now`: all that fell due at or before then has been done (C10).

    credits: carried from upgrades by card, the oldest first; charges: everything that it was ever billed.
    """

    def __init__(self, name: str, now: datetime, organization: str = "", tax_rate: Decimal = NO_TAX) -> None:
        super().__init__(name)
        self.now = now
        self.organization = organization
        self.tax_rate = tax_rate
        self.card_declines = False
        self.anchor_day = 0
        self.payment_method = "CARD"
        self.scheduled_tier: str | None = None
        self.credits: list[Credit] = []
        self.charges: list[Charge] = []
        self.overage_enabled = False
        self.overage_ceiling: int | None = None
        self.auto_upgrade_allowed = True
        self.tasks: list[Task] = []

    @property
    def credit_left(self) -> Decimal:
        """CAD."""
        return cad(sum(credit.left for credit in self.credits))

    @property
    def running(self) -> list[Task]:
        """Running tasks in order of number."""
        return [task for task in self.tasks if task.status == "RUNNING"]

    @property
    def next_refill_at(self) -> datetime | None:
        """L4: the next 09:00; a fill at 09:00:00 or later has done its date. None: inactive, or without refills."""
        refills = self.status == "ACTIVE" and PLANS[self.tier].refill
        return next_refill_time(self.now) if refills else None

    def refusal_of(self, order: Order) -> Refusal | None:
        """T1: the first gate that the order does not pass, or None."""
        if self.status != "ACTIVE":
            return Refusal("CASE_NOT_ACTIVE")
        prompt: Prompt = {"minimum_tier": self._minimum_tier(order), "may_upgrade": self.auto_upgrade_allowed}
        if not order.feature_in(self.tier):
            return Refusal("FEATURE_NOT_IN_PLAN", feature="MULTI_CODE", **prompt)
        if not order.within_bulk_limit(self.tier):
            limit = PLANS[self.tier].bulk_limit
            return Refusal("BULK_LIMIT_EXCEEDED", limit=limit, **prompt)
        lacking = self.lacking(order.reserved)
        room = self.overage_room(self.settled_overage)
        if room is not None and lacking > room:
            return Refusal(
                "INSUFFICIENT_TOKENS",
                required=order.reserved,
                balance=self.balance,
                missing=lacking,
                next_refill_at=self.next_refill_at,
                overage_ceiling=self.overage_ceiling if self.overage_enabled else None,
                overage_left=room,
                **prompt,
            )
        return None

    def _minimum_tier(self, order: Order) -> str | None:
        """T1: the cheapest higher tier that passes all gates right after an upgrade, which fills the reservoir.

        A fill takes nothing away (L5): what is free now is still free where tokens held at a downgrade leave no room.
        """
        room = self.overage_room(0)
        for tier in TIERS[TIERS.index(self.tier) + 1 :]:
            cap = PLANS[tier].cap
            free = None if cap is None else max(self.sum_of_balance, cap + self.purchased - self.held)
            enough = free is None or room is None or free + room >= order.reserved
            if order.feature_in(tier) and order.within_bulk_limit(tier) and enough:
                return tier
        return None

    @property
    def settled_overage(self) -> int:
        """Tokens of the open cycle."""
        return sum(entry.overage_change for entry in self.entries if entry.cycle == self.cycles[-1].number)

    def overage_room(self, settled: int) -> int | None:
        """T5: tokens that a new task may lack, beside what is settled and what running tasks set aside. None: any."""
        if not self.overage_enabled:
            return 0
        if self.overage_ceiling is None:
            return None
        return max(0, self.overage_ceiling - settled - sum(self.provisional_of(task) for task in self.running))

    def start(self, order: Order, name: str | None, at: datetime) -> Task:
        """T2, T5: a task whose every document is set aside."""
        held = order.reserved - self.lacking(order.reserved)
        task = Task(len(self.tasks) + 1, order, name, held, created_at=at, last_sign_at=at)
        self.tasks.append(task)
        self.set_aside(task, at)
        return task

    def record(self, task: Task, outcomes: Mapping[str, Outcome], at: datetime) -> None:
        """T3, T4: keep the first outcome of each document, charge by category, give back what AUTO did not need."""
        task.last_sign_at = at
        new = {document: outcome for document, outcome in outcomes.items() if document not in task.documents}
        task.documents.update(new)
        for category, tokens in charges_by_category(task.order, new.values()).items():
            self.charge(task, category, tokens, at)
        self.refund(task, auto_difference(task.order, new.values()), at)

    def end(self, task: Task, status: str, at: datetime) -> None:
        """T3, T6: the task ends and everything it still sets aside comes back."""
        task.status, task.finished_at = status, at
        self.refund(task, self.held_by(task) + self.provisional_of(task), at)

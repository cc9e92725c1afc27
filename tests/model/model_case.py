"""A case: an append-only list of entries, and whatever follows from adding them up (L1 to L7, T2, T3, T5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.model.model_cycles import Cycle, anchor_day_of, end_of_cycle
from tests.model.model_prices import PLANS, TIERS, Order
from tests.model.model_results import Refusal
from tests.model.model_task import Outcome, Task, auto_difference, charges_by_category


@dataclass(frozen=True)
class Entry:
    """One line of the ledger; all changes in tokens. Balances are None on an unlimited reservoir (L7)."""

    sequence: int
    kind: str
    balance_change: int | None
    held_change: int
    purchased_change: int
    provisional_change: int
    overage_change: int
    balance_after: int | None
    held_after: int
    category: str | None
    task: int | None
    cycle: int
    at: datetime


class Case:
    """The reservoir, the tasks and the cycles of one case. Nothing is counted along: every figure is a sum."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.status = "NOT_ACTIVATED"
        self.tier = TIERS[0]
        self.anchor_day = 0
        self.overage_enabled = False
        self.auto_upgrade_allowed = True
        self.entries: list[Entry] = []
        self.tasks: list[Task] = []
        self.cycles: list[Cycle] = []

    @property
    def cap(self) -> int | None:
        """Tokens the plan fills to; None: unlimited; 0 while the case is not active (L6)."""
        return PLANS[self.tier].cap if self.status == "ACTIVE" else 0

    @property
    def balance(self) -> int | None:
        """Tokens free to spend; None: unlimited (L7)."""
        return None if self.cap is None else sum(entry.balance_change or 0 for entry in self.entries)

    @property
    def held(self) -> int:
        """Tokens of the reservoir that running tasks have set aside."""
        return sum(entry.held_change for entry in self.entries)

    @property
    def purchased(self) -> int:
        """The bought part of balance + held."""
        return sum(entry.purchased_change for entry in self.entries)

    def held_by(self, task: Task) -> int:
        """What the task still holds in the reservoir."""
        return sum(entry.held_change for entry in self.entries if entry.task == task.number)

    def provisional_of(self, task: Task) -> int:
        """What the task still sets aside beyond the reservoir."""
        return sum(entry.provisional_change for entry in self.entries if entry.task == task.number)

    # ------------------------------------------------------------------------------------------ time

    def activate(self, tier: str, at: datetime) -> None:
        """L5, C1: a first cycle opens and the reservoir is filled to the cap."""
        self.status, self.tier, self.anchor_day = "ACTIVE", tier, anchor_day_of(at)
        self.cycles.append(Cycle(1, at, end_of_cycle(at, self.anchor_day), tier))
        if self.cap is not None:
            fill = max(0, self.cap + self.purchased - (self.balance or 0) - self.held)
            self._write("ACTIVATION_FILL", at, balance=fill)

    def renew(self, at: datetime) -> None:
        """C1: every cycle that has ended by `at` is followed by the next one; no balance changes (L5)."""
        while self.status == "ACTIVE" and self.cycles[-1].ends_at <= at:
            last = self.cycles[-1]
            ends_at = end_of_cycle(last.ends_at, self.anchor_day)
            self.cycles.append(Cycle(last.number + 1, last.ends_at, ends_at, self.tier))

    # ----------------------------------------------------------------------------------------- tasks

    def refusal_of(self, order: Order) -> Refusal | None:
        """T1: the first gate that the order does not pass, or None."""
        if self.status != "ACTIVE":
            return Refusal("CASE_NOT_ACTIVE")
        if not order.feature_in(self.tier):
            return Refusal("FEATURE_NOT_IN_PLAN", feature="MULTI_CODE", minimum_tier=self._minimum_tier(order))
        if not order.within_bulk_limit(self.tier):
            limit = PLANS[self.tier].bulk_limit
            return Refusal("BULK_LIMIT_EXCEEDED", limit=limit, minimum_tier=self._minimum_tier(order))
        lacking = self.lacking_for(order)
        if lacking and not self.overage_enabled:
            return Refusal(
                "INSUFFICIENT_TOKENS",
                required=order.reserved,
                balance=self.balance,
                missing=lacking,
                minimum_tier=self._minimum_tier(order),
            )
        return None

    def lacking_for(self, order: Order) -> int:
        """Tokens of the order that the balance does not cover."""
        return 0 if self.balance is None else max(0, order.reserved - self.balance)

    def _minimum_tier(self, order: Order) -> str | None:
        """T1: the cheapest higher tier that passes all gates right after an upgrade, which fills the reservoir."""
        for tier in TIERS[TIERS.index(self.tier) + 1 :]:
            cap = PLANS[tier].cap
            enough = self.overage_enabled or cap is None or cap + self.purchased - self.held >= order.reserved
            if order.feature_in(tier) and order.within_bulk_limit(tier) and enough:
                return tier
        return None

    def start(self, order: Order, name: str | None, at: datetime) -> Task:
        """T2, T5: a task whose every document is set aside, from the balance first, the rest beyond the reservoir."""
        beyond = self.lacking_for(order)
        held = order.reserved - beyond
        task = Task(len(self.tasks) + 1, order, name, held, created_at=at, last_sign_at=at)
        self.tasks.append(task)
        self._write("RESERVE", at, task=task, balance=-held, held=held, provisional=beyond)
        return task

    def record(self, task: Task, outcomes: Mapping[str, Outcome], at: datetime) -> None:
        """T3, T4: keep the first outcome of each document, charge by category, give back what AUTO did not need."""
        task.last_sign_at = at
        new = {document: outcome for document, outcome in outcomes.items() if document not in task.documents}
        task.documents.update(new)
        for category, tokens in charges_by_category(task.order, new.values()).items():
            self._charge(task, category, tokens, at)
        self._refund(task, auto_difference(task.order, new.values()), at)

    def end(self, task: Task, status: str, at: datetime) -> None:
        """T3, T6: the task ends and everything it still sets aside comes back."""
        task.status, task.finished_at = status, at
        self._refund(task, self.held_by(task) + self.provisional_of(task), at)

    def _charge(self, task: Task, category: str, tokens: int, at: datetime) -> None:
        """T5: the task's own held part first, what is left is overage; then L3 for the bought tokens."""
        held = min(tokens, self.held_by(task))
        beyond = tokens - held
        bought = 0
        if self.balance is not None:
            bought = min(self.purchased, self.balance + self.held - held) - self.purchased
        changes = {"held": -held, "purchased": bought, "provisional": -beyond, "overage": beyond}
        self._write("CHARGE", at, task=task, category=category, **changes)

    def _refund(self, task: Task, tokens: int, at: datetime) -> None:
        """T5: what was set aside beyond the reservoir is released first, the rest returns to the balance."""
        beyond = min(tokens, self.provisional_of(task))
        back = tokens - beyond
        self._write("REFUND", at, task=task, balance=back, held=-back, provisional=-beyond)

    def _write(
        self,
        kind: str,
        at: datetime,
        *,
        task: Task | None = None,
        category: str | None = None,
        balance: int = 0,
        held: int = 0,
        purchased: int = 0,
        provisional: int = 0,
        overage: int = 0,
    ) -> None:
        """L1: append one entry to the open cycle (C4); nothing where all changes are 0 (T3)."""
        if not (balance or held or purchased or provisional or overage):
            return
        unlimited = self.cap is None
        self.entries.append(
            Entry(
                sequence=len(self.entries) + 1,
                kind=kind,
                balance_change=None if unlimited else balance,
                held_change=held,
                purchased_change=purchased,
                provisional_change=provisional,
                overage_change=overage,
                balance_after=None if unlimited else (self.balance or 0) + balance,
                held_after=self.held + held,
                category=category,
                task=task.number if task else None,
                cycle=self.cycles[-1].number,
                at=at,
            )
        )

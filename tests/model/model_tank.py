"""The reservoir of a case: an append-only list of entries, and whatever follows from adding them up (L1 to L7, T5)."""

from dataclasses import dataclass
from datetime import datetime

from tests.model.model_cycles import Cycle
from tests.model.model_prices import PLANS, TIERS
from tests.model.model_task import Task


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
    actor: str


class Tank:
    """What a case may spend. Nothing is counted along: every figure is a sum. `actor` causes the entries (L1)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.status = "NOT_ACTIVATED"
        self.tier = TIERS[0]
        self.cycles: list[Cycle] = []
        self.entries: list[Entry] = []
        self.actor = ""

    @property
    def cap(self) -> int | None:
        """Tokens the plan fills to; None: unlimited; 0 while the case is not active (L6)."""
        return PLANS[self.tier].cap if self.status == "ACTIVE" else 0

    @property
    def sum_of_balance(self) -> int:
        """What the changes of balance add up to; those of an unlimited reservoir count as 0 (L7)."""
        return sum(entry.balance_change or 0 for entry in self.entries)

    @property
    def balance(self) -> int | None:
        """Tokens free to spend; None: unlimited (L7)."""
        return None if self.cap is None else self.sum_of_balance

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

    # ---------------------------------------------------------------------------------------- plans

    def fill(self, kind: str, at: datetime) -> None:
        """L5: up to the cap and what was bought; an unlimited reservoir needs none."""
        if self.cap is not None:
            self._write(kind, at, balance=max(0, self.cap + self.purchased - self.sum_of_balance - self.held))

    def refill_amount(self) -> int:
        """L4: the granted part of the tank grows by the daily refill, and not above the cap."""
        refill = PLANS[self.tier].refill if self.status == "ACTIVE" else 0
        if self.cap is None or not refill:
            return 0
        return max(0, min(refill, self.cap - (self.sum_of_balance + self.held - self.purchased)))

    def refill(self, at: datetime) -> None:
        """L4: at 09:00; nothing is written where nothing is added."""
        self._write("DAILY_REFILL", at, balance=self.refill_amount())

    def buy(self, tokens: int, at: datetime) -> None:
        """L3: bought tokens may stand above the cap."""
        self._write("PURCHASE", at, balance=tokens, purchased=tokens)

    def clamp(self, at: datetime) -> None:
        """L6: what stands above the limit goes, but neither bought tokens nor held ones."""
        if self.cap is None:
            return
        above = max(0, self.sum_of_balance + self.held - self.purchased - self.cap)
        self._write("DOWNGRADE_CLAMP", at, balance=-min(above, max(0, self.sum_of_balance - self.purchased)))

    def leave_unlimited(self, at: datetime) -> None:
        """L7: there is a balance again; what is held counts against the cap, what was bought stands above it."""
        assert self.cap is not None
        balance = self.purchased + max(0, self.cap - self.held)
        self._write("DOWNGRADE_CLAMP", at, balance=balance - self.sum_of_balance)

    def clear(self, at: datetime) -> None:
        """L6: a case that is not active has nothing."""
        self._write("DEACTIVATION_CLEAR", at, balance=-self.sum_of_balance, purchased=-self.purchased)

    # ---------------------------------------------------------------------------------------- tasks

    def lacking(self, tokens: int) -> int:
        """How many of these tokens the balance does not cover."""
        return 0 if self.balance is None else max(0, tokens - self.balance)

    def set_aside(self, task: Task, at: datetime) -> None:
        """T2, T5: from the balance first, the rest beyond the reservoir."""
        beyond = self.lacking(task.reserved)
        held = task.reserved - beyond
        self._write("RESERVE", at, task=task, balance=-held, held=held, provisional=beyond)

    def hold_all(self, task: Task, at: datetime) -> None:
        """T5: on an unlimited reservoir nothing is beyond it."""
        beyond = self.provisional_of(task)
        self._write("UPGRADE_FILL", at, task=task, held=beyond, provisional=-beyond)

    def charge(self, task: Task, category: str, tokens: int, at: datetime) -> None:
        """T5: the task's own held part first, what is left is overage; then L3 for the bought tokens."""
        held = min(tokens, self.held_by(task))
        beyond = tokens - held
        bought = 0
        if self.balance is not None:
            bought = min(self.purchased, self.balance + self.held - held) - self.purchased
        changes = {"held": -held, "purchased": bought, "provisional": -beyond, "overage": beyond}
        self._write("CHARGE", at, task=task, category=category, **changes)

    def refund(self, task: Task, tokens: int, at: datetime) -> None:
        """T5: what was set aside beyond the reservoir is released first, the rest returns to the balance.

        L6: it lands in full; what it lifts above the limit is clamped afterwards.
        """
        beyond = min(tokens, self.provisional_of(task))
        back = tokens - beyond
        self._write("REFUND", at, task=task, balance=back, held=-back, provisional=-beyond)
        self.clamp(at)

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
                balance_after=None if unlimited else self.sum_of_balance + balance,
                held_after=self.held + held,
                category=category,
                task=task.number if task else None,
                cycle=self.cycles[-1].number,
                at=at,
                actor=self.actor,
            )
        )

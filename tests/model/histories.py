"""Random histories by seed: what clients do, drawn so that it often lands where rules meet.

Near the edge of the balance, keys used again with the same and with another input, documents repeated, in conflict,
out of order and after the end, overage switched while tasks run, several cases, seconds to days between commands,
across midnights, ends of months and clock changes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.model.history_commands import (
    Abandon,
    Activate,
    Command,
    CreateTask,
    FinishTask,
    Keyed,
    QuoteTask,
    RecordOutcomes,
    Register,
    SetSettings,
)
from tests.model.history_reports import Report, draw_report
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_cycles import EASTERN
from tests.model.model_prices import LARGEST, TIERS, Order
from tests.model.model_task import Task

T = TypeVar("T")

# Shortly before short months, clock changes, a turn of the year and a leap day.
BEGINNINGS = ((2026, 1, 29), (2026, 2, 26), (2026, 3, 6), (2026, 10, 30), (2026, 12, 29), (2028, 1, 30))
MODES = ("AUTO", "TEXT", "IMAGE", "AUDIO", "VIDEO")
AROUND_LIMITS = (999, 1_000, 1_001, 9_999, 10_000, 10_001, 99_999, 100_000, 100_001)


class History:
    """Draws the next command from a seed and the model's present state; both the same give the same command."""

    def __init__(self, seed: int, cases: Sequence[str] = ("A", "B", "C")) -> None:
        self.random = Random(seed)
        self.cases = cases
        self.now = datetime(*self.random.choice(BEGINNINGS), self.random.randrange(24), tzinfo=UTC)
        self.sent: list[Keyed] = []
        self.keys = 0

    def next(self, model: Model) -> Command:
        """One more command, at the same instant as the last or later."""
        self.now += self._pause()
        command = self._draw(model)
        if not isinstance(command, QuoteTask | Abandon):
            self.sent.append(command)
        return command

    def _pause(self) -> timedelta:
        random = self.random
        midnight = (self.now.astimezone(EASTERN) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        to_midnight = midnight.astimezone(UTC) - self.now
        pauses = {
            timedelta(0): 15,
            timedelta(microseconds=random.randrange(1, 2_000_000)): 30,
            timedelta(seconds=random.randrange(3_600)): 30,
            timedelta(hours=random.randrange(1, 24)): 8,
            timedelta(days=random.randrange(1, 20)): 2,
            to_midnight - timedelta.resolution: 3,
            to_midnight: 3,
        }
        return self._weighted(pauses)

    def _draw(self, model: Model) -> Command:
        registered = [name for name in self.cases if name in model.cases]
        if not registered or (len(registered) < len(self.cases) and self._chance(0.1)):
            return Register(case=self.cases[len(registered)], **self._sender())
        if self._chance(0.1):
            return self._again(model.cases[self.random.choice(registered)])
        if self._chance(0.01):
            return replace(self._fresh(model.cases[registered[0]]), case="nowhere")
        return self._fresh(model.cases[self.random.choice(registered)])

    def _again(self, case: Case) -> Command:
        """An earlier key: with its input, from another caller, with another input or for another mutation (K1)."""
        earlier = self.random.choice(self.sent)
        if isinstance(earlier, Register):
            return replace(earlier, case=self.random.choice((earlier.case, *self.cases)), at=self.now)
        if self._chance(0.5):
            return replace(earlier, at=self.now)
        if self._chance(0.2):
            return replace(earlier, at=self.now, caller=self._caller())
        fresh = self._fresh(case)
        if isinstance(fresh, QuoteTask | Abandon):
            return replace(earlier, at=self.now)
        same_case = [command for command in self.sent if command.case == case.name] or self.sent
        earlier = self.random.choice([c for c in same_case if c.method == fresh.method] or same_case)
        return replace(fresh, key=earlier.key, caller=earlier.caller)

    def _fresh(self, case: Case) -> Command:
        if case.status == "NOT_ACTIVATED" and self._chance(0.6):
            return self._activate(case)
        kind = self._weighted(
            {"report": 45, "create": 28, "finish": 9, "quote": 8, "settings": 6, "idle": 6, "plan": 1}
        )
        if kind == "quote":
            order = self._order(case)
            return QuoteTask(case=case.name, **vars(order), at=self.now)
        if kind == "settings":
            overage, auto_upgrade = (self.random.choice((True, True, False, None)) for _ in range(2))
            return SetSettings(case=case.name, overage=overage, auto_upgrade=auto_upgrade, **self._sender())
        if kind == "plan":
            return self._activate(case)
        if kind == "create" or not case.tasks:
            name = self.random.choice((None, "Privilege review", "Revue des pièces médicales"))
            return CreateTask(case=case.name, **vars(self._order(case)), name=name, **self._sender())
        task = self._task(case)
        if kind == "idle":
            return self._idle(case, task)
        unknown = 2 if self._chance(0.01) else 0
        number = task.number + unknown * len(case.tasks)
        if kind == "finish":
            end = self.random.choice(("COMPLETED", "COMPLETED", "CANCELLED"))
            return FinishTask(case=case.name, task_number=number, end=end, **self._sender())
        return RecordOutcomes(case=case.name, task_number=number, groups=self._report(task), **self._sender())

    def _activate(self, case: Case) -> Activate:
        tier = self._weighted(dict(zip(TIERS, (40, 30, 15, 15), strict=True)))
        return Activate(case=case.name, tier=tier, **self._sender())

    def _idle(self, case: Case, task: Task) -> Abandon:
        """Just before, at, or after the moment when the task has been idle for a day (T6), if that is yet to come."""
        due = task.last_sign_at + timedelta(hours=24)
        self.now = max(self.now, due + timedelta(microseconds=self.random.choice((-1, 0, 0, 5_000_000))))
        return Abandon(case=case.name, task_number=task.number, at=self.now)

    def _task(self, case: Case) -> Task:
        """Mostly a running task, and mostly a late one; sometimes one that has ended."""
        running = [task for task in case.tasks if task.status == "RUNNING"]
        tasks = running if running and self._chance(0.9) else case.tasks
        return self.random.choice(tasks[-3:] if self._chance(0.7) else tasks)

    def _order(self, case: Case) -> Order:
        kind, scope = self._weighted(
            {("SCAN", "BULK"): 60, ("MULTI_CODE", "BULK"): 22, ("MULTI_CODE", "SINGLE"): 10, ("SCAN", "SINGLE"): 8}
        )
        mode = self.random.choice(MODES)
        fields = self.random.randint(1, 8) if kind == "MULTI_CODE" else 1
        order = Order(kind, scope, mode, 1, fields)
        if scope == "BULK":
            order = replace(order, documents=self._documents(case, order.reserve))
        return self._faulty(order) if self._chance(0.03) else order

    def _documents(self, case: Case, rate: int) -> int:
        """A few documents; sometimes hundreds, what the balance just covers, or what a plan just allows."""
        how_many = self._weighted({"few": 60, "hundreds": 12, "balance": 20, "limit": 8})
        if how_many == "balance" and case.balance is not None:
            return max(1, case.balance // rate + self.random.choice((-1, 0, 1, 2)))
        if how_many == "limit":
            return self.random.choice(AROUND_LIMITS)
        return self.random.randint(13, 300) if how_many == "hundreds" else self.random.randint(1, 12)

    def _faulty(self, order: Order) -> Order:
        """One thing wrong, so that there is one answer."""
        fields = self.random.choice((0, -1, 9)) if order.kind == "MULTI_CODE" else self.random.choice((0, 2, 8))
        documents = self.random.choice((0, -3, LARGEST + 1) if order.scope == "BULK" else (0, 2))
        return replace(order, fields=fields) if self._chance(0.5) else replace(order, documents=documents)

    def _report(self, task: Task) -> Report:
        return draw_report(self.random, task)

    def _sender(self) -> dict[str, Any]:
        self.keys += 1
        key = self.random.choice(("", "k" * 256)) if self._chance(0.005) else f"key {self.keys}"
        return {"at": self.now, "caller": self._caller(), "key": key}

    def _caller(self) -> str:
        return self.random.choice(("first client", "second client"))

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _weighted(self, weights: dict[T, int]) -> T:
        return self.random.choices(list(weights), list(weights.values()))[0]

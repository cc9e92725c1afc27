"""Random histories by seed: what clients do, drawn so that it often lands where rules meet.

Near the edge of the balance, keys used again with the same and with another input, documents repeated, in conflict,
out of order and after the end, overage switched while tasks run, plans changed while much is held, several cases,
seconds to weeks between commands, beside 09:00, midnights, ends of cycles and clock changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.model.history_commands import (
    Activate,
    Asked,
    CancelDowngrade,
    Command,
    CreateTask,
    Deactivate,
    FinishTask,
    Keyed,
    QuoteTask,
    Reactivate,
    RecordOutcomes,
    Register,
    ScheduleDowngrade,
    SetCeiling,
    SetSettings,
    Upgrade,
)
from tests.model.history_orders import draw_large_order, draw_order
from tests.model.history_plans import draw_beginning, draw_downgrade, draw_preview, draw_purchase, draw_upgrade
from tests.model.history_reports import draw_report
from tests.model.history_scripts import SCENES, Scene
from tests.model.history_times import BEGINNINGS, LEAP_BEGINNINGS, beside, landing, pause, weighted
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_cycles import next_refill_time
from tests.model.model_prices import TIERS, Order
from tests.model.model_task import Task

TASK_NAMES = (None, "Privilege review", "Revue des pièces médicales")
# By the method of a command: what to draw for another one of its kind.
SAME_AGAIN = {
    "activate": "begin",
    "reactivate": "begin",
    "upgrade": "upgrade",
    "schedule_downgrade": "schedule",
    "cancel_downgrade": "cancel",
    "deactivate": "deactivate",
    "buy": "buy",
    "set_settings": "settings",
    "set_ceiling": "ceiling",
    "create_task": "create",
    "record_outcomes": "report",
    "finish_task": "finish",
}


class History:
    """Draws the next command from a seed and the model's present state; both the same give the same command."""

    def __init__(self, seed: int, cases: Sequence[str] = ("A", "B", "C")) -> None:
        self.random = Random(seed)
        self.cases = cases
        self.now = datetime(*self.random.choice(BEGINNINGS + LEAP_BEGINNINGS), self.random.randrange(24), tzinfo=UTC)
        self.sent: list[Keyed] = []
        self.keys = 0
        self.scene: Scene = ()
        self.scene_of = ""

    def next(self, model: Model) -> Command:
        """One more command, at the same instant as the last or later."""
        command = self._scripted(model) if self.scene and self._chance(0.7) else self._drawn(model)
        if not isinstance(command, Asked):
            self.sent.append(command)
        return command

    # ------------------------------------------------------------------------------------------ when

    def _scripted(self, model: Model) -> Command:
        (when, what), *rest = self.scene
        self.scene = tuple(rest)
        case = model.cases[self.scene_of]
        self.now = self._when(when, case)
        return self._command(what, case)

    def _when(self, when: str, case: Case) -> datetime:
        random, now = self.random, self.now
        end = case.cycles[-1].ends_at if case.status == "ACTIVE" else now
        nine = next_refill_time(now)
        return {
            "now": now,
            "soon": now + timedelta(seconds=random.randrange(600)),
            "nine": beside(random, now, nine),
            "before nine": max(now, nine - timedelta(minutes=random.randrange(1, 300))),
            "end": beside(random, now, end),
            "before end": max(now, end - timedelta(minutes=random.randrange(1, 1_200))),
        }[when]

    def _drawn(self, model: Model) -> Command:
        registered = [name for name in self.cases if name in model.cases]
        if self.scene:
            self.now += timedelta(milliseconds=self.random.choice((0, 1, 60_000)))  # what is running lives on
        elif registered and self._chance(0.04):
            self.now = landing(self.random, self.now, model.cases[self.random.choice(registered)])
        else:
            self.now += pause(self.random)
        return self._draw(model, registered)

    # ------------------------------------------------------------------------------------------ what

    def _draw(self, model: Model, registered: Sequence[str]) -> Command:
        if not registered or (len(registered) < len(self.cases) and self._chance(0.1)):
            return Register(case=self.cases[len(registered)], **self._sender())
        active = [name for name in registered if model.cases[name].status == "ACTIVE"]
        if active and not self.scene and self._chance(0.025):
            self.scene, self.scene_of = self.random.choice(SCENES), self.random.choice(active)
        if self._chance(0.1) and self.sent:
            return self._again(model)
        if self._chance(0.01):
            return replace(self._fresh(model.cases[registered[0]]), case="nowhere")
        return self._fresh(model.cases[self.random.choice(registered)])

    def _again(self, model: Model) -> Command:
        """An earlier key: with its input, from another caller, with another input or for another mutation (K1)."""
        methods = sorted({command.method for command in self.sent})
        method = self.random.choice(methods) if self._chance(0.3) else self.random.choice(self.sent).method
        earlier = self.random.choice([command for command in self.sent if command.method == method])
        if isinstance(earlier, Register):
            return replace(earlier, case=self.random.choice((earlier.case, *self.cases)), at=self.now)
        if self._chance(0.5) or earlier.case not in model.cases:
            return replace(earlier, at=self.now)
        if self._chance(0.2):
            return replace(earlier, at=self.now, caller=self._caller())
        if isinstance(earlier, Activate | Reactivate | Upgrade | ScheduleDowngrade) and self._chance(0.5):
            return replace(earlier, at=self.now, tier=self.random.choice(TIERS))
        case = model.cases[earlier.case]
        fresh = self._fresh(case) if self._chance(0.5) else self._command(SAME_AGAIN[earlier.method], case)
        if isinstance(fresh, Asked):
            return replace(earlier, at=self.now)
        return replace(fresh, key=earlier.key, caller=earlier.caller)

    def _fresh(self, case: Case) -> Command:
        if case.status != "ACTIVE" and self._chance(0.6):
            return self._command("begin", case)
        tasks = {
            "report": 600,
            "create": 250,
            "create beyond": 25,
            "finish": 80,
            "quote": 80,
            "settings": 60,
            "ceiling": 25,
        }
        changes = {"upgrade": 22, "schedule": 26, "cancel": 12, "deactivate": 9, "buy": 26, "preview": 30, "begin": 10}
        return self._command(self._weighted(tasks | changes), case)

    def _command(self, what: str, case: Case) -> Command:
        draws: dict[str, Callable[[Case], Command]] = {
            "report": lambda case: self._report(case, much=False),
            "report much": lambda case: self._report(case, much=True),
            "create": lambda case: self._create(case, draw_order(self.random, case)),
            "create much": lambda case: self._create(case, draw_large_order(self.random, case, beyond=False)),
            "create beyond": lambda case: self._create(case, draw_large_order(self.random, case, beyond=True)),
            "finish": self._finish,
            "quote": lambda case: QuoteTask(case=case.name, **vars(draw_order(self.random, case)), at=self.now),
            "settings": self._settings,
            "ceiling": self._ceiling,
            "overage": lambda case: SetSettings(case=case.name, overage=True, auto_upgrade=None, **self._sender()),
            "upgrade": lambda case: draw_upgrade(self.random, case, self._sender()),
            "to the top": lambda case: Upgrade(case=case.name, tier=TIERS[-1], origin="SETTINGS", **self._sender()),
            "schedule": lambda case: draw_downgrade(self.random, case, self._sender()),
            "cancel": lambda case: CancelDowngrade(case=case.name, **self._sender()),
            "deactivate": lambda case: Deactivate(case=case.name, **self._sender()),
            "buy": lambda case: draw_purchase(self.random, case, self._sender()),
            "preview": lambda case: draw_preview(self.random, case, self.now),
            "begin": lambda case: draw_beginning(self.random, case, self._sender()),
        }
        return draws[what](case)

    def _create(self, case: Case, order: Order) -> Command:
        return CreateTask(case=case.name, **vars(order), name=self.random.choice(TASK_NAMES), **self._sender())

    def _report(self, case: Case, *, much: bool) -> Command:
        if not case.tasks or (not case.running and self._chance(0.7)):
            return self._command("create", case)
        task, number = self._task(case)
        return RecordOutcomes(
            case=case.name, task_number=number, groups=draw_report(self.random, task, much=much), **self._sender()
        )

    def _finish(self, case: Case) -> Command:
        if not case.tasks or (not case.running and self._chance(0.7)):
            return self._command("create", case)
        _, number = self._task(case)
        end = self.random.choice(("COMPLETED", "COMPLETED", "CANCELLED"))
        return FinishTask(case=case.name, task_number=number, end=end, **self._sender())

    def _task(self, case: Case) -> tuple[Task, int]:
        """Mostly a running task, and mostly a late one; sometimes one that has ended; seldom one that never was."""
        tasks = case.running if case.running and self._chance(0.9) else case.tasks
        task = self.random.choice(tasks[-3:] if self._chance(0.7) else tasks)
        return task, task.number + (2 * len(case.tasks) if self._chance(0.01) else 0)

    def _settings(self, case: Case) -> Command:
        overage, auto_upgrade = (self.random.choice((True, True, False, None)) for _ in range(2))
        return SetSettings(case=case.name, overage=overage, auto_upgrade=auto_upgrade, **self._sender())

    def _ceiling(self, case: Case) -> Command:
        """Often right where the next task meets it."""
        taken = case.settled_overage if case.cycles else 0
        nearby = taken + self.random.randrange(300)
        ceiling = self.random.choice((None, 0, 10, 20_000, taken, nearby, nearby))
        return SetCeiling(case=case.name, ceiling=ceiling, **self._sender())

    def _sender(self) -> dict[str, Any]:
        self.keys += 1
        key = self.random.choice(("", "k" * 256)) if self._chance(0.005) else f"key {self.keys}"
        return {"at": self.now, "caller": self._caller(), "key": key}

    def _caller(self) -> str:
        return self.random.choice(("first client", "second client"))

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _weighted(self, weights: dict[str, int]) -> str:
        return weighted(self.random, weights)

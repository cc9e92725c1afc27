"""Short random histories of what costs money: overage, credit, plans that change beside ends of cycles and months."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import get_args

from tests.model.histories import History
from tests.model.history_commands import (
    Activate,
    Asked,
    Command,
    CreateTask,
    FinishTask,
    OpenCheckout,
    PlanChange,
    Reactivate,
    RecordOutcomes,
    Register,
    ScheduleDowngrade,
    SetCard,
    SetSettings,
    Upgrade,
    UseCheckout,
)
from tests.model.history_plans import draw_beginning
from tests.model.history_scripts import Scene
from tests.model.history_times import beside, weighted
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_cycles import end_of_month
from tests.model.model_plan_commands import CONTRACTED
from tests.model.model_prices import FIRST_FIELD, TIERS, Order

RATES = ("0", "0", "0.05", "0.14975", "0.09975", "0.13", "0.5", "0.99999", "0.00001")
MOSTLY_SMALL = dict(zip(TIERS, (60, 20, 10, 10), strict=True))
GOING_ON = {"scene": 65, "upgrade": 16, "schedule": 12, "buy": 8, "deactivate": 6, "preview": 4, "ceiling": 6}
ON_PAGES: tuple[Scene, ...] = (
    (("now", "use"), ("now", "again"), ("now", "use")),
    (("soon", "use"), ("now", "use")),
    (("now", "upgrade"), ("now", "use"), ("now", "page"), ("now", "use")),
    (("now", "deactivate"), ("now", "begin by card"), ("now", "use")),
    (("now", "use"), ("now", "page"), ("now", "use"), ("soon", "use")),
    (("end", "use"), ("now", "again")),
)
WITH_CARDS = GOING_ON | {"card": 80}
OVER: Scene = (("now", "overrun"), ("now", "succeed"), ("soon", "finish"))
SCENES: tuple[Scene, ...] = (
    OVER,
    (*OVER, ("now", "overrun"), ("now", "succeed"), ("end", "finish")),
    (("before end", "overrun"), ("now", "succeed"), ("end", "finish")),
    # A ceiling right above the overage of the cycle, and in the next one.
    (*OVER, ("now", "ceiling"), ("now", "overrun"), ("now", "overrun"), ("now", "succeed"), ("soon", "upgrade"), *OVER),
    (*OVER, ("soon", "ceiling"), ("now", "overrun"), ("end", "overrun"), ("now", "succeed"), ("end", "finish")),
    # Overage of a cycle that is cut in the first moment of a month.
    (("now", "begin monthly"), *OVER, ("month", "upgrade"), ("soon", "preview"), ("end", "preview")),
    (("now", "begin monthly"), *OVER, ("month", "deactivate"), ("now", "begin"), ("soon", "preview")),
    (("now", "deactivate"), ("now", "begin monthly"), *OVER, ("month", "deactivate"), ("now", "begin")),
    (("now", "deactivate"), ("now", "begin monthly"), ("now", "ceiling"), *OVER, ("month", "upgrade"), ("end", "buy")),
    # A large credit that small bills take, with another one beside it.
    (("now", "to the top"), ("now", "schedule"), ("end", "buy"), ("soon", "upgrade"), ("soon", "to the top")),
    (("now", "to the top"), ("now", "schedule"), ("end", "upgrade"), *OVER, ("soon", "deactivate"), ("now", "begin")),
    (
        ("now", "deactivate"),
        ("now", "begin BUSINESS"),
        ("now", "to the top"),
        ("soon", "deactivate"),
        ("now", "begin STARTER"),
        ("soon", "to PRO"),
        ("soon", "to BUSINESS"),
    ),
    # A credit of a time by card in a time of monthly invoices, and the other way round.
    (
        ("now", "deactivate"),
        ("now", "begin by card"),
        ("now", "to the top"),
        ("soon", "deactivate"),
        ("now", "begin monthly"),
        *OVER,
        ("end", "upgrade"),
        ("month", "preview"),
    ),
    (("now", "deactivate"), ("now", "begin monthly"), ("soon", "to the top"), ("now", "deactivate"), *OVER),
)


OUTCOMES = {"paid": 10, "declined": 3, "lost": 2, "closed": 1}
OFTEN = (*get_args(PlanChange), CreateTask, RecordOutcomes, FinishTask, OpenCheckout, UseCheckout)
"""What is sent again and again."""


def draw_rates(seed: int) -> dict[str, Decimal]:
    """Of each organization."""
    random = Random(f"rates {seed}")
    return {name: Decimal(random.choice(RATES)) for name in ("contracted", "not contracted")}


class MoneyHistory(History):
    """Two to four cases of two organizations on one clock; many commands are sent more than once.

    cards: whether there is a processor, whose cards may be declined. Two thirds of the histories know only the plans
    without a daily refill: every refill is an instant of its own on a clock, and a month of them is slow.
    """

    def __init__(self, seed: int, *, cards: bool) -> None:
        super().__init__(seed, cases=("B", "D", "A", "E")[: 2 + seed // 3 % 3])
        self.cards = cards
        self.tiers = TIERS if seed % 3 == 1 else (TIERS[0], TIERS[-1])
        self.last: Command | None = None
        self.opened: dict[str, OpenCheckout] = {}

    def next(self, model: Model) -> Command:
        if self.last is not None and type(self.last) in OFTEN and self._chance(0.25):
            return self.last
        self.last = self._of_tiers(self._next(model))
        if not isinstance(self.last, Asked):
            self.sent.append(self.last)
        return self.last

    def _next(self, model: Model) -> Command:
        for name in self.cases:
            if name not in model.cases:
                return Register(case=name, **self._sender())
        fresh = [case for case in model.cases.values() if case.status == "NOT_ACTIVATED"]
        if fresh:
            return self._first_plan(fresh[0])
        if self.scene:
            return self._scripted(model)
        if self._chance(0.06):
            return self._again(model)
        case = model.cases[self.random.choice(self.cases)]
        self.now = self._moment(case)
        return self._command(self._weighted(WITH_CARDS if self.cards else GOING_ON), case)

    def _first_plan(self, case: Case) -> Command:
        if not case.overage_enabled:
            return SetSettings(case=case.name, overage=True, auto_upgrade=None, **self._sender())
        tier = weighted(self.random, MOSTLY_SMALL)
        monthly = case.name in CONTRACTED and self._chance(0.3 if self.cards else 0.7)
        payment = "MONTHLY_INVOICE" if monthly else "CARD"
        return Activate(case=case.name, tier=tier, payment_method=payment, **self._sender())

    # ------------------------------------------------------------------------------------------ when

    def _moment(self, case: Case) -> datetime:
        """Mostly at once, or right where a cycle or a month ends."""
        places: dict[datetime, int] = {
            self.now: 30,
            self.now + timedelta(seconds=self.random.randrange(3_600)): 10,
            self.now + timedelta(days=self.random.randrange(1, 9), seconds=self.random.randrange(86_400)): 12,
            beside(self.random, self.now, end_of_month(self.now)): 16,
        }
        if case.status == "ACTIVE":
            places[beside(self.random, self.now, case.cycles[-1].ends_at)] = 20
        return weighted(self.random, places)

    def _when(self, when: str, case: Case) -> datetime:
        return end_of_month(self.now) if when == "month" else super()._when(when, case)

    # ------------------------------------------------------------------------------------------ what

    def _command(self, what: str, case: Case) -> Command:
        if case.status != "ACTIVE" and not what.startswith("begin") and self._chance(0.8):
            what = "begin"
        if what == "card":
            return self._card(case)
        if what == "scene":
            ((_, what), *rest) = self.random.choice(SCENES)
            self.scene, self.scene_of = tuple(rest), case.name
        if what == "page":
            return self._page(case)
        if what in ("use", "again"):
            return self._on_page(what, case)
        if what == "overrun":
            return self._create(case, self._overrun(case))
        if what == "succeed" and case.running:
            return self._succeed(case)
        if what.startswith("begin "):
            begun = draw_beginning(self.random, case, self._sender())
            payment = "MONTHLY_INVOICE" if what == "begin monthly" else "CARD"
            tier = what.removeprefix("begin ")
            return replace(begun, payment_method=payment, tier=tier if tier in TIERS else begun.tier)
        if what.removeprefix("to ") in TIERS:
            return Upgrade(case=case.name, tier=what.removeprefix("to "), origin="SETTINGS", **self._sender())
        turn = {"succeed": "report"}
        turn |= {"upgrade": "schedule"} if case.tier == TIERS[-1] else {}
        turn |= {"schedule": "upgrade"} if case.tier == TIERS[0] else {}
        return super()._command(turn.get(what, what), case)

    def _card(self, case: Case) -> Command:
        """Something about cards, or about pages on which people pay with them."""
        what = self._weighted(
            {"set": 2, "page": 6, "use": 5, "again": 2} if case.name in self.opened else {"set": 1, "page": 5}
        )
        if what == "set":
            return SetCard(case=case.name, declines=self._chance(0.5), at=self.now)
        return self._page(case) if what == "page" else self._on_page(what, case)

    def _on_page(self, what: str, case: Case) -> Command:
        """What a person does on the page that was opened last, or the form that opened it sent again."""
        if case.name not in self.opened:
            return self._page(case)
        opened = self.opened[case.name]
        if what == "again":
            return replace(opened, at=self.now)
        outcome, purpose = self._weighted(OUTCOMES), "PLAN" if opened.tokens is None else "TOKENS"
        return UseCheckout(case=case.name, purpose=purpose, outcome=outcome, at=self.now)

    def _page(self, case: Case) -> Command:
        if not self.scene and self._chance(0.7):
            self.scene, self.scene_of = self.random.choice(ON_PAGES), case.name
        purpose = self.random.choice(("PLAN", "PLAN", "TOKENS"))
        tokens = self.random.choice((1, 777, 5_000)) if purpose == "TOKENS" else None
        tier = None if tokens else self.random.choice(self.tiers[1:])
        self.opened[case.name] = OpenCheckout(case=case.name, tier=tier, tokens=tokens, **self._sender())
        return self.opened[case.name]

    def _overrun(self, case: Case) -> Order:
        """A scan of some more documents than the balance covers."""
        balance = case.balance or 0
        mode = "VIDEO" if balance > 200 else self.random.choice(("TEXT", "IMAGE", "VIDEO"))
        return Order("SCAN", "BULK", mode, balance // FIRST_FIELD[mode] + self.random.randint(1, 12), 1)

    def _succeed(self, case: Case) -> Command:
        """Most documents of the latest task."""
        task = case.running[-1]
        count = max(1, task.order.documents - self.random.choice((0, 0, 1, 5)))
        resolved = "IMAGE" if task.order.mode == "AUTO" else None
        names = tuple(f"document {n}" for n in range(1, min(count, 5_000) + 1))
        groups = (("SUCCEEDED", resolved, names),)
        return RecordOutcomes(case=case.name, task_number=task.number, groups=groups, **self._sender())

    def _of_tiers(self, command: Command) -> Command:
        """The same with a plan of this history: the dearest, or the cheapest."""
        if isinstance(command, Upgrade) and command.tier not in self.tiers:
            command = replace(command, tier=TIERS[-1])
        if isinstance(command, Upgrade) and command is not self.last and self._chance(0.15):
            command = replace(command, by_card=True)
        if isinstance(command, Activate | Reactivate | ScheduleDowngrade) and command.tier not in self.tiers:
            return replace(command, tier=TIERS[0])
        return command

"""The driver holds a system against the model: a second model passes, a planted difference does not."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from inspect import signature
from itertools import pairwise
from typing import cast, get_args

import pytest

from tests.model.histories import History
from tests.model.history_commands import Command
from tests.model.history_differences import Difference
from tests.model.history_driver import drive, drive_money
from tests.model.history_money import MoneyHistory, draw_rates
from tests.model.history_system import System
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_memory import Effect, Place
from tests.model.model_money import MoneySeen
from tests.model.model_results import Preview, Refusal, Result, Success
from tests.model.model_snapshot import Snapshot


class AnsweringLater:
    """A model behind the Protocol: the same methods, awaited."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def __getattr__(self, name: str) -> object:
        async def answer(*arguments: object, **named: object) -> object:
            return getattr(self.model, name)(*arguments, **named)

        return answer


def behind_protocol(model: Model) -> System:
    return cast("System", AnsweringLater(model))


class Forgetful(Model):
    """Remembers no key of a new task."""

    def _once(self, place: Place, given: object, effect: Effect) -> Success | Refusal:
        if place[0] == "createTask":
            self.remembered.pop(place, None)
        return super()._once(place, given, effect)


class Miscounting(Model):
    """Shows one token too many in the third entry."""

    def snapshot(self, case: str) -> Snapshot:
        seen = super().snapshot(case)
        if len(seen.entries) < 3:
            return seen
        wrong = replace(seen.entries[2], held_change=seen.entries[2].held_change + 1)
        return replace(seen, entries=(*seen.entries[:2], wrong, *seen.entries[3:]))


class Amnesiac(Model):
    """Loses the outcomes of the first case's tasks when another case gets a plan."""

    def activate(self, **named: object) -> Success | Refusal:
        for task in self.cases["A"].tasks:
            task.documents.clear()
        return cast("Success | Refusal", super().activate(**named))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(6))
async def test_two_models_agree_on_every_history(seed: int) -> None:
    await drive(behind_protocol(Model()), Model(), seed, 150)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Forgetful, "answer"),
        (Miscounting, r"\.entries\[2\]\.held_change: expected "),
        (Amnesiac, "state of case A"),
        (lambda: Model(timedelta(hours=24, microseconds=1)), r"\.at: expected|TASK_FINISHED"),
    ],
)
async def test_a_planted_difference_is_noticed_and_named(wrong: Callable[[], Model], what: str) -> None:
    with pytest.raises(Difference) as raised:
        await drive_histories(wrong, range(10))
    message = str(raised.value)
    assert message.startswith(f"history {raised.value.seed}, step {raised.value.step}: ")
    assert repr(raised.value.command)[:600] in message
    assert re.search(what, message)


class Overcharging(Model):
    """Forgets every credit as soon as there is one."""

    def money(self) -> MoneySeen:
        for case in self.cases.values():
            case.credits.clear()
        return super().money()


class Sloppy(Model):
    """Bills everything again at an upgrade."""

    def upgrade(self, **named: object) -> Success | Refusal:
        self.posted.clear()
        return cast("Success | Refusal", super().upgrade(**named))  # type: ignore[arg-type]


class LateIssuing(Model):
    """Dates what it issues for a month a moment too late."""

    def pass_time(self, at: datetime) -> None:
        super().pass_time(at)
        for invoice in self.books.invoices:
            if invoice.issued_at is not None and invoice.month is not None:
                invoice.issued_at += timedelta.resolution


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Overcharging, r"\.credit_left\['[A-E]'\]: expected Decimal"),
        (Sloppy, r"\.invoices\['.*'\]\[[0-9]+\].*: expected nothing, found"),
        (LateIssuing, r"\.invoices\['contracted'\]\[[0-9]+\]\.issued_at"),
        (lambda: Model(tax_rates={"contracted": Decimal("0.05")}), r"\.tax|'TAX'|\.total"),
    ],
)
async def test_other_money_is_noticed_and_named(wrong: Callable[[], Model], what: str) -> None:
    with pytest.raises(Difference, match="other money") as raised:
        await drive_money_histories(wrong)
    assert re.search(what, str(raised.value))


async def drive_money_histories(wrong: Callable[[], Model]) -> None:
    for seed in range(1, 20, 3):
        await drive_money(behind_protocol(wrong()), Model(), MoneyHistory(seed, cards=False), seed, 40)


async def test_two_models_agree_on_all_money() -> None:
    for seed in range(1, 10):
        history = MoneyHistory(seed, cards=seed % 2 == 0)
        system, model = (Model(tax_rates=draw_rates(seed), charges_cards=seed % 2 == 0) for _ in range(2))
        await drive_money(behind_protocol(system), model, history, seed, 40)


class Promising(Model):
    """Previews something else than it then does; everything else is right."""

    def __init__(self, **promised: object) -> None:
        super().__init__()
        self.promised = promised

    def preview(self, *, case: str, tier: str, at: datetime) -> Result:
        said = super().preview(case=case, tier=tier, at=at)
        return replace(said, **self.promised) if isinstance(said, Preview) else said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "promised",
    [
        {"charge_now": Decimal("1.01")},
        {"credit": Decimal("0.01")},
        {"balance_before": 1},
        {"balance_after": 1},
        {"tokens_lost": 1},
        {"allowed": False},
        {"effective_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
)
async def test_a_change_that_is_not_what_both_previews_said_is_noticed(promised: dict[str, object]) -> None:
    promising = partial(Promising, **promised)
    with pytest.raises(Difference, match=f"something else than its preview(.|\\n)*{next(iter(promised))}"):
        await drive_histories(promising, range(10), promising)


async def drive_histories(system: Callable[[], Model], seeds: range, model: Callable[[], Model] = Model) -> None:
    for seed in seeds:
        await drive(behind_protocol(system()), model(), seed, 150)


async def test_a_difference_comes_back_from_its_seed_and_step() -> None:
    """So that the shortest history to look at is the one up to the step in the message."""
    with pytest.raises(Difference) as first:
        await drive(behind_protocol(Miscounting()), Model(), 1, 150)
    await drive(behind_protocol(Miscounting()), Model(), 1, first.value.step - 1)
    with pytest.raises(Difference) as again:
        await drive(behind_protocol(Miscounting()), Model(), 1, first.value.step)
    assert str(again.value) == str(first.value)


@pytest.mark.parametrize("command", get_args(Command))
def test_a_command_carries_what_model_and_system_ask_for(command: type[Command]) -> None:
    names = [field.name for field in fields(command)]
    assert list(signature(getattr(Model, command.method)).parameters) == ["self", *names]
    assert signature(getattr(Model, command.method)) == signature(getattr(System, command.method))


def test_histories_reach_every_answer_and_every_kind_of_entry() -> None:
    """Without this a change of the draw could quietly stop exercising a rule."""
    answers: Counter[tuple[str, str]] = Counter()
    sights: Counter[str] = Counter()
    for seed in range(60):
        model, history = Model(), History(seed)
        for _ in range(250):
            command = history.next(model)
            answer = getattr(model, command.method)(**vars(command))
            answers[command.method, answer.code if isinstance(answer, Refusal) else "accepted"] += 1
        for case in model.cases.values():
            sights.update(sights_of(case))
    begins, changes = (
        {"activate", "reactivate"},
        {"upgrade", "schedule_downgrade", "cancel_downgrade", "deactivate", "buy"},
    )
    keyed = {"create_task", "record_outcomes", "finish_task", "set_settings", "register", *begins, *changes}
    expected = {(method, code) for method in keyed for code in ("accepted", "IDEMPOTENCY_CONFLICT")}
    expected |= {(method, "INVALID_INPUT") for method in ("quote", "create_task", "record_outcomes", "buy")}
    expected |= {
        ("quote", "accepted"),
        ("preview", "accepted"),
        ("preview_deactivation", "accepted"),
        ("upgrade", "FORBIDDEN"),
    }
    expected |= {("record_outcomes", "TASK_FINISHED"), ("finish_task", "TASK_FINISHED"), ("finish_task", "NOT_FOUND")}
    gates = ("CASE_NOT_ACTIVE", "FEATURE_NOT_IN_PLAN", "BULK_LIMIT_EXCEEDED", "INSUFFICIENT_TOKENS", "NOT_FOUND")
    expected |= {("create_task", code) for code in gates}
    expected |= {(method, "PLAN_CHANGE_REFUSED") for method in (begins | changes) - {"deactivate"}}
    expected |= {(method, "INVOICING_NOT_CONTRACTED") for method in begins}
    expected |= {(method, "CASE_NOT_ACTIVE") for method in changes}
    expected -= {("cancel_downgrade", "IDEMPOTENCY_CONFLICT"), ("deactivate", "IDEMPOTENCY_CONFLICT")}  # no input
    assert expected - set(answers) == set()
    assert {"ACTIVATION_FILL", "REACTIVATION_FILL", "UPGRADE_FILL", "DAILY_REFILL", "PURCHASE"} <= set(sights)
    assert {"RESERVE", "CHARGE", "REFUND", "DOWNGRADE_CLAMP", "DEACTIVATION_CLEAR"} <= set(sights)
    assert {"RUNNING", "COMPLETED", "CANCELLED", "ABANDONED", "STARTER", "ENTERPRISE"} <= set(sights)
    rare = {"split charge", "clamp after a refund", "gain on leaving unlimited", "loss on leaving unlimited"}
    rare |= {"made held", "bought tokens charged", "less than a whole refill", "refill of a tank with bought tokens"}
    rare |= {
        "abandoned by time",
        "credit carried on",
        "monthly",
        "downgrade at a renewal",
        "overage billed",
        "empty cycle",
    }
    assert {name for name in rare if sights[name] < 3} == set()


def sights_of(case: Case) -> Iterator[str]:
    """Everything about a case that a history should have led to."""
    yield from (entry.kind for entry in case.entries)
    yield from (task.status for task in case.tasks)
    yield case.tier if case.status == "ACTIVE" else case.status
    for before, entry in pairwise(case.entries):
        bought = entry.balance_after is not None and sum(e.purchased_change for e in case.entries[: entry.sequence]) > 0
        left_unlimited = before.balance_after is None and entry.kind == "DOWNGRADE_CLAMP"
        sights = {
            "split charge": entry.held_change < 0 < entry.overage_change,
            "clamp after a refund": (before.kind, entry.kind) == ("REFUND", "DOWNGRADE_CLAMP")
            and before.at == entry.at,
            "gain on leaving unlimited": left_unlimited and (entry.balance_change or 0) > 0,
            "loss on leaving unlimited": left_unlimited and (entry.balance_change or 0) < 0,
            "made held": entry.kind == "UPGRADE_FILL" and entry.provisional_change < 0,
            "bought tokens charged": entry.kind == "CHARGE" and entry.purchased_change < 0,
            "less than a whole refill": entry.kind == "DAILY_REFILL" and entry.balance_change not in (500, 7_500),
            "refill of a tank with bought tokens": entry.kind == "DAILY_REFILL" and bought,
            "abandoned by time": entry.actor == "scheduler" and entry.kind == "REFUND",
        }
        yield from (name for name, seen in sights.items() if seen)
    for charge in case.charges:
        yield from ["credit carried on"] * (charge.credited == charge.billed > 0)
        yield from ["monthly"] * (charge.now < charge.billed - charge.credited)
        yield from ["overage billed"] * (charge.kind != "PURCHASE" and charge.billed % 1 > 0)
    for earlier, later in pairwise(case.cycles):
        renewal = (later.starts_at, "RENEWAL") in {(charge.at, charge.kind) for charge in case.charges}
        yield from ["downgrade at a renewal"] * (renewal and earlier.tier != later.tier)
        yield from ["empty cycle"] * (earlier.starts_at == earlier.ends_at)

"""The driver holds a system against the model: a second model passes, a planted difference does not."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from inspect import signature
from typing import cast, get_args

import pytest

from tests.model.histories import History
from tests.model.history_commands import Command
from tests.model.history_driver import Difference, System, drive
from tests.model.model import Effect, Model, Place
from tests.model.model_results import Refusal, Success
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
    """Remembers no key."""

    def _once(self, place: Place, given: object, effect: Effect) -> Success | Refusal:
        return effect()


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
        (Miscounting, ".entries[2].held_change: expected "),
        (Amnesiac, "state of case A"),
        (lambda: Model(timedelta(hours=24, microseconds=1)), ".status: expected 'ABANDONED', found 'RUNNING'"),
    ],
)
async def test_a_planted_difference_is_noticed_and_named(wrong: Callable[[], Model], what: str) -> None:
    with pytest.raises(Difference) as raised:
        await drive_histories(wrong, range(10))
    message = str(raised.value)
    assert message.startswith(f"history {raised.value.seed}, step {raised.value.step}: ")
    assert repr(raised.value.command)[:600] in message
    assert what in message


async def drive_histories(system: Callable[[], Model], seeds: range) -> None:
    for seed in seeds:
        await drive(behind_protocol(system()), Model(), seed, 150)


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
        for _ in range(120):
            command = history.next(model)
            answer = getattr(model, command.method)(**vars(command))
            answers[command.method, answer.code if isinstance(answer, Refusal) else "accepted"] += 1
        for case in model.cases.values():
            sights.update(entry.kind for entry in case.entries)
            sights.update(task.status for task in case.tasks)
            sights["split charge"] += sum(entry.held_change < 0 < entry.overage_change for entry in case.entries)
            sights["renewal"] += len(case.cycles) > 1
            sights[case.tier] += case.status == "ACTIVE"
    keyed = {"create_task", "record_outcomes", "finish_task", "activate", "set_settings", "register"}
    expected = {(method, code) for method in keyed for code in ("accepted", "IDEMPOTENCY_CONFLICT")}
    expected |= {(method, "INVALID_INPUT") for method in ("quote", "create_task", "record_outcomes")}
    expected |= {("quote", "accepted"), ("abandon", "accepted"), ("activate", "PLAN_CHANGE_REFUSED")}
    expected |= {("record_outcomes", "TASK_FINISHED"), ("finish_task", "TASK_FINISHED"), ("finish_task", "NOT_FOUND")}
    gates = ("CASE_NOT_ACTIVE", "FEATURE_NOT_IN_PLAN", "BULK_LIMIT_EXCEEDED", "INSUFFICIENT_TOKENS", "NOT_FOUND")
    expected |= {("create_task", code) for code in gates}
    assert expected <= set(answers)
    assert {"ACTIVATION_FILL", "RESERVE", "CHARGE", "REFUND", "split charge", "renewal"} <= set(+sights)
    assert {"RUNNING", "COMPLETED", "CANCELLED", "ABANDONED", "STARTER", "ENTERPRISE"} <= set(+sights)

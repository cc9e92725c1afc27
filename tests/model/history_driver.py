"""One history sent to a system and to the model, compared after every step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Protocol

from tests.model.histories import History
from tests.model.history_commands import Command
from tests.model.model import Model
from tests.model.model_input_faults import Group
from tests.model.model_results import Result
from tests.model.model_snapshot import Snapshot

EVERY_CASE = 25
"""Steps after which every case is compared."""


class System(Protocol):
    """What is held against the model. Every command finds everything done that fell due at or before its `at` (C10)."""

    async def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result: ...
    async def activate(self, *, case: str, tier: str, at: datetime, caller: str, key: str) -> Result: ...
    async def set_settings(
        self, *, case: str, overage: bool | None, auto_upgrade: bool | None, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result: ...
    async def create_task(
        self,
        *,
        case: str,
        kind: str,
        scope: str,
        mode: str,
        documents: int,
        fields: int,
        name: str | None,
        at: datetime,
        caller: str,
        key: str,
    ) -> Result: ...
    async def record_outcomes(
        self, *, case: str, task_number: int, groups: Sequence[Group], at: datetime, caller: str, key: str
    ) -> Result: ...
    async def finish_task(
        self, *, case: str, task_number: int, end: str, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def abandon(self, *, case: str, task_number: int, at: datetime) -> Result: ...
    async def snapshot(self, case: str) -> Snapshot:
        """A registered case; instants compare by moment, in whatever zone."""
        ...


class Difference(AssertionError):
    """System and model disagree: says after which command of which history, and in what."""

    def __init__(self, seed: int, step: int, command: Command, what: str, lines: Sequence[str]) -> None:
        self.seed, self.step, self.command = seed, step, command
        shown = "\n".join(f"  {line}" for line in lines[:20])
        more = f"\n  and {len(lines) - 20} more" if len(lines) > 20 else ""
        super().__init__(f"history {seed}, step {step}: {what} after\n  {shorten(command)}\n{shown}{more}")


async def drive(system: System, model: Model, seed: int, steps: int) -> None:
    """Send `steps` commands of the history `seed` to both; raises Difference at the first step that shows one.

    After every step the case of the command is compared; all the others, which it must have left alone, now and then.
    """
    history = History(seed)
    for step in range(1, steps + 1):
        command = history.next(model)
        expected = getattr(model, command.method)(**vars(command))
        found = await getattr(system, command.method)(**vars(command))
        if lines := list(differences(expected, found, "answer")):
            raise Difference(seed, step, command, "another answer", lines)
        everything = step % EVERY_CASE == 0 or step == steps
        for case in model.cases if everything else model.cases.keys() & {command.case}:
            if lines := list(differences(model.snapshot(case), await system.snapshot(case), case)):
                raise Difference(seed, step, command, f"another state of case {case}", lines)


def differences(expected: object, found: object, path: str) -> Iterator[str]:
    """A line for every place where two values differ, with what the model expects and what the system shows."""
    if expected == found:
        return
    expected_parts, found_parts = parts(expected), parts(found)
    if expected_parts is None or found_parts is None or type(expected) is not type(found):
        yield f"{path}: expected {shorten(expected)}, found {shorten(found)}"
        return
    for name in [*expected_parts, *(name for name in found_parts if name not in expected_parts)]:
        if name not in found_parts:
            yield f"{path}{name}: expected {shorten(expected_parts[name])}, found nothing"
        elif name not in expected_parts:
            yield f"{path}{name}: expected nothing, found {shorten(found_parts[name])}"
        else:
            yield from differences(expected_parts[name], found_parts[name], f"{path}{name}")


def parts(value: object) -> Mapping[str, Any] | None:
    """What a value is made of, by the way to it; None for one without parts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f".{field.name}": getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {f"[{name!r}]": part for name, part in value.items()}
    if isinstance(value, tuple | list):
        return {f"[{index}]": part for index, part in enumerate(value)}
    return None


def shorten(value: object) -> str:
    """A value on one line."""
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}..."

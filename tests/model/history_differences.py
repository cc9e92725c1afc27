"""Where two values differ, and how to say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from tests.model.history_commands import Command


class Difference(AssertionError):
    """System and model disagree: says after which command of which history, and in what."""

    def __init__(self, seed: int, step: int, command: Command, what: str, lines: Sequence[str]) -> None:
        self.seed, self.step, self.command = seed, step, command
        shown = "\n".join(f"  {line}" for line in lines[:20])
        more = f"\n  and {len(lines) - 20} more" if len(lines) > 20 else ""
        super().__init__(f"history {seed}, step {step}: {what} after\n  {shorten(command)}\n{shown}{more}")


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

"""The commands of a history: plain values that a driver sends to the model and to the system alike.

The fields of a command are exactly the keyword arguments of the method that it names.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Register:
    """An operator registers a case."""

    method: ClassVar = "register"
    case: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Activate:
    """A registered case gets its first plan."""

    method: ClassVar = "activate"
    case: str
    tier: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class SetSettings:
    """Either switch may be left as it is (None)."""

    method: ClassVar = "set_settings"
    case: str
    overage: bool | None
    auto_upgrade: bool | None
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class QuoteTask:
    """What would such a task cost."""

    method: ClassVar = "quote"
    case: str
    kind: str
    scope: str
    mode: str
    documents: int
    fields: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CreateTask:
    """Reserve for every document."""

    method: ClassVar = "create_task"
    case: str
    kind: str
    scope: str
    mode: str
    documents: int
    fields: int
    name: str | None
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class RecordOutcomes:
    """Groups: status, resolved mode or None, document ids."""

    method: ClassVar = "record_outcomes"
    case: str
    task_number: int
    groups: tuple[tuple[str, str | None, tuple[str, ...]], ...]
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class FinishTask:
    """End a task as COMPLETED or CANCELLED."""

    method: ClassVar = "finish_task"
    case: str
    task_number: int
    end: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Abandon:
    """The scheduler looks at a task that may have been idle for too long."""

    method: ClassVar = "abandon"
    case: str
    task_number: int
    at: datetime


# A client that is not sure of the answer sends these again, with the same key.
Keyed = Register | Activate | SetSettings | CreateTask | RecordOutcomes | FinishTask
Command = Keyed | QuoteTask | Abandon

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
    payment_method: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Reactivate:
    """A deactivated case gets a plan again."""

    method: ClassVar = "reactivate"
    case: str
    tier: str
    payment_method: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """To a dearer plan, at once."""

    method: ClassVar = "upgrade"
    case: str
    tier: str
    origin: str
    by_card: bool = False
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class ScheduleDowngrade:
    """To a cheaper plan, at the end of the cycle."""

    method: ClassVar = "schedule_downgrade"
    case: str
    tier: str
    origin: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class CancelDowngrade:
    """The downgrade that waits will not happen."""

    method: ClassVar = "cancel_downgrade"
    case: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Deactivate:
    """The plan ends at once, and everything is lost."""

    method: ClassVar = "deactivate"
    case: str
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Buy:
    """Tokens above the plan."""

    method: ClassVar = "buy"
    case: str
    tokens: int
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class PreviewChange:
    """What would a change to this plan do."""

    method: ClassVar = "preview"
    case: str
    tier: str
    at: datetime


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
class SetCeiling:
    """On overage, in tokens a cycle; None removes it."""

    method: ClassVar = "set_ceiling"
    case: str
    ceiling: int | None
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
class PreviewDeactivation:
    """What would a deactivation take."""

    method: ClassVar = "preview_deactivation"
    case: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SetCard:
    """From now on the saved card of a case is declined, or is not."""

    method: ClassVar = "set_card"
    case: str
    declines: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OpenCheckout:
    """A person wants to pay on a page for an upgrade, or for tokens."""

    method: ClassVar = "open_checkout"
    case: str
    tier: str | None = None
    tokens: int | None = None
    at: datetime
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class UseCheckout:
    """What a person did on the page of the last start, as far as there is one: for a PLAN or for TOKENS.

    outcome: paid, declined, closed; lost: paid, and nobody is told.
    """

    method: ClassVar = "use_checkout"
    case: str
    purpose: str
    outcome: str
    at: datetime


PlanChange = Activate | Reactivate | Upgrade | ScheduleDowngrade | CancelDowngrade | Deactivate | Buy
# A client that is not sure of the answer sends these again, with the same key.
Keyed = Register | PlanChange | SetSettings | SetCeiling | CreateTask | RecordOutcomes | FinishTask
Asked = QuoteTask | PreviewChange | PreviewDeactivation | SetCard | OpenCheckout | UseCheckout
Command = Keyed | Asked

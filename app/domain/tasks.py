"""Tasks: what is asked for, what it reserves, and how it stands (P2, P3, T1-T7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain import rates
from app.domain.plans import Feature
from app.domain.rates import MAX_ACTIVE_FIELDS, Price, ScanMode, TaskKind, TaskScope
from app.domain.refusals import Flaw, InvalidInput

MOST_TOKENS = 2**53 - 1
"""The largest count that a JSON number carries exactly; no task and no tank may hold more."""

ABANDONED_AFTER = timedelta(hours=24)
"""A task without an accepted report for this long is ended and refunded (T6), unless configured otherwise."""


class TaskStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    ABANDONED = "ABANDONED"


class TaskEnd(StrEnum):
    """How a caller may end a task."""

    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """A run over documents, before it is judged."""

    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    documents: int
    active_fields: int = 1

    @property
    def price(self) -> Price:
        """Of one document; only for a request without a flaw."""
        return rates.price(self.kind, self.scope, self.mode, self.active_fields)

    @property
    def tokens(self) -> int:
        """What the whole task reserves: its worst case."""
        return self.documents * self.price.reserve

    @property
    def feature(self) -> Feature | None:
        """The feature that gates it by tier, if any (P3)."""
        return Feature.MULTI_CODE if self.kind is TaskKind.MULTI_CODE else None

    def flaw(self) -> InvalidInput | None:
        """What is wrong with it whatever the case (P2, P3)."""
        if self.documents < 1:
            return InvalidInput("documentCount", Flaw.DOCUMENTS_NOT_POSITIVE)
        if self.scope is TaskScope.SINGLE and self.documents != 1:
            return InvalidInput("documentCount", Flaw.SINGLE_IS_ONE_DOCUMENT)
        if self.kind is TaskKind.SCAN and self.active_fields != 1:
            return InvalidInput("activeFields", Flaw.SCAN_HAS_NO_FIELDS)
        if not 1 <= self.active_fields <= MAX_ACTIVE_FIELDS:
            return InvalidInput("activeFields", Flaw.FIELDS_OUT_OF_RANGE, {"most": MAX_ACTIVE_FIELDS})
        if self.documents > MOST_TOKENS or self.tokens > MOST_TOKENS:
            return InvalidInput("documentCount", Flaw.TOO_MANY_TOKENS)
        return None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands. Tokens: reserved = charged + refunded + held, always; overage is part of charged.

    first_entry is the ledger entry of its reserve, None where it reserved nothing; last_entry that of its latest charge
    or refund, if any.
    """

    case_uuid: UUID
    number: int
    name: str | None
    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    active_fields: int
    status: TaskStatus
    documents: int
    succeeded: int
    failed: int
    skipped: int
    reserved: int
    charged: int
    refunded: int
    overage: int
    first_entry: int | None
    last_entry: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def pending(self) -> int:
        return self.documents - self.succeeded - self.failed - self.skipped

    @property
    def held(self) -> int:
        """Still set aside, in the tank or as provisional overage."""
        return self.reserved - self.charged - self.refunded


@dataclass(frozen=True, slots=True)
class RunningTasks:
    """How many tasks of a case run, how many of them hold tokens of its tank, and the overage they set aside (T5)."""

    tasks: int
    holding: int
    provisional: int

"""What a command answers: plain values that compare equal exactly when the answers mean the same."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Success:
    """The command took effect, now or when its key was first used; names the object that it concerns."""

    case: str
    task: int | None = None


@dataclass(frozen=True)
class Refusal:
    """The command changed nothing; `code` as in the contract's error types, the rest where that type has it."""

    code: str
    field: str | None = None
    required: int | None = None
    balance: int | None = None
    missing: int | None = None
    limit: int | None = None
    feature: str | None = None
    minimum_tier: str | None = None
    next_refill_at: datetime | None = None
    may_upgrade: bool | None = None
    overage_ceiling: int | None = None
    overage_left: int | None = None


@dataclass(frozen=True)
class Quote:
    """What a task would cost in tokens, and why it would not run now (None: it would)."""

    reserved: int
    overage: int
    blocked_by: Refusal | None


@dataclass(frozen=True)
class Preview:
    """What a change to a plan would do: CAD, then tokens (None: unlimited), then features.

    The balances and the loss of a downgrade are those of its taking effect now.
    """

    allowed: bool
    effective_at: datetime
    charge_now: Decimal
    credit: Decimal
    balance_before: int | None
    balance_after: int | None
    tokens_lost: int
    unlocks: tuple[str, ...]
    loses: tuple[str, ...]


@dataclass(frozen=True)
class Awaited:
    """Somebody has to pay so many cents on a page first, for a PLAN or for TOKENS."""

    case: str
    purpose: str
    amount: int


Result = Success | Refusal | Quote | Preview | Awaited

"""What a command answers: plain values that compare equal exactly when the answers mean the same."""

from dataclasses import dataclass


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


@dataclass(frozen=True)
class Quote:
    """What a task would cost in tokens, and why it would not run now (None: it would)."""

    reserved: int
    overage: int
    blocked_by: Refusal | None


Result = Success | Refusal | Quote

"""Ledger entries: every token granted, held, spent or given back (L1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.rates import UsageCategory


class EntryKind(StrEnum):
    ACTIVATION_FILL = "ACTIVATION_FILL"
    REACTIVATION_FILL = "REACTIVATION_FILL"
    UPGRADE_FILL = "UPGRADE_FILL"
    DAILY_REFILL = "DAILY_REFILL"
    PURCHASE = "PURCHASE"
    RESERVE = "RESERVE"
    CHARGE = "CHARGE"
    REFUND = "REFUND"
    DOWNGRADE_CLAMP = "DOWNGRADE_CLAMP"
    DEACTIVATION_CLEAR = "DEACTIVATION_CLEAR"
    ADJUSTMENT = "ADJUSTMENT"


GRANTS = (EntryKind.ACTIVATION_FILL, EntryKind.REACTIVATION_FILL, EntryKind.UPGRADE_FILL, EntryKind.DAILY_REFILL)
"""The kinds that count as supplied by the plan (C5)."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of one reservoir, in tokens. balance_change and balance_after None: the reservoir was unlimited.

    documents: those that a charge is for, or those of a report that were cheaper than reserved; else None (the last
    refund of a task is for what its row counts as failed, skipped and pending).
    """

    sequence: int
    kind: EntryKind
    balance_change: int | None
    held_change: int
    purchased_change: int
    provisional_change: int
    overage_change: int
    balance_after: int | None
    held_after: int
    documents: int | None
    category: UsageCategory | None
    task_number: int | None
    cycle_number: int
    actor: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """Entries of one task that are alike: of one kind and category, and all of them for documents or none.

    documents: their sum, or None. tokens: those that they reserved, charged or gave back, overage included.
    provisional: the sum of their changes of provisional overage, negative where it was charged or released (T5). first
    and last: the smallest and the largest of their sequences, between which entries of others may lie.
    """

    kind: EntryKind
    category: UsageCategory | None
    documents: int | None
    tokens: int
    provisional: int
    first: int
    last: int
    entries: int

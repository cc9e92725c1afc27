"""Ledger entries as the statement shows them (L1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.adapters.entries import actor_name, entry_sentence
from app.adapters.task_texts import task_name
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.plans import PlanTier
from app.domain.tasks import Task
from app.web.readers import Reader


@dataclass(frozen=True, slots=True)
class Extra:
    """A change of something that most entries leave alone: bought tokens, overage."""

    label: str
    change: str


class EntryView:
    """An entry for one reader."""

    def __init__(self, entry: LedgerEntry, reader: Reader, *, task: Task | None, tier: PlanTier | None) -> None:
        words = reader.words
        self.entry = entry
        self.sequence = entry.sequence
        self.sentence = entry_sentence(entry, words, task=task, tier=tier)
        self.time = reader.time(entry.occurred_at)
        self.actor = actor_name(entry, words)
        self.task_name = None if task is None else task_name(task.name, task.number, words)
        self.task_href = None if task is None else f"{reader.links}tasks/{task.number}"
        self.balance_change = entry.balance_change
        self.balance_after = entry.balance_after
        self.held_change = entry.held_change
        self.held_after = entry.held_after
        # Of tasks the sentence itself tells what is overage, and of a purchase what was bought.
        told = entry.kind in {EntryKind.RESERVE, EntryKind.CHARGE, EntryKind.REFUND}
        others = (
            (words.say("bought tokens"), 0 if entry.kind is EntryKind.PURCHASE else entry.purchased_change),
            (words.say("overage set aside"), 0 if told else entry.provisional_change),
            (words.say("overage"), 0 if told else entry.overage_change),
        )
        self.extras = [Extra(label, words.signed(change)) for label, change in others if change]


@dataclass(frozen=True, slots=True)
class EntryDay:
    """The entries of one day in the reader's zone; heading says which."""

    heading: str
    entries: list[EntryView]


def entry_days(
    entries: Iterable[LedgerEntry], reader: Reader, tasks: Mapping[int, Task], tiers: Mapping[int, PlanTier]
) -> list[EntryDay]:
    """Entries in the order given, under the days that they happened on. tasks by number, tiers by cycle number."""
    days: list[EntryDay] = []
    last = None
    for entry in entries:
        day = reader.local_date(entry.occurred_at)
        if day != last:
            days.append(EntryDay(reader.weekday(day), []))
            last = day
        task = None if entry.task_number is None else tasks[entry.task_number]
        days[-1].entries.append(EntryView(entry, reader, task=task, tier=tiers.get(entry.cycle_number)))
    return days

"""Visits: when a person last had the panel of a case open, and what stood in the ledger as they opened it.

All instants are of the case's time. The panel shows the tokens that daily refills added since the opening before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OPENING_ENDS = timedelta(minutes=30)
"""Without the panel; whoever comes back later opens it anew."""

NOTED_EVERY = timedelta(minutes=1)
"""How often at most it is noted that a person still has the panel open."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Ledger entries that there were when the panel was opened, and at the opening before. None: there was none."""

    seen_at: datetime
    opened_at_entry: int
    previous_entry: int | None


def seen(last: Visit | None, now: datetime, entries: int) -> Visit:
    """The visit of a person who has the panel open now; the same as the last where there is nothing to note."""
    if last is None:
        return Visit(now, entries, None)
    away = now - last.seen_at
    if away >= OPENING_ENDS:
        return Visit(now, entries, last.opened_at_entry)
    return replace(last, seen_at=now) if away >= NOTED_EVERY else last

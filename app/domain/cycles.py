"""Billing cycles, the months they belong to, and 09:00 Eastern (C1, C4, C5, L4).

Every instant is an aware datetime; every interval is half open.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.plans import Plan, PlanTier

EASTERN = ZoneInfo("America/New_York")
REFILL_TIME = time(9, 0)

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)


def eastern_date(instant: datetime) -> date:
    """The calendar date of an instant in New York."""
    return instant.astimezone(EASTERN).date()


def _eastern(day: date, wall: time) -> datetime:
    """In UTC: two instants of one zone are compared by their wall clocks, which would be wrong across a change."""
    return datetime.combine(day, wall, tzinfo=EASTERN).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, US Eastern: the label of every cycle that began in it (C4)."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Reads "2026-03"; ValueError for anything else."""
        found = _MONTH.fullmatch(text)
        if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) == 0:
            raise ValueError("A month is written like 2026-03.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    @lru_cache(maxsize=4096)  # the same few cycles are looked at again and again
    def of(cls, instant: datetime) -> "Month":
        day = eastern_date(instant)
        return cls(day.year, day.month)

    @property
    def starts_at(self) -> datetime:
        """00:00 of its first day."""
        return _eastern(self.day(1), time(0))

    def following(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def day(self, wanted: int) -> date:
        """The wanted day, or the last one of a shorter month."""
        return date(self.year, self.month, min(wanted, calendar.monthrange(self.year, self.month)[1]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One paid period: starts_at <= t < ends_at. An upgrade or a deactivation ends it early."""

    number: int
    tier: PlanTier
    catalogue: int
    anchor_day: int
    starts_at: datetime
    ends_at: datetime

    @property
    def month(self) -> Month:
        return Month.of(self.starts_at)

    @classmethod
    def beginning(cls, number: int, plan: Plan, catalogue: int, now: datetime) -> "Cycle":
        """A cycle that an activation, a reactivation or an upgrade begins: with an anchor of its own (C1)."""
        anchor = anchor_day(now)
        return cls(number, plan.tier, catalogue, anchor, now, cycle_end(now, anchor))

    def following(self, tier: PlanTier, catalogue: int) -> "Cycle":
        """The one that a renewal begins where this one ends, on the same anchor (C1)."""
        ends_at = cycle_end(self.ends_at, self.anchor_day)
        return Cycle(self.number + 1, tier, catalogue, self.anchor_day, self.ends_at, ends_at)


def anchor_day(instant: datetime) -> int:
    """Day of the month, 1 to 31, that the cycles of a case activated, reactivated or upgraded now return to (C1)."""
    return eastern_date(instant).day


def cycle_end(starts_at: datetime, anchor: int) -> datetime:
    """00:00 Eastern of the anchor day in the month after the start's, clamped to short months without drifting (C1)."""
    return _eastern(Month.of(starts_at).following().day(anchor), time(0))


def refill_instant(day: date) -> datetime:
    """09:00 New York wall time of a date; it exists once on every date (L4)."""
    return _eastern(day, REFILL_TIME)


def due_day(now: datetime) -> date:
    """The last New York date whose 09:00 has come: what is not refilled up to it is due (L4)."""
    today = eastern_date(now)
    return today if now >= refill_instant(today) else today - timedelta(days=1)


@lru_cache(maxsize=4096)
def refills_between(starts_at: datetime, ends_at: datetime) -> int:
    """How many 09:00s lie in starts_at <= t < ends_at (C5)."""

    def first_not_before(instant: datetime) -> date:
        day = eastern_date(instant)
        return day if instant <= refill_instant(day) else day + timedelta(days=1)

    return max(0, (first_not_before(ends_at) - first_not_before(starts_at)).days)


def plan_tokens(plan: Plan, starts_at: datetime, ends_at: datetime) -> int | None:
    """The most a plan could cover in a cycle: its cap and a refill for every 09:00 in it (C5). None: unlimited."""
    if plan.cap is None or plan.daily_refill is None:
        return None
    return plan.cap + plan.daily_refill * refills_between(starts_at, ends_at)

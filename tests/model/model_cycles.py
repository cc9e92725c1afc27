"""Billing cycles on the calendar of US Eastern time (C1, C4, C5)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.model.model_prices import PLANS

EASTERN = ZoneInfo("America/New_York")
REFILL_TIME = time(9)


@dataclass(frozen=True)
class Cycle:
    """One paid period, half open: starts_at <= t < ends_at, both in UTC. Numbers count 1, 2, 3... in a case."""

    number: int
    starts_at: datetime
    ends_at: datetime
    tier: str

    @property
    def month(self) -> str:
        """C4: the calendar month in which the cycle started, "2026-03"."""
        return self.starts_at.astimezone(EASTERN).strftime("%Y-%m")

    @property
    def plan_tokens(self) -> int | None:
        """C5: the most the plan could cover: one cap and every 09:00 in the cycle. None: unlimited."""
        plan = PLANS[self.tier]
        if plan.cap is None or plan.refill is None:
            return None
        return plan.cap + plan.refill * refills_between(self.starts_at, self.ends_at)


def in_eastern(day: date, wall: time) -> datetime:
    """The instant at which New York's clocks show `wall` on `day`, in UTC: only there do instants compare safely."""
    return datetime.combine(day, wall, EASTERN).astimezone(UTC)


def month_of(instant: datetime) -> datetime:
    """C4: the first instant of the calendar month in New York, by which the month is known."""
    return in_eastern(instant.astimezone(EASTERN).date().replace(day=1), time(0))


def end_of_month(month: datetime) -> datetime:
    """The first instant of the next one."""
    return month_of(month + timedelta(days=35))


def anchor_day_of(instant: datetime) -> int:
    """C1: the local day of the month on which a subscription began."""
    return instant.astimezone(EASTERN).day


def end_of_cycle(starts_at: datetime, anchor_day: int) -> datetime:
    """C1: local midnight at the start of the next month's anchor day, or of its last day if it is too short."""
    first = starts_at.astimezone(EASTERN).date().replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    last_day = monthrange(following.year, following.month)[1]
    return in_eastern(following.replace(day=min(anchor_day, last_day)), time(0))


def days_between(starts_at: datetime, ends_at: datetime) -> int:
    """C1: local dates from that of starts_at (included) to that of ends_at (not included)."""
    return (ends_at.astimezone(EASTERN).date() - starts_at.astimezone(EASTERN).date()).days


def next_refill_time(after: datetime) -> datetime:
    """L4: the first 09:00 of New York's clocks that is later than `after`."""
    day = after.astimezone(EASTERN).date()
    today = in_eastern(day, REFILL_TIME)
    return today if today > after else in_eastern(day + timedelta(days=1), REFILL_TIME)


def refills_between(starts_at: datetime, ends_at: datetime) -> int:
    """C5: how many 09:00s of New York lie in starts_at <= t < ends_at."""
    day, count = starts_at.astimezone(EASTERN).date(), 0
    while in_eastern(day, REFILL_TIME) < ends_at:
        count += in_eastern(day, REFILL_TIME) >= starts_at
        day += timedelta(days=1)
    return count

"""Test clocks: the time that the cases registered on one live in (C10)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from app.domain.cycles import Month, refill_instant
from app.domain.refusals import Flaw, InvalidInput

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
LONGEST_ADVANCE = timedelta(days=50 * 366)
"""Of one call."""

_RANGE = {"first": str(EARLIEST.year), "last": str(LATEST.year - 1)}  # texts: years are written without a separator


@dataclass(frozen=True, slots=True)
class TestClock:
    """now: everything due at or before it has been done."""

    __test__ = False  # pytest takes it for a test by its name

    clock_id: int
    uuid: UUID
    now: datetime


def check_start(now: datetime) -> InvalidInput | None:
    """Where a clock may start."""
    if not EARLIEST <= now <= LATEST:
        return InvalidInput("now", Flaw.CLOCK_OUT_OF_RANGE, _RANGE)
    return None


def check_advance(clock: TestClock, to: datetime) -> InvalidInput | None:
    """A clock only goes forward, and not without end in one call."""
    if to < clock.now:
        return InvalidInput("to", Flaw.NOT_FORWARD)
    if to > min(LATEST, clock.now + LONGEST_ADVANCE):
        return InvalidInput("to", Flaw.CLOCK_OUT_OF_RANGE, _RANGE)
    return None


def next_due(
    refilled_on: date | None,
    cycle_ends_at: datetime | None,
    quiet_since: datetime | None,
    waiting: Month | None = None,
    *,
    abandoned_after: timedelta,
) -> datetime | None:
    """When something falls due next, of the earliest of each kind on a clock. None: never.

    waiting: the month of lines that wait to be invoiced, on the first of the next one (C6).
    """
    instants = (
        None if refilled_on is None else refill_instant(refilled_on + timedelta(days=1)),
        cycle_ends_at,
        None if quiet_since is None else quiet_since + abandoned_after,
        None if waiting is None else waiting.following().starts_at,
    )
    return min((instant for instant in instants if instant is not None), default=None)

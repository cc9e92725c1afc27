"""When things happen in a history: mostly soon, now and then right where rules meet, seldom after weeks."""

from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from tests.model.model_case import Case
from tests.model.model_cycles import EASTERN, next_refill_time

T = TypeVar("T")

# Around the ends of short months, clock changes, a turn of the year and a leap day.
BEGINNINGS = ((2026, 1, 29), (2026, 2, 26), (2026, 3, 6), (2026, 3, 8), (2026, 10, 30), (2026, 11, 1), (2026, 12, 29))
LEAP_BEGINNINGS = ((2028, 1, 30), (2028, 2, 28))
IDLE_LIMIT = timedelta(hours=24)


def weighted(random: Random, weights: dict[T, int]) -> T:
    """One of the keys, in proportion to its weight."""
    return random.choices(list(weights), list(weights.values()))[0]


def pause(random: Random) -> timedelta:
    """From nothing to some 40 days, mostly short enough for tasks to live on (T6)."""
    pauses = {
        timedelta(0): 150,
        timedelta(microseconds=random.randrange(1, 2_000_000)): 330,
        timedelta(seconds=random.randrange(3_600)): 330,
        timedelta(hours=random.randrange(1, 24)): 18,
        timedelta(days=random.randrange(1, 20)): 4,
        timedelta(days=random.randrange(20, 41), seconds=random.randrange(86_400)): 2,
    }
    return weighted(random, pauses)


def landing(random: Random, now: datetime, case: Case) -> datetime:
    """Just before, at, or after an instant at which something may fall due for the case; never before `now`."""
    places = {next_refill_time(now): 30, midnight_after(now): 12}
    idle = [task.last_sign_at + IDLE_LIMIT for task in case.running]
    if idle:
        places[random.choice(idle)] = 30
    if case.status == "ACTIVE":
        places[case.cycles[-1].ends_at] = 9
    if change := clock_change_after(now):
        places[change] = 4
    return beside(random, now, weighted(random, places))


def beside(random: Random, now: datetime, instant: datetime) -> datetime:
    """The instant, the last moment before it or a moment after it."""
    return max(now, instant + timedelta(microseconds=random.choice((-1, 0, 0, 5_000_000))))


def midnight_after(instant: datetime) -> datetime:
    """The next time when New York's clocks show 00:00, in the zone of `instant`."""
    local = instant.astimezone(EASTERN).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (local + timedelta(days=1)).astimezone(instant.tzinfo)


def clock_change_after(instant: datetime) -> datetime | None:
    """The instant at which New York's clocks jump, if that is within three weeks; to the hour."""
    hour = instant.replace(minute=0, second=0, microsecond=0)
    hours = [hour + timedelta(hours=n) for n in range(1, 21 * 24, 24)]
    for day in hours:
        if day.astimezone(EASTERN).utcoffset() != instant.astimezone(EASTERN).utcoffset():
            within = (day - timedelta(hours=n) for n in range(25))
            offset = instant.astimezone(EASTERN).utcoffset()
            return min(hour for hour in within if hour.astimezone(EASTERN).utcoffset() != offset)
    return None

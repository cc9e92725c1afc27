"""When law firms work: hardly on weekends and holidays, more and more before a production, little after it."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

_WEEK = (0.85, 1.15, 1.2, 1.1, 0.75, 0.1, 0.04)
"""Monday first: how much is done, beside an ordinary working day."""

_HOLIDAY = 0.03
_SLACK = {7: 0.75, 8: 0.8, 12: 0.85}
"""Months in which many are away."""

_BURST, _MORE, _WEEKEND = 12, 2.4, 0.25
"""Days before a production in which more is done, day by day; how much more at last; what weekends then add."""

_REST, _LESS = 7, 0.3
"""Days after it in which little is done, and how little."""


@cache
def holidays(year: int) -> frozenset[date]:
    """Days off in most Canadian offices, those between Christmas and New Year among them."""
    fixed = {date(year, 1, 1), date(year, 7, 1), *(date(year, 12, day) for day in range(24, 32))}
    moving = {
        _easter(year) - timedelta(days=2),
        _monday(year, 5, 18),
        _monday(year, 8, 1),
        _monday(year, 9, 1),
        _monday(year, 10, 8),
    }
    return frozenset(fixed | moving)


def _monday(year: int, month: int, earliest: int) -> date:
    day = date(year, month, earliest)
    return day + timedelta(days=-day.weekday() % 7)


def _easter(year: int) -> date:
    """Sunday, by the Gregorian computation."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    epact -= epact // 28 * (1 - 29 // (epact + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    back = epact - weekday
    month = 3 + (back + 40) // 44
    return date(year, month, back + 28 - 31 * (month // 4))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def working_day(day: date) -> date:
    """The day itself, or the next one on which offices are open."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def haste(day: date, productions: Sequence[date]) -> float:
    """0 on most days, and up to 1 on that of a production."""
    left = [(production - day).days for production in productions]
    return max((1 - days / _BURST for days in left if 0 <= days < _BURST), default=0.0)


def activity(day: date, productions: Sequence[date]) -> float:
    """How much is done on a day, beside an ordinary working day."""
    usual = _HOLIDAY if day in holidays(day.year) else _WEEK[day.weekday()] * _SLACK.get(day.month, 1.0)
    if hurry := haste(day, productions):
        return (usual + (_WEEKEND if day.weekday() >= 5 else 0.0)) * (1 + _MORE * hurry)
    rests = any(0 < (day - production).days < _REST for production in productions)
    return usual * _LESS if rests else usual

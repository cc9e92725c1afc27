"""Whoever comes late, and what is to be seen of it."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from sqlalchemy import text

from app.services.ports import Ports
from tests.plans import Life, eastern, work

A_MOMENT = timedelta(microseconds=1)
NINE = eastern(2026, 3, 4, 9)
"""Of the day after the one that the clock of a test starts on."""


async def refills(life: Life) -> list[tuple[date | None, int | None, datetime, int]]:
    """Date, tokens, instant and cycle of every refill."""
    return [(e.date, e.balance, e.at, e.cycle) for e in await life.entries() if e.kind == "DAILY_REFILL"]


async def outages(ports: Ports) -> list[int]:
    """Days, counted from the first of March 2026."""
    async with ports.database.writing() as connection:
        days = (await connection.execute(text("select day from outages order by day"))).scalars()
        return [(day - date(2026, 3, 1)).days + 1 for day in days]


async def cycles(life: Life) -> list[tuple[datetime, datetime]]:
    query = text("select starts_at, ends_at from cycles join cases using (case_id) where uuid = :uuid order by number")
    async with life.ports.database.writing() as connection:
        return [(row.starts_at, row.ends_at) for row in await connection.execute(query, {"uuid": life.uuid})]


Comer = Callable[[Life], Awaitable[object]]

COMERS: list[Comer] = [
    lambda life: life.try_task(1),
    lambda life: life.buy(1),
    lambda life: life.cancel(),  # which is refused
    lambda life: work(life.ports),
]
"""Whoever finds out what is due, each on a case of its own; the worker comes last, for it looks at all of them."""


async def come(lives: list[Life]) -> None:
    for life, comer in zip(lives, COMERS, strict=True):
        await comer(life)

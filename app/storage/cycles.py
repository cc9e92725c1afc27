"""Billing cycles with what was granted and charged in them."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Date, Function, ScalarSelect, Select, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cycles import Cycle, Month
from app.domain.months import CycleUsage, UsageMonth
from app.storage.snapshots import Reader
from app.storage.tables import cycle_usage, cycles


def first_day(month: Month) -> date:
    """How a month is stored."""
    return date(month.year, month.month, 1)


def _month(day: date | None) -> Month | None:
    return None if day is None else Month(day.year, day.month)


async def store_cycle(connection: AsyncConnection, case_id: int, cycle: Cycle) -> None:
    await connection.execute(
        insert(cycles).values(
            case_id=case_id,
            number=cycle.number,
            catalogue=cycle.catalogue,
            granted=0,
            starts_at=cycle.starts_at,
            ends_at=cycle.ends_at,
            month=first_day(cycle.month),
            anchor_day=cycle.anchor_day,
            tier=cycle.tier,
        )
    )


_USAGE = select(cycles, cycle_usage.c.category, cycle_usage.c.charged, cycle_usage.c.overage).outerjoin_from(
    cycles,
    cycle_usage,
    (cycle_usage.c.case_id == cycles.c.case_id) & (cycle_usage.c.cycle_number == cycles.c.number),
)
"""A row for each cycle and each category that was used in it."""


def _by_cycle(found: Iterable[Any]) -> list[CycleUsage]:
    """Out of rows in the order of cycles."""
    usage = []
    for _, group in groupby(found, key=lambda row: row.number):
        parts = list(group)
        first = parts[0]
        cycle = Cycle(first.number, first.tier, first.catalogue, first.anchor_day, first.starts_at, first.ends_at)
        charged = {row.category: row.charged for row in parts if row.category is not None}
        usage.append(CycleUsage(cycle, first.granted, charged, sum(row.overage or 0 for row in parts)))
    return usage


@cache
def _usage_of_month(*, latest: bool) -> Select[Any]:
    others = cycles.alias()

    def of_others(found: Function[date], *conditions: ColumnElement[bool]) -> ScalarSelect[date]:
        return select(found).where(others.c.case_id == bindparam("of_case"), *conditions).scalar_subquery()

    shown = of_others(func.max(others.c.month)) if latest else bindparam("shown", type_=Date)
    return (
        _USAGE.add_columns(
            of_others(func.max(others.c.month), others.c.month < cycles.c.month).label("previous"),
            of_others(func.min(others.c.month), others.c.month > cycles.c.month).label("following"),
        )
        .where(cycles.c.case_id == bindparam("of_case"), cycles.c.month == shown)
        .order_by(cycles.c.number)
    )


async def usage_of_month(connection: Reader, case_id: int, month: Month | None) -> UsageMonth | None:
    """The month, or that of the latest cycle, with its neighbours, in one statement. None: no cycle began in it."""
    asked: dict[str, object] = {"of_case": case_id}
    if month is not None:
        asked["shown"] = first_day(month)
    rows = (await connection.execute(_usage_of_month(latest=month is None), asked)).all()
    return UsageMonth(_by_cycle(rows), _month(rows[0].previous), _month(rows[0].following)) if rows else None


async def usage_of_months(
    connection: AsyncConnection, case_id: int, months: list[Month]
) -> dict[Month, list[CycleUsage]]:
    """The cycles that began in each of the months, in order, with their usage."""
    of_months = cycles.c.month.in_([first_day(month) for month in months])
    query = _USAGE.where(cycles.c.case_id == case_id, of_months).order_by(cycles.c.number)
    usage: dict[Month, list[CycleUsage]] = {month: [] for month in months}
    for part in _by_cycle(await connection.execute(query)):
        usage[part.cycle.month].append(part)
    return usage


_LATEST = select(func.max(cycles.c.month)).where(cycles.c.case_id == bindparam("of_case"))


async def latest_month(connection: Reader, case_id: int) -> Month | None:
    """The month of the latest cycle."""
    return _month((await connection.execute(_LATEST, {"of_case": case_id})).scalar_one())


def _months(case_id: int) -> Select[Any]:
    return select(cycles.c.month).where(cycles.c.case_id == case_id).distinct()


async def page_of_months(connection: AsyncConnection, case_id: int, *, after: Month | None, limit: int) -> list[Month]:
    """Months in which a cycle began, newest first, before the one given."""
    query = _months(case_id).order_by(cycles.c.month.desc()).limit(limit)
    if after is not None:
        query = query.where(cycles.c.month < first_day(after))
    return [Month(day.year, day.month) for day in (await connection.execute(query)).scalars()]


async def count_months(connection: AsyncConnection, case_id: int) -> int:
    query = select(func.count(cycles.c.month.distinct())).where(cycles.c.case_id == case_id)
    return int((await connection.execute(query)).scalar_one())


_OF_CASE = cycles.c.case_id == bindparam("of_case")
_NEIGHBOURS = select(
    select(func.max(cycles.c.month)).where(_OF_CASE, cycles.c.month < bindparam("day")).scalar_subquery(),
    select(func.min(cycles.c.month)).where(_OF_CASE, cycles.c.month > bindparam("day")).scalar_subquery(),
)


async def neighbours(connection: Reader, case_id: int, month: Month) -> tuple[Month | None, Month | None]:
    """The months with a cycle right before and right after the one given."""
    asked = {"of_case": case_id, "day": first_day(month)}
    before, after = (await connection.execute(_NEIGHBOURS, asked)).one()
    return _month(before), _month(after)

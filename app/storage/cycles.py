"""Billing cycles with what was granted and charged in them."""

from datetime import date, datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Function,
    ScalarSelect,
    Select,
    bindparam,
    cast,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cycles import Cycle, Month
from app.domain.months import CycleUsage, UsageMonth
from app.domain.rates import UsageCategory
from app.storage.reads import Reader
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


async def cut_cycle(connection: AsyncConnection, case_id: int, cycle: Cycle, now: datetime) -> None:
    """Ends the open cycle early, as an upgrade and a deactivation do."""
    of_cycle = (cycles.c.case_id == case_id) & (cycles.c.number == cycle.number)
    await connection.execute(update(cycles).where(of_cycle).values(ends_at=now))


_used = (
    select(
        func.jsonb_object_agg(cycle_usage.c.category, cycle_usage.c.charged, type_=JSONB).label("charged"),
        cast(func.sum(cycle_usage.c.overage), BigInteger).label("overage"),
    )
    .where(cycle_usage.c.case_id == cycles.c.case_id, cycle_usage.c.cycle_number == cycles.c.number)
    .lateral("used")
)
_USAGE = select(cycles, _used).join_from(cycles, _used, true())
"""A row for each cycle. Null: nothing was charged in it."""

_CATEGORIES = {category.value: category for category in UsageCategory}


def _usage(row: Any) -> CycleUsage:
    cycle = Cycle(row.number, row.tier, row.catalogue, row.anchor_day, row.starts_at, row.ends_at)
    charged = {_CATEGORIES[name]: tokens for name, tokens in (row.charged or {}).items()}
    return CycleUsage(cycle, row.granted, charged, row.overage or 0)


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
    if not rows:
        return None
    return UsageMonth([_usage(row) for row in rows], _month(rows[0].previous), _month(rows[0].following))


_USAGE_OF_CYCLE = _USAGE.where(cycles.c.case_id == bindparam("of_case"), cycles.c.number == bindparam("wanted"))


async def usage_of_cycle(connection: Reader, case_id: int, number: int) -> CycleUsage | None:
    """None: the case has no cycle with this number."""
    row = (await connection.execute(_USAGE_OF_CYCLE, {"of_case": case_id, "wanted": number})).one_or_none()
    return None if row is None else _usage(row)


@cache
def _page_of_months(*, on: bool) -> Select[Any]:
    of_page, newer = cycles.alias(), cycles.alias()
    months = select(of_page.c.month).where(of_page.c.case_id == bindparam("of_case")).distinct()
    months = months.order_by(of_page.c.month.desc()).limit(bindparam("most"))
    following: ColumnElement[Any] = null()
    if on:
        months = months.where(of_page.c.month < bindparam("after"))
        following = (
            select(func.min(newer.c.month))
            .where(newer.c.case_id == bindparam("of_case"), newer.c.month >= bindparam("after"))
            .scalar_subquery()
        )
    return (
        _USAGE.add_columns(following.label("following"))
        .where(cycles.c.case_id == bindparam("of_case"), cycles.c.month.in_(months))
        .order_by(cycles.c.number)
    )


async def page_of_months(
    connection: Reader, case_id: int, *, after: Month | None, size: int
) -> tuple[list[UsageMonth], bool]:
    """Months in which a cycle began, newest first, before the one given, and whether there are more; in one statement.

    A month's neighbours are those beside it on the page. One more than the page holds is read for the last of them, and
    what follows the first is the month given, or what came after it.
    """
    asked: dict[str, object] = {"of_case": case_id, "most": size + 1}
    if after is not None:
        asked["after"] = first_day(after)
    rows = (await connection.execute(_page_of_months(on=after is not None), asked)).all()
    if not rows:
        return [], False
    found = [(day, [_usage(row) for row in of_month]) for day, of_month in groupby(rows, key=attrgetter("month"))]
    neighbours = [None, *(_month(day) for day, _ in found), _month(rows[0].following)]
    months = [UsageMonth(usage, neighbours[at], neighbours[at + 2]) for at, (_, usage) in enumerate(found)]
    return months[::-1][:size], len(months) > size


_LATEST = select(func.max(cycles.c.month)).where(cycles.c.case_id == bindparam("of_case"))


async def latest_month(connection: Reader, case_id: int) -> Month | None:
    """The month of the latest cycle."""
    return _month((await connection.execute(_LATEST, {"of_case": case_id})).scalar_one())


_COUNT = select(func.count(cycles.c.month.distinct())).where(cycles.c.case_id == bindparam("of_case"))


async def count_months(connection: Reader, case_id: int) -> int:
    return int((await connection.execute(_COUNT, {"of_case": case_id})).scalar_one())


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

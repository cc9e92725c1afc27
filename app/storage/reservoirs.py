"""Reservoirs: changes of the balance through the functions that write their entries, and refills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import EntryKind
from app.domain.plans import CATALOGUES
from app.storage.database import Database

_CHANGE = text("select change_balance(:case_id, cast(:kind as entry_kind), :tokens, :purchased, :caller_id, :now)")
_LIMIT = text("select end_unlimited(:case_id, cast(:kind as entry_kind), :balance, :purchased, :cap, :caller_id, :now)")


async def change_balance(
    connection: AsyncConnection,
    case_id: int,
    kind: EntryKind,
    tokens: int,
    *,
    purchased: int = 0,
    caller_id: int,
    now: datetime,
) -> None:
    """Enters what the caller has decided under the case's lock, in tokens; purchased: the change of the bought part."""
    values = {"case_id": case_id, "kind": kind.value, "tokens": tokens, "purchased": purchased}
    await connection.execute(_CHANGE, {**values, "caller_id": caller_id, "now": now})


_CLEAR = text("""
    select change_balance(case_id, 'DEACTIVATION_CLEAR', -balance, -purchased, :caller_id, :now)
    from reservoirs where case_id = :case_id
""")


async def clear_reservoir(connection: AsyncConnection, case_id: int, *, caller_id: int, now: datetime) -> None:
    """Takes every token that is left once nothing is held any more (L6)."""
    await connection.execute(_CLEAR, {"case_id": case_id, "caller_id": caller_id, "now": now})


async def end_unlimited(
    connection: AsyncConnection,
    case_id: int,
    kind: EntryKind,
    *,
    balance: int,
    cap: int,
    purchased: int = 0,
    caller_id: int,
    now: datetime,
) -> None:
    """Gives an unlimited reservoir this balance and cap, in tokens; purchased: the change of the bought part (L7)."""
    values = {"case_id": case_id, "kind": kind.value, "balance": balance, "purchased": purchased, "cap": cap}
    await connection.execute(_LIMIT, {**values, "caller_id": caller_id, "now": now})


_SCHEDULER = "(select caller_id from callers where organization_id is null and name = 'scheduler')"
_REFILLING = [plan for catalogue in CATALOGUES.values() for plan in catalogue.values() if plan.refills]
_PLANS: Sequence[Any] = (
    [version for version, catalogue in CATALOGUES.items() for plan in catalogue.values() if plan.refills],
    [plan.tier.value for plan in _REFILLING],
    [plan.daily_refill for plan in _REFILLING],
)
_NAMED = dict(zip(("catalogues", "tiers", "refills"), _PLANS, strict=True))
_OF_PLANS = f"{_SCHEDULER}, %s::bigint[], %s::plan_tier[], %s::bigint[]"
_BATCH = (
    f"select cases, last_day, last_case from refill_batch(%s, %s, {_OF_PLANS}, %s, coalesce(%s, '-infinity'::date), %s)"
)
_CASE = f"select refill_case(%s, %s, %s, {_OF_PLANS})"
_LOCKED = text(
    f"select refill_case(:case_id, :now, :day, {_SCHEDULER}, cast(:catalogues as bigint[]),"
    " cast(:tiers as plan_tier[]), cast(:refills as bigint[]))"
)
_CLOCK = text(
    f"select refill_clock(:clock_id, :now, :day, {_SCHEDULER}, cast(:catalogues as bigint[]),"
    " cast(:tiers as plan_tier[]), cast(:refills as bigint[]))"
)


@dataclass(frozen=True, slots=True)
class Refilled:
    """A case that was due since this day, the last of its batch: the next batch of a sweep begins behind it."""

    due_since: date
    case_id: int


async def refill_batch(
    database: Database, now: datetime, day: date, *, after: Refilled | None, most: int
) -> tuple[int, Refilled | None]:
    """Refills cases in real time that the date is due for (L4), behind the one given or from the beginning.

    Returns how many, and where they end; 0 and None when none is left to take from there on.
    """
    behind = (None, 0) if after is None else (after.due_since, after.case_id)
    row = await database.call(_BATCH, (now, day, *_PLANS, most, *behind))
    assert row is not None
    refilled, last_day, last_case = row
    return int(refilled), None if last_case is None else Refilled(last_day, last_case)


async def refill_case(database: Database, case_id: int, now: datetime, day: date) -> bool:
    """Refills one case if the date is due for it. False: its cycle has ended and comes first."""
    row = await database.call(_CASE, (case_id, now, day, *_PLANS), locks_case=case_id)
    assert row is not None
    return bool(row[0] == "done")


async def refill_locked(connection: AsyncConnection, case_id: int, now: datetime, day: date) -> None:
    """The same within a transaction, for a case whose cycle has not ended."""
    await connection.execute(_LOCKED, {"case_id": case_id, "now": now, "day": day, **_NAMED})


async def refill_clock(connection: AsyncConnection, clock_id: int, now: datetime, day: date) -> None:
    """Refills every case on the test clock that the date is due for (C10)."""
    await connection.execute(_CLOCK, {"clock_id": clock_id, "now": now, "day": day, **_NAMED})

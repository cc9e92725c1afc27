"""Ledger entries summed, and found, for whoever explains a figure by them (L1)."""

from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, or_, select

from app.domain.cycles import Month
from app.domain.explanations import EntryChoice, EntrySum, LedgerColumn
from app.domain.ledger import EntryKind, LedgerEntry
from app.storage.cycles import first_day
from app.storage.ledger import SELECT_ENTRIES, entry_of
from app.storage.reads import Reader
from app.storage.tables import cycles, ledger_entries as entries

_COLUMNS = {
    LedgerColumn.BALANCE: entries.c.balance_change,
    LedgerColumn.HELD: entries.c.held_change,
    LedgerColumn.PURCHASED: entries.c.purchased_change,
    LedgerColumn.OVERAGE: entries.c.overage_change,
}
_CHARGED = -(entries.c.held_change + entries.c.provisional_change)
_GIVEN = {
    "month": entries.c.cycle_number.in_(
        select(cycles.c.number).where(cycles.c.case_id == bindparam("of_case"), cycles.c.month == bindparam("month"))
    ),
    "cycle": entries.c.cycle_number == bindparam("cycle"),
    "only": entries.c.sequence == bindparam("only"),
    "after": entries.c.sequence < bindparam("after"),
}


def _given(**values: object | None) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _of_case(query: Select[Any], given: frozenset[str]) -> Select[Any]:
    """given: what the entries are chosen by, each of which takes a value of its name."""
    return query.where(entries.c.case_id == bindparam("of_case"), *(_GIVEN[name] for name in sorted(given)))


@cache
def _sums(given: frozenset[str]) -> Select[Any]:
    totals = [cast(func.coalesce(func.sum(part), 0), BigInteger) for part in (*_COLUMNS.values(), _CHARGED)]
    return _of_case(select(entries.c.kind, entries.c.category, *totals), given).group_by(
        entries.c.kind, entries.c.category
    )


async def sums_of_entries(
    connection: Reader, case_id: int, *, month: Month | None = None, cycle: int | None = None
) -> list[EntrySum]:
    """Of all entries of a case, or of those of a month or a cycle, by the stored cycle (C4)."""
    given = _given(month=month and first_day(month), cycle=cycle)
    found = []
    for kind, category, *totals, charged in await connection.execute(
        _sums(frozenset(given)), {"of_case": case_id, **given}
    ):
        changes = dict(zip(_COLUMNS, totals, strict=True))
        found.append(EntrySum(kind, category, changes, charged if kind is EntryKind.CHARGE else 0))
    return found


def _asked(choice: EntryChoice, after: int | None = None) -> dict[str, Any]:
    month = choice.month and first_day(choice.month)
    return _given(month=month, cycle=choice.cycle, only=choice.only, after=after)


def _chosen(
    query: Select[Any], kinds: tuple[EntryKind, ...] | None, changing: LedgerColumn | None, given: frozenset[str]
) -> Select[Any]:
    query = _of_case(query, given)
    if kinds is not None:
        query = query.where(or_(False, *(entries.c.kind == kind for kind in kinds)))
    return query if changing is None else query.where(_COLUMNS[changing] != 0)


@lru_cache(maxsize=256)
def _page(kinds: tuple[EntryKind, ...] | None, changing: LedgerColumn | None, given: frozenset[str]) -> Select[Any]:
    query = _chosen(SELECT_ENTRIES, kinds, changing, given)
    return query.order_by(entries.c.sequence.desc()).limit(bindparam("most"))


@lru_cache(maxsize=256)
def _count(kinds: tuple[EntryKind, ...] | None, changing: LedgerColumn | None, given: frozenset[str]) -> Select[Any]:
    return _chosen(select(func.count()).select_from(entries), kinds, changing, given)


async def page_of_chosen(
    connection: Reader, case_id: int, choice: EntryChoice, *, after: int | None, limit: int
) -> list[LedgerEntry]:
    """Newest first, before the sequence given."""
    asked = _asked(choice, after)
    query = _page(choice.kinds, choice.changing, frozenset(asked))
    rows = await connection.execute(query, {"of_case": case_id, **asked, "most": limit})
    return [entry_of(row) for row in rows]


async def count_chosen(connection: Reader, case_id: int, choice: EntryChoice) -> int:
    asked = _asked(choice)
    query = _count(choice.kinds, choice.changing, frozenset(asked))
    return int((await connection.execute(query, {"of_case": case_id, **asked})).scalar_one())

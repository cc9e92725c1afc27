"""Visits of people to the panels of cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select

from app.domain.visits import Visit
from app.storage.database import Database
from app.storage.reads import Reader
from app.storage.tables import cases, ledger_rows, reservoirs, test_clocks, visits


@dataclass(frozen=True, slots=True)
class Opened:
    """A case whose panel somebody has open. clock: the time of its test clock, None: it lives in real time."""

    case_id: int
    entries: int
    clock: datetime | None
    last: Visit | None


_FIND = (
    select(
        reservoirs.c.case_id,
        reservoirs.c.entries,
        test_clocks.c.now,
        visits.c.seen_at,
        visits.c.opened_at_entry,
        visits.c.previous_entry,
    )
    .join_from(cases, reservoirs)
    .outerjoin(test_clocks)
    .outerjoin(
        visits, (visits.c.case_id == reservoirs.c.case_id) & (visits.c.caller_id == bindparam("of_caller"))
    )
    .where(cases.c.uuid == bindparam("of_case"))
)  # fmt: skip


async def find_visit(connection: Reader, uuid: UUID, caller_id: int) -> Opened | None:
    """The case as it stands with the last visit of the caller. None: there is no such case."""
    row = (await connection.execute(_FIND, {"of_case": uuid, "of_caller": caller_id})).one_or_none()
    if row is None:
        return None
    last = None if row.seen_at is None else Visit(row.seen_at, row.opened_at_entry, row.previous_entry)
    return Opened(row.case_id, row.entries, row.now, last)


# Of two requests that saw the same visit one notes what both found.
_STORE = """
insert into visits (case_id, caller_id, seen_at, opened_at_entry, previous_entry) values (%s, %s, %s, %s, %s)
on conflict (case_id, caller_id) do update set
    seen_at = excluded.seen_at, opened_at_entry = excluded.opened_at_entry, previous_entry = excluded.previous_entry
where visits.seen_at = %s
returning 1
"""


async def store_visit(database: Database, case_id: int, caller_id: int, visit: Visit, last: Visit | None) -> None:
    """Notes the visit that follows the last; nothing where another has been noted since."""
    values = (case_id, caller_id, visit.seen_at, visit.opened_at_entry, visit.previous_entry)
    await database.call(_STORE, (*values, None if last is None else last.seen_at))


# The kind stands in the text, so that every plan of the statement may use the index of rare kinds.
_ADDED = select(func.coalesce(func.sum(ledger_rows.c.balance_change), 0)).where(
    ledger_rows.c.case_id == bindparam("of_case"),
    ledger_rows.c.kind == literal_column("'DAILY_REFILL'::entry_kind"),
    ledger_rows.c.sequence > bindparam("after"),
)


async def refilled_after(connection: Reader, case_id: int, sequence: int) -> int:
    """Tokens that daily refills added in entries after this one."""
    return int((await connection.execute(_ADDED, {"of_case": case_id, "after": sequence})).scalar_one())

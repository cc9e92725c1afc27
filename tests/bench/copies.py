"""Copies of a case in a few statements, where making each through the services would take longer than measuring."""

from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.storage.tables import cases, cycles, idempotency_keys, ledger_rows, plan_changes, reservoirs

_OTHERWISE = {
    "uuid": "gen_random_uuid()",
    "registration_key": "gen_random_uuid()",
    "first_billed_cycle": "(select cycle_number + 1 from reservoirs r where r.case_id = cases.case_id)",
}
"""What copies do not share with their original, which has invoices: of them only the open cycle's end is billed."""

_COPY_CASE = """
insert into cases ({columns}) select {values} from cases, generate_series(1, :count) where case_id = :original
returning case_id, uuid
"""
_COPY_ROWS = """
insert into {table} (case_id, {columns})
select copy, {columns} from unnest(cast(:copies as bigint[])) copy, {table} where case_id = :original
"""


async def copy_case(connection: AsyncConnection, original: int, count: int) -> list[UUID]:
    """Makes cases that differ from one without tasks by their ids only; returns their uuids."""
    columns = _columns(cases)
    values = [_OTHERWISE.get(column, column) for column in columns]
    statement = text(_COPY_CASE.format(columns=", ".join(columns), values=", ".join(values)))
    made = (await connection.execute(statement, {"count": count, "original": original})).all()
    given = {"copies": [case_id for case_id, _ in made], "original": original}
    for table in (reservoirs, cycles, ledger_rows, plan_changes, idempotency_keys):
        statement = text(_COPY_ROWS.format(table=table.name, columns=", ".join(_columns(table))))
        await connection.execute(statement, given)
    return [uuid for _, uuid in made]


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "case_id"]

"""Thousands of cases like one, and databases like one, in a few statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Table, text

from app.runtime.servers.postgres import EmbeddedPostgres
from app.storage.tables import (
    cases,
    cycle_usage,
    cycles,
    ledger_rows,
    plan_changes,
    reservoirs,
    task_documents,
    task_rows,
)
from tests.plans import Life

_OTHERWISE = {
    "uuid": "gen_random_uuid()",
    "registration_key": "gen_random_uuid()",
    "first_billed_cycle": "(select cycle_number + 1 from reservoirs r where r.case_id = cases.case_id)",
}
"""What copies do not share with their original, which has invoices: of them only the open cycle's end is billed."""

_OF_A_CASE = (reservoirs, cycles, cycle_usage, ledger_rows, task_rows, task_documents, plan_changes)


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "case_id"]


async def copy_case(life: Life, count: int) -> None:
    """Makes so many cases that differ from one by their ids and keys only."""
    original = (await life.see()).terms.case_id
    columns = _columns(cases)
    values = [_OTHERWISE.get(column, column) for column in columns]
    async with life.ports.database.writing() as connection:
        made = await connection.execute(
            text(
                f"insert into cases ({', '.join(columns)}) select {', '.join(values)} "
                "from cases, generate_series(1, :count) where case_id = :original returning case_id"
            ),
            {"original": original, "count": count},
        )
        given = {"original": original, "copies": list(made.scalars())}
        for table in _OF_A_CASE:
            names = ", ".join(_columns(table))
            keys = ", ".join(column.name for column in table.primary_key if column.name != "case_id") or "copy"
            await connection.execute(
                text(
                    f"insert into {table.name} (case_id, {names}) select copy, {names} "
                    f"from unnest(cast(:copies as bigint[])) copy, {table.name} "
                    f"where case_id = :original order by {keys}"
                ),
                given,
            )


@contextmanager
def copy_of(postgres: EmbeddedPostgres, url: str) -> Iterator[str]:
    """A database like that one, to which nobody may be connected meanwhile."""
    name = f"copy_{uuid4().hex}"
    postgres.create_database(name, template=str(conninfo_to_dict(url)["dbname"]))
    yield postgres.url(name)
    postgres.drop_database(name)

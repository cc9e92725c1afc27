"""Reads: the rows that SQLAlchemy would give, of one moment in a snapshot, and nothing can be written."""

import asyncio

import psycopg
import pytest
from sqlalchemy import bindparam, func, select, text

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.cases import find_case
from app.services.ports import Ports
from app.storage.database import READ_CONNECTIONS, DatabaseUnavailable
from app.storage.tables import cases, ledger_entries, organizations, reservoirs, task_rows
from tests.stage import active_case, bulk, created, new_viewer, registered_case, report, succeeded

_CASE = (
    select(cases, reservoirs, organizations)
    .join_from(cases, reservoirs)
    .join(organizations)
    .where(cases.c.uuid == bindparam("wanted"))
)
_TASKS = select(task_rows).where(task_rows.c.case_id == bindparam("of_case")).order_by(task_rows.c.number)
_ENTRIES = select(ledger_entries).where(ledger_entries.c.case_id == bindparam("of_case"))
_SUM = select(func.sum(ledger_entries.c.held_change)).where(ledger_entries.c.case_id == bindparam("of_case"))


async def test_rows_are_those_that_sqlalchemy_gives(ports: Ports, operator: Viewer) -> None:
    """Enumerations, nulls, instants and columns of the same name in several tables included."""
    case = await active_case(ports, operator, PlanTier.PRO, overage=True)
    await registered_case(ports, operator)
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 3))
    await report(ports, operator, task, succeeded(["a"], ScanMode.IMAGE))
    of_case = {"of_case": case.terms.case_id}
    async with ports.database.writing() as connection, ports.database.reading() as reader:
        for statement, values in ((_CASE, {"wanted": case.terms.uuid}), (_TASKS, of_case), (_ENTRIES, of_case)):
            expected = (await connection.execute(statement, values)).all()
            found = (await reader.execute(statement, values)).all()
            assert found == expected
            assert [type(value) for value in found[0]] == [type(value) for value in expected[0]]
        row = (await reader.execute(_CASE, {"wanted": case.terms.uuid})).one()
        assert row._mapping[cases.c.uuid] == case.terms.uuid
        assert row._mapping[organizations.c.uuid] == case.organization.uuid


async def test_a_snapshot_is_of_one_moment(ports: Ports, operator: Viewer) -> None:
    """L1: what is written after its first statement, it does not see."""
    case = await active_case(ports, operator)
    asked = {"of_case": case.terms.case_id}
    async with ports.database.snapshot() as snapshot:
        before = (await snapshot.execute(_SUM, asked)).scalar_one()
        await created(ports, operator, case, bulk(documents=7))
        assert (await snapshot.execute(_SUM, asked)).scalar_one() == before
    async with ports.database.snapshot() as snapshot:
        assert (await snapshot.execute(_SUM, asked)).scalar_one() == before + 7


async def test_each_statement_of_a_reading_sees_what_was_written_before_it(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator)
    asked = {"of_case": case.terms.case_id}
    async with ports.database.reading() as reader:
        before = (await reader.execute(_SUM, asked)).scalar_one()
        await created(ports, operator, case, bulk(documents=7))
        assert (await reader.execute(_SUM, asked)).scalar_one() == before + 7


@pytest.mark.parametrize("way", ["reading", "snapshot"])
async def test_what_reads_cannot_write(ports: Ports, way: str) -> None:
    """Which is what a standby says, too: no database to work with."""
    writing = select(func.setval(text("'cases_case_id_seq'"), 1))
    with pytest.raises(DatabaseUnavailable):
        async with getattr(ports.database, way)() as reader:
            await reader.execute(writing)


async def test_a_connection_that_ended_while_nobody_used_it_is_not_noticed(own_url: str, own_ports: Ports) -> None:
    """As after a restart of the server, which ends them all."""
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    uuid = case.terms.uuid
    await asyncio.gather(*(find_case(own_ports, operator, uuid) for _ in range(READ_CONNECTIONS)))
    with psycopg.connect(own_url, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    found = await asyncio.gather(*(find_case(own_ports, operator, uuid) for _ in range(READ_CONNECTIONS)))
    assert found == [case] * READ_CONNECTIONS

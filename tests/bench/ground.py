"""What every benchmark stands on: a durable server of its own, the services on it, and cases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from tests.bench.copies import copy_case
from tests.bench.rounds import Effort, Row
from tests.stage import active_case, new_viewer, opened


@dataclass(frozen=True, slots=True)
class Ground:
    """server: where peers get databases of their own. key: the viewer's, for requests over HTTP."""

    ports: Ports
    viewer: Viewer
    key: str
    server: EmbeddedPostgres
    url: str
    effort: Effort

    async def cases(self, count: int, tier: PlanTier = PlanTier.BUSINESS) -> list[UUID]:
        """New cases on a plan, their tanks full."""
        first = (await active_case(self.ports, self.viewer, tier)).terms
        async with self.ports.database.writing() as connection:
            return [first.uuid, *await copy_case(connection, first.case_id, count - 1)]

    async def count(self, table: str, uuid: UUID) -> int:
        """Rows of a case in a table."""
        statement = f"select count(*) from {table} where case_id = (select case_id from cases where uuid = :uuid)"
        async with self.ports.database.writing() as connection:
            return int((await connection.execute(text(statement), {"uuid": uuid})).scalar_one())

    async def size(self, *tables: str) -> int:
        """Bytes of tables with their indexes and TOAST."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("vacuum")
            statement = "select sum(pg_total_relation_size(name::regclass))::bigint from unnest(%s::text[]) as name"
            [row] = connection.execute(statement, [list(tables)]).fetchall()
            return int(row[0])


Benchmark = Callable[[Ground], Awaitable[list[Row]]]


@asynccontextmanager
async def ground(server: EmbeddedPostgres, url: str, effort: Effort) -> AsyncIterator[Ground]:
    """A result counts only if the check finds nothing on the database that it leaves behind."""
    async with opened(url, lambda: datetime.now(UTC)) as ports:
        viewer, key = await new_viewer(ports)
        yield Ground(ports, viewer, key, server, url, effort)
        differences = (await verify(ports)).differences
        assert not differences, f"the figures do not count: {differences[:5]}"

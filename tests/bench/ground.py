"""What every benchmark stands on: a durable server of its own, the services on it, and cases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.services.ports import Ports
from app.services.verification import verify
from tests.stage import active_case, new_viewer, opened


@dataclass(frozen=True, slots=True)
class Ground:
    ports: Ports
    viewer: Viewer
    url: str

    async def cases(self, count: int, tier: PlanTier = PlanTier.BUSINESS) -> list[UUID]:
        """New cases on a plan."""
        found: list[UUID] = []
        for start in range(0, count, 8):
            made = (active_case(self.ports, self.viewer, tier) for _ in range(start, min(start + 8, count)))
            found += [case.terms.uuid for case in await asyncio.gather(*made)]
        return found

    async def size(self, *tables: str) -> int:
        """Bytes of tables with their indexes and TOAST."""
        async with self.ports.database.reading() as connection:
            await connection.execute(text("vacuum"))
            sizes = [await connection.execute(text(f"select pg_total_relation_size('{table}')")) for table in tables]
            return sum(int(size.scalar_one()) for size in sizes)


@asynccontextmanager
async def ground(url: str) -> AsyncIterator[Ground]:
    """A result counts only if the check finds nothing on the database that it leaves behind."""
    async with opened(url, lambda: datetime.now(UTC)) as ports:
        viewer, _ = await new_viewer(ports)
        yield Ground(ports, viewer, url)
        differences = (await verify(ports)).differences
        assert not differences, f"the figures do not count: {differences[:5]}"

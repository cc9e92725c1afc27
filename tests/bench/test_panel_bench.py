"""The benchmark of the panel runs, tiny, and the check finds nothing on the database that it leaves."""

from app.runtime.servers.postgres import EmbeddedPostgres
from tests.bench.ground import ground
from tests.bench.panel import PAGES, panel
from tests.bench.rounds import Effort
from tests.bench.wrk import installed


async def test_each_page_is_told_beside_a_bare_route(postgres: EmbeddedPostgres, own_url: str) -> None:
    async with ground(postgres, own_url, Effort(repetitions=1, cases=20, months=3)) as place:
        measured = await panel(place)
    assert len(measured) == len(PAGES) * (2 if installed() else 1)
    assert all((row.figure is not None) is installed() for row in measured)

"""The benchmark over HTTP runs, tiny, and the check finds nothing on the database that it leaves."""

from app.runtime.servers.postgres import EmbeddedPostgres
from tests.bench.ground import ground
from tests.bench.http import http_tax
from tests.bench.rounds import Effort
from tests.bench.wrk import installed


async def test_the_cost_of_graphql_is_told_beside_each_peer(postgres: EmbeddedPostgres, own_url: str) -> None:
    async with ground(postgres, own_url, Effort(repetitions=1, cases=8)) as place:
        measured = await http_tax(place)
    assert len(measured) == (4 if installed() else 2)
    assert all((row.figure is not None) is installed() for row in measured)
    assert all("wrk" in str(row) for row in measured if row.figure is None)

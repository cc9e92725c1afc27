"""Every benchmark runs, tiny, and the check finds nothing on the database that it leaves; no time is judged here."""

import pytest

from app.runtime.servers.postgres import EmbeddedPostgres
from tests.bench.footprint import footprint
from tests.bench.ground import Benchmark, ground
from tests.bench.growth import growth
from tests.bench.hot import hot_reserve
from tests.bench.refill import nine_oclock
from tests.bench.reserve import cold_reserve
from tests.bench.rounds import Effort
from tests.bench.settle import settle
from tests.bench.storm import refusal_storm
from tests.bench.years import two_busy_years

TINY = Effort(repetitions=1, cases=20, calls=128, documents=400, requests=64, refilled=40, refills=1, days=3)


@pytest.mark.parametrize(
    ("benchmark", "rows"),
    [
        (cold_reserve, 3),
        (hot_reserve, 5),
        (settle, 4),
        (refusal_storm, 2),
        (two_busy_years, 1),
        (footprint, 2),
        (growth, 1),
        (nine_oclock, 4),
    ],
)
async def test_a_benchmark_gives_its_rows(
    postgres: EmbeddedPostgres, own_url: str, benchmark: Benchmark, rows: int
) -> None:
    async with ground(postgres, own_url, TINY) as place:
        measured = await benchmark(place)
    assert len(measured) == rows
    assert all(str(row).startswith("| ") for row in measured)

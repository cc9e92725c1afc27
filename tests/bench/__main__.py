"""Runs every benchmark, or those named: python -m tests.bench reserve settle footprint."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.runtime.migrating import migrate
from app.runtime.run import new_event_loop
from app.runtime.servers.postgres import EmbeddedPostgres
from tests.bench.footprint import footprint
from tests.bench.ground import Ground, ground
from tests.bench.reserve import cold_reserve
from tests.bench.rounds import Row
from tests.bench.settle import settle

BENCHMARKS: dict[str, Callable[[Ground], Awaitable[list[Row]]]] = {
    "reserve": cold_reserve,
    "settle": settle,
    "footprint": footprint,
}


async def run(url: str, names: list[str]) -> None:
    print("| Scenario | Measured | Goal |\n| --- | --- | --- |")
    for name in names:
        async with ground(url) as place:
            for row in await BENCHMARKS[name](place):
                print(row, flush=True)


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        server.create_database("bench")
        migrate(server.url("bench"))
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(run(server.url("bench"), names))


if __name__ == "__main__":
    main()

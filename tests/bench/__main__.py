"""Runs every benchmark, or those named: python -m tests.bench reserve settle footprint.

With `--requests 1000000` the process whose growth is measured answers as many; `--refilled` says how many cases get
their daily refill, `--refills` how often.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from app.runtime.migrating import migrate
from app.runtime.run import new_event_loop
from app.runtime.servers.postgres import EmbeddedPostgres
from tests.bench.footprint import footprint
from tests.bench.ground import Benchmark, ground
from tests.bench.growth import growth
from tests.bench.hot import hot_reserve
from tests.bench.http import http_tax
from tests.bench.panel import panel
from tests.bench.refill import nine_oclock
from tests.bench.reserve import cold_reserve
from tests.bench.rounds import HEAD, Effort
from tests.bench.settle import settle
from tests.bench.storm import refusal_storm
from tests.bench.years import two_busy_years

BENCHMARKS: dict[str, Benchmark] = {
    "reserve": cold_reserve,
    "hot": hot_reserve,
    "settle": settle,
    "storm": refusal_storm,
    "refill": nine_oclock,
    "years": two_busy_years,
    "footprint": footprint,
    "growth": growth,
    "http": http_tax,
    "panel": panel,
}


async def run(server: EmbeddedPostgres, url: str, names: list[str], effort: Effort) -> None:
    print(HEAD, flush=True)
    for name in names:
        async with ground(server, url, effort) as place:
            rows = await BENCHMARKS[name](place)
        print(*rows, sep="\n", flush=True)  # only now: the block ends with the check


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the hot paths.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all without any")
    parser.add_argument("--requests", type=int, default=Effort().requests, help="that one process answers in `growth`")
    parser.add_argument("--refilled", type=int, default=Effort().refilled, help="cases of `refill`")
    parser.add_argument("--refills", type=int, default=Effort().refills, help="repetitions of `refill`")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        server.create_database("bench")
        migrate(server.url("bench"))
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            effort = Effort(requests=given.requests, refilled=given.refilled, refills=given.refills)
            runner.run(run(server, server.url("bench"), given.names or list(BENCHMARKS), effort))


if __name__ == "__main__":
    main()

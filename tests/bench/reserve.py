"""Row 1: the service's reserve on many cases beside the bare function that it calls, pgbench and django-hordak."""

from contextlib import AsyncExitStack

from tests.bench.callers import WORKERS, allowed, called_bare, cold
from tests.bench.ground import Ground
from tests.bench.peer_hordak import Hordak
from tests.bench.peer_pgbench import simple_updates
from tests.bench.rounds import Row, Work, per_second, rates, ratio


async def cold_reserve(ground: Ground) -> list[Row]:
    effort = ground.effort
    cases = await ground.cases(effort.cases)
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(called_bare(ground, cases))
        works: dict[str, Work] = {
            "service": cold(allowed(ground), cases, effort.calls),
            "bare": cold(bare, cases, effort.calls),
            "pgbench": await simple_updates(ground, WORKERS),
        }
        if Hordak.is_installed():
            works["hordak"] = stack.enter_context(Hordak(ground, WORKERS)).transfers
        measured = await rates(works, effort.repetitions)

    def row(peer: str, name: str, least: float | None = None) -> Row:
        scenario = f"Cold reserve, {WORKERS} workers, {len(cases):,} cases: service / {name}"
        if peer not in measured:
            return Row(f"{scenario}: left out, it is not installed (`make bench` does it)", None, least=least)
        pair = measured["service"], measured[peer]
        return Row(scenario, ratio(*pair), per_second(*pair), least=least)

    return [
        row("bare", "the same function called bare", 0.8),
        row("pgbench", "pgbench's simple-update"),
        row("hordak", "django-hordak's transfer_to", 4),
    ]

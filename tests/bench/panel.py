"""What a page of the panel costs beside a bare route with the same statements, for a case with ten years behind it."""

import statistics
from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID, uuid4

import httpx2

from app.domain.callers import Role
from app.domain.languages import Language
from app.services import sessions
from app.web.sessions import COOKIE
from tests.bench import wrk
from tests.bench.ground import Ground
from tests.bench.http import served
from tests.bench.panel_case import RUNNING, case_of_many_months
from tests.bench.rounds import Row, per_second, rates, ratio
from tests.bench.wrk import CONNECTIONS, Visit

TASKS = 10_000
SECONDS = 3
MOST_BYTES = 40_000
GOAL = 0.3
LIVE = {"HX-Request": "true"}
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "the Usage page": ("", {}),
    "its live refresh": ("", LIVE),
    "the list of tasks": ("/tasks", {}),
}
"""Their paths within the case, and headers."""


async def panel(ground: Ground) -> list[Row]:
    """Each page over many connections and, for the time that one reader waits, over one."""
    effort = ground.effort
    tasks = min(TASKS, effort.cases)
    told = f"Case of {effort.months} months and {tasks + RUNNING:,} tasks"
    if not wrk.installed():
        return [Row(f"{told}, {name}: not measured, wrk is not installed", None, least=GOAL) for name in PAGES]
    uuid = await case_of_many_months(ground, tasks)
    cookie = {"Cookie": f"{COOKIE}={await _session(ground, uuid)}"}
    seconds = SECONDS if effort.repetitions > 1 else 1
    rows: list[Row] = []
    async with AsyncExitStack() as stack:
        urls = {
            name: await stack.enter_async_context(served(server, ground.url))
            for name, server in (("ours", "ours"), ("bare", "panel"))
        }
        for name, (path, headers) in PAGES.items():
            success = {"ours": "</section>", "bare": "Roe v. Doe"}
            visits = {
                peer: Visit(f"{url}/cases/{uuid}{path}", {**cookie, **headers}, success[peer], MOST_BYTES)
                for peer, url in urls.items()
            }
            await _warm_up(visits)
            rows += await _measured(f"{told}, {name}", visits, seconds, effort.repetitions)
    return rows


async def _warm_up(visits: dict[str, Visit]) -> None:
    """However long the first visit takes: templates are compiled in it, and the bare route learns its statements."""
    async with httpx2.AsyncClient(timeout=60) as client:
        for page in visits.values():
            (await client.get(page.url, headers=dict(page.headers))).raise_for_status()


async def _measured(scenario: str, visits: dict[str, Visit], seconds: int, repetitions: int) -> list[Row]:
    waits: dict[str, list[float]] = {peer: [] for peer in visits}

    async def alone(peer: str, _: int) -> int:
        seen = await wrk.visit(visits[peer], 1, seconds)
        waits[peer].append(seen.median)
        return seen.answered

    async def many(peer: str, _: int) -> int:
        return (await wrk.visit(visits[peer], CONNECTIONS, seconds)).answered

    measured = await rates({peer: partial(many, peer) for peer in visits}, repetitions)
    await rates({peer: partial(alone, peer) for peer in visits}, repetitions)
    pair = measured["ours"], measured["bare"]
    medians = [statistics.median(waits[peer][1:]) for peer in visits]
    return [
        Row(f"{scenario}, {CONNECTIONS} connections / a bare route", ratio(*pair), per_second(*pair), least=GOAL),
        Row(f"{scenario}, one reader waits", medians[0], f"bare {medians[1]:.1f} ms", unit="ms"),
    ]


async def _session(ground: Ground, uuid: UUID) -> str:
    """The token of somebody who is signed in to the case."""
    link = await sessions.make_link(
        ground.ports, case_uuid=uuid, user="Ana Ruiz", role=Role.MEMBER, language=Language.EN,
        secret=lambda: uuid4().hex,
    )  # fmt: skip
    assert isinstance(link, str)
    entered = await sessions.enter(ground.ports, link, secret=lambda: uuid4().hex)
    assert entered is not None
    return entered[0]

"""How many SQL statements a page issues: the same for a case of two tasks and for one of fifty."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx2
import pytest

from app.domain.callers import Role
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import sessions
from app.services.ports import Ports
from tests.api.test_api_query_counts import CountingDatabase
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, new_viewer, report, succeeded
from tests.web.person import SITE, Person, come_in
from tests.web.scenes import caught_up

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}
SMALL, LARGE = 1, 25
"""Tasks that run in a case, and as many that have ended."""

# Address, headers, and statements. Whose session it is: 1. Their last visit: 1. The case with its tank: 1, and then
# each thing shown is 1.
PAGES: dict[str, tuple[str, dict[str, str], int]] = {
    "usage": ("", {}, 11),
    "usage, live": ("", {"HX-Request": "true", "HX-Target": "hero"}, 11),
    "usage, an earlier month": ("?month=2026-03", {"HX-Request": "true", "HX-Target": "month"}, 12),
    "usage, no month": ("?month=2026-01", {}, 11),
    "usage with a quote": ("?documents=100", {}, 11),
    "usage with a refused quote": ("?documents=100000", {}, 15),
    "usage, live with a quote": ("?documents=100", {"HX-Request": "true", "HX-Target": "verdict"}, 11),
    "tasks": ("/tasks", {}, 6),
    "tasks, live": ("/tasks", {"HX-Request": "true", "HX-Target": "tasks"}, 6),
    "running tasks": ("/tasks?status=running", {}, 4),
    "completed tasks": ("/tasks?status=completed", {}, 5),
    "older tasks": ("/tasks?before=2", {}, 5),
    "a task": ("/tasks/1", {}, 6),
    "a task, live": ("/tasks/2", {"HX-Request": "true", "HX-Target": "task"}, 6),
    "no such task": ("/tasks/999", {}, 5),
    "ledger": ("/ledger", {}, 7),
    "grants": ("/ledger?kind=grants", {}, 6),
    "reserves": ("/ledger?kind=reserves", {}, 6),
    "charges": ("/ledger?kind=charges", {}, 6),
    "refunds": ("/ledger?kind=refunds", {}, 6),
    "other": ("/ledger?kind=other", {}, 5),
    "charges of a category": ("/ledger?kind=charges&category=TEXT_SCAN", {}, 6),
    "ledger of a month": ("/ledger?month=2026-03", {}, 6),
    "ledger of a task": ("/ledger?task=1", {}, 6),
    "older entries": ("/ledger?before=3", {}, 7),
    "balance explained": ("/explain/balance", {}, 7),
    "a month explained": ("/explain/consumed?month=2026-03", {}, 6),
    "invoices": ("/invoices", {}, 6),
    "a filter that means nothing": ("/ledger?kind=x", {}, 3),
    "settings": ("/settings", {}, 6),
    "timeline": ("/plan/history", {}, 6),
    "a preview": ("/plan/change?tier=BUSINESS", {}, 6),
}


@dataclass
class Scene:
    """A case as one person reads it."""

    person: Person
    case: Case


@dataclass
class Counted:
    client: httpx2.AsyncClient
    ports: Ports
    statements: list[str]
    scenes: dict[int, Scene]


async def busy_case(ports: Ports, clock: Clock, tasks: int) -> Case:
    """Overage on, three months, and in the latest so many tasks that run and as many that have ended."""
    operator, _ = await new_viewer(ports)
    clock.now = NOW
    case = await active_case(ports, operator, PlanTier.PRO, overage=True)
    for _ in range(2):
        clock.now += timedelta(days=31)
        await caught_up(ports, operator, case)
    for _ in range(tasks):
        ended = await created(ports, operator, case, bulk(ScanMode.AUTO, 5))
        await report(
            ports, operator, ended, succeeded(named(2), ScanMode.TEXT), succeeded(["v"], ScanMode.VIDEO), failed(["f"])
        )
        await finish(ports, operator, ended)
        running = await created(ports, operator, case, bulk(ScanMode.TEXT, 500))
        await report(ports, operator, running, succeeded(named(100)))
    return case


@pytest.fixture(scope="module")
async def counted(shared_url: str) -> AsyncIterator[Counted]:
    database, clock = CountingDatabase(shared_url), Clock(NOW)
    ports = Ports(database, clock)
    await database.open()
    app = build_app(ports, Settings())
    scenes = {}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        for tasks in (SMALL, LARGE):
            case = await busy_case(ports, clock, tasks)
            person = await come_in(client, ports, case.terms.uuid, Role.CASE_ADMIN)
            await person.get()
            scenes[tasks] = Scene(person, case)
        yield Counted(client, ports, database.statements, scenes)
    await database.close()


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_issues_so_many_statements_however_much_there_is(counted: Counted, page: str) -> None:
    """A larger case may take fewer: what its entries are told with hangs on which of them are shown."""
    path, headers, most = PAGES[page]
    issued = {}
    for tasks, scene in counted.scenes.items():
        before = len(counted.statements)
        answer = await scene.person.client.get(scene.person.home + path, headers=headers)
        assert answer.status_code in (200, 400, 404), answer.status_code
        issued[tasks] = counted.statements[before:]
    assert len(issued[SMALL]) == most, issued[SMALL]
    assert len(issued[LARGE]) <= most, issued[LARGE]


async def test_a_stranger_costs_nothing_and_a_stale_session_one_look(counted: Counted) -> None:
    home = counted.scenes[LARGE].person.home
    for cookie, most in (("", 0), ("claira_session=nothing", 1)):
        for path in ("", "/tasks", "/tasks/1", "/ledger"):
            before = len(counted.statements)
            async with httpx2.AsyncClient(transport=counted.client._transport, base_url=SITE) as stranger:
                answer = await stranger.get(home + path, headers={"Cookie": cookie})
            assert answer.status_code == 401
            assert len(counted.statements) - before == most


async def test_getting_in_choosing_a_language_and_leaving(counted: Counted) -> None:
    """In: the link is used, its case found, what has expired cleared from two tables, the session stored."""
    ports = counted.ports
    numbers = count(1)
    for scene in counted.scenes.values():
        token = await sessions.make_link(
            ports, case_uuid=scene.case.terms.uuid, user=f"Ana {uuid4()}", role=Role.MEMBER, language=None,
            secret=lambda: f"{uuid4().hex}{next(numbers)}",
        )  # fmt: skip
        async with httpx2.AsyncClient(transport=counted.client._transport, base_url=SITE) as client:
            before = len(counted.statements)
            assert (await client.get(f"/sign-in/{token}")).status_code == 303
            entered = len(counted.statements)
            chosen = await client.post(f"{scene.person.home}/language", data={"language": "fr_CA"}, headers=OURS)
            assert chosen.status_code == 303
            switched = len(counted.statements)
            assert (await client.post(f"{scene.person.home}/sign-out", headers=OURS)).status_code == 303
            left = len(counted.statements)
        assert (entered - before, switched - entered, left - switched) == (5, 2, 2)

"""PostgreSQL and the service killed under load: what was answered stands, what was not is known by asking again.

FAULT_ROUNDS in the environment multiplies the kills: 10 of PostgreSQL and 5 of the service without it.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import httpx2
import pytest

from app.runtime.servers.postgres import EmbeddedPostgres
from app.storage.database import PATIENCE
from tests.faults.fault_clients import Client, HttpDoor
from tests.faults.fault_crowd import ROUNDS, assert_nothing_differs
from tests.faults.fault_evidence import evidence
from tests.faults.fault_history import History, unexplained
from tests.faults.fault_service import Service
from tests.stage import active_case, new_viewer, opened

CLIENTS = 8


@dataclass
class Load:
    """Clients at work until told to stop."""

    history: History
    stop: bool = False

    def answered(self) -> int:
        return len(self.history.answers)

    async def until_answered(self, more: int) -> None:
        goal = self.answered() + more
        async with asyncio.timeout(60):
            while self.answered() < goal:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def load_on(service: Service, url: str, seed: int) -> AsyncIterator[Load]:
    """Eight clients over HTTP on ten cases; at the end everything must be explained and nothing may differ."""
    async with opened(url, now) as ports:
        operator, key = await new_viewer(ports)
        cases = [(await active_case(ports, operator)).terms.uuid for _ in range(10)]
    load = Load(History(operator.caller_id))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http, asyncio.TaskGroup() as group:
        door = HttpDoor(http, service.graphql)
        for number in range(CLIENTS):
            client = Client(f"client {number}", door, load.history, Random(seed * CLIENTS + number))
            group.create_task(run(client, cases, load))
        try:
            yield load
        finally:
            load.stop = True
    assert unexplained(load.history, evidence(url)) == []
    async with opened(url, now) as ports:
        await assert_nothing_differs(ports)


async def run(client: Client, cases: list[UUID], load: Load) -> None:
    number = 0
    while not load.stop:
        await client.run_task(cases, number)
        number += 1


async def seconds_until_ready(service: Service) -> float:
    """Until the service says that it reaches its database."""
    began = time.monotonic()
    async with httpx2.AsyncClient(timeout=30) as http:
        while time.monotonic() < began + 30:
            if (await http.get(f"{service.address}/health/ready")).status_code == 200:
                return time.monotonic() - began
            await asyncio.sleep(0.02)
    raise AssertionError("the service did not find back to its database")


async def test_postgres_killed_under_load_loses_and_doubles_nothing(
    durable: EmbeddedPostgres, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """K1, T2-T4, L1: kill -9 of the server at random moments of 8 clients' work, and a start on the same folder.

    The first time it stays away for longer than a request is kept waiting, so that all are told to come back.
    """
    seed = int.from_bytes(os.urandom(4), "big")
    random, back = Random(seed), []
    async with load_on(service, durable.url(), seed) as load:
        for turn in range(10 * ROUNDS):
            await load.until_answered(random.randint(10, 60))
            durable.kill()
            await asyncio.sleep(random.uniform(0, 0.4) if turn else PATIENCE + 0.5)
            durable.launch()
            await asyncio.to_thread(durable.wait_until_ready)
            back.append(await seconds_until_ready(service))
    tell(
        capsys,
        f"seed {seed}: {load.answered()} answers, {load.history.unknown} unknown; "
        f"back after {max(back):.2f} s at most, {sorted(back)[len(back) // 2]:.2f} s in the middle",
    )
    assert load.history.unknown > 0
    assert "Traceback" not in service.log()


async def test_the_service_killed_under_load_loses_and_doubles_nothing(
    durable: EmbeddedPostgres, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """K1, T2-T4, L1: kill -9 of the process at random moments of 8 clients' work, and a new one on the same port."""
    seed = int.from_bytes(os.urandom(4), "big")
    random = Random(seed)
    async with load_on(service, durable.url(), seed) as load:
        for _ in range(5 * ROUNDS):
            await load.until_answered(random.randint(10, 60))
            service.kill()
            await asyncio.to_thread(service.start)
    tell(capsys, f"seed {seed}: {load.answered()} answers, {load.history.unknown} unknown")
    assert load.history.unknown > 0


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Shows it whether the test passes or not."""
    with capsys.disabled():
        print(f"\n  {line}")  # noqa: T201  # the figure is what it is run for

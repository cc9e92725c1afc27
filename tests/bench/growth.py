"""Row 10: how much one process of the service grows while it answers many requests over HTTP."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx2

from app.domain.ids import NodeId
from tests.bench.callers import in_parallel
from tests.bench.ground import Ground
from tests.bench.memory import resident
from tests.bench.rounds import Row

CLIENTS = 16
CASES = 1_000
BEFORE = 5
"""The growth is counted after this part of the requests: a process that has just begun still fills its caches."""

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"
CREATE, READ = ((OPERATIONS / name).read_text("utf-8") for name in ("create_task.graphql", "case_tasks.graphql"))


async def growth(ground: Ground) -> list[Row]:
    """Half of the requests reserve, the others list the tasks of a case."""
    requests = ground.effort.requests
    ids = [str(NodeId("case", uuid)) for uuid in await ground.cases(min(CASES, ground.effort.cases))]
    async with _service(ground) as (pid, client):

        async def request(order: Random) -> None:
            response = await client.post("/graphql", json=_question(order, order.choice(ids)))
            assert '"errors"' not in response.text, response.text
            assert '"TaskSuccess"' in response.text or '"tasks"' in response.text, response.text

        first = await in_parallel(request, CLIENTS, requests // BEFORE)
        before = resident(pid)
        done = first + await in_parallel(request, CLIENTS, requests - first)
        after = resident(pid)
    scenario = f"Growth of one process of the service from request {first:,} to {done:,}"
    return [Row(scenario, 100 * (after / before - 1), f"{before:.1f} MiB / {after:.1f} MiB", unit="%", most=5)]


def _question(order: Random, case: str) -> dict[str, Any]:
    if order.random() < 0.5:
        return {"query": READ, "variables": {"id": case}}
    task = {"caseId": case, "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1}
    return {"query": CREATE, "variables": {"input": {"idempotencyKey": str(uuid4()), "task": task}}}


@asynccontextmanager
async def _service(ground: Ground) -> AsyncIterator[tuple[int, httpx2.AsyncClient]]:
    """The number of a process that serves the application as long as the block does, and a client of it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.http_servers", "ours", stdin=PIPE, stdout=PIPE,
        env={**os.environ, "DATABASE_URL": ground.url, "CLAIRA_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        address = (await process.stdout.readline()).decode().strip()
        headers = {"Authorization": f"Bearer {ground.key}"}
        async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            yield process.pid, client
    finally:
        process.stdin.close()
        await process.wait()

"""Row 7: what GraphQL costs over HTTP beside a bare route with the same work, and beside Strawberry as it comes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from app.domain.ids import NodeId
from tests.bench import wrk
from tests.bench.ground import Ground
from tests.bench.http_year import MONTHS, case_of_a_year
from tests.bench.rounds import Row, per_second, rates, ratio
from tests.bench.wrk import CONNECTIONS, Load

CASES = 500
SECONDS = 3
CREATE_TASK = Path(__file__).parents[2] / "graphql" / "operations" / "create_task.graphql"
USAGE = """query Usage($id: ID!) { case(id: $id) { months(first: 12) { edges { node {
    month startsAt endsAt cycles { startsAt endsAt tier month } highestTier planTokens grantedTokens consumedTokens
    overageTokens byCategory { category tokens share } previous next } } } } }"""
GOALS = {"createTask": 0.5, f"{MONTHS} cycles of usage": 0.4}
OF_STOCK = 2.5


async def http_tax(ground: Ground) -> list[Row]:
    """A process for each peer; in ours every limit, authentication and the masking of errors are on."""
    scenarios = {name: f"GraphQL over HTTP, {CONNECTIONS} connections, {name}" for name in GOALS}
    if not wrk.installed():
        return [
            Row(f"{scenarios[name]}: not measured, wrk is not installed", None, least=GOALS[name]) for name in GOALS
        ]
    effort = ground.effort
    many, year = await ground.cases(min(CASES, effort.cases)), await case_of_a_year(ground)
    seconds = SECONDS if effort.repetitions > 1 else 1
    rows: list[Row] = []
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(served(name, ground.url)) for name in ("ours", "bare", "stock")}
        of_goals = (creating(urls, ground.key, many), using(urls, ground.key, year))
        for (name, goal), loads in zip(GOALS.items(), of_goals, strict=True):
            measured = await rates(
                {peer: partial(_posted, load, seconds) for peer, load in loads.items()}, effort.repetitions
            )
            for peer, words, least in (("bare", "a bare route", goal), ("stock", "Strawberry as it comes", OF_STOCK)):
                pair = measured["ours"], measured[peer]
                rows.append(Row(f"{scenarios[name]} / {words}", ratio(*pair), per_second(*pair), least=least))
    return rows


async def _posted(load: Load, seconds: int, _: int) -> int:
    return await wrk.post(load, seconds)


def creating(urls: Mapping[str, str], key: str, cases: list[UUID]) -> dict[str, Load]:
    """createTask on cases in turn, each time with a key of its own."""
    task = {"caseId": "CASE", "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1}
    variables = {"input": {"idempotencyKey": "KEY", "task": task}}
    body = json.dumps({"query": CREATE_TASK.read_text(), "variables": variables})
    ids = [str(NodeId("case", uuid)) for uuid in cases]
    bare = json.dumps({"key": "KEY", "case": "CASE", "documents": 1})
    return {
        "ours": Load(f"{urls['ours']}/graphql", key, body, ids, "TaskSuccess"),
        "bare": Load(f"{urls['bare']}/tasks", key, bare, [str(uuid) for uuid in cases], '"done"'),
        "stock": Load(f"{urls['stock']}/graphql", key, body, ids, "TaskSuccess"),
    }


def using(urls: Mapping[str, str], key: str, case: UUID) -> dict[str, Load]:
    """Every figure of the last twelve months of one case."""
    body = json.dumps({"query": USAGE, "variables": {"id": "CASE"}})
    ids = [str(NodeId("case", case))]
    success = "VIDEO_SCAN"  # no field of a month or above it may be null, so that an error leaves none of it
    return {
        "ours": Load(f"{urls['ours']}/graphql", key, body, ids, success),
        "bare": Load(f"{urls['bare']}/usage", key, json.dumps({"case": "CASE"}), [str(case)], success),
        "stock": Load(f"{urls['stock']}/graphql", key, body, ids, success),
    }


@asynccontextmanager
async def served(name: str, database_url: str) -> AsyncIterator[str]:
    """The address of a peer that runs in a process of its own as long as the block does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.http_servers", name,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": database_url, "CLAIRA_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        address = (await process.stdout.readline()).decode().strip()
        assert address, f"{name} did not start"
        yield address
    finally:
        process.stdin.close()
        await process.wait()

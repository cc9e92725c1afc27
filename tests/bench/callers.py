"""Callers of the service's reserve, and of the function behind it, called bare."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from app.domain.cases import Terms
from app.domain.cycles import due_day
from app.domain.rates import ScanMode
from app.domain.refusals import Refusal
from app.domain.tasks import Task
from app.services import tasks
from app.storage.database import HOT_CONNECTIONS
from app.storage.terms import read_terms
from tests.bench.ground import Ground
from tests.bench.rounds import Work
from tests.stage import bulk

WORKERS = 8
LARGEST = 27
"""Documents of the largest ordinary task; each costs one token."""

TOO_LARGE = 50_001
"""One document more than the tank of BUSINESS has tokens."""

_BARE = (
    "select verdict from create_task(%s, %s, %s, %s, %s, false, 'SCAN', 'BULK', 'TEXT', 1::smallint, %s, null, %s,"
    " '{1,1,1,1}', 9007199254740991, %s, 7500)"
)

Step = Callable[[UUID, int], Awaitable[bool]]
"""Asks for a task of so many documents of a case and answers whether it may run."""


async def in_parallel(step: Callable[[random.Random], Awaitable[object]], callers: int, calls: int) -> int:
    """So many callers at the same time, each making its share of the calls one after the other."""

    async def caller(number: int) -> None:
        order = random.Random(number)
        for _ in range(calls // callers):
            await step(order)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    return calls // callers * callers


def cold(step: Step, cases: Sequence[UUID], calls: int) -> Work:
    """8 workers reserve for 1 to 27 documents of cases in random order; all must be allowed."""

    async def one(order: random.Random) -> None:
        assert await step(order.choice(cases), order.randint(1, LARGEST))

    return lambda _: in_parallel(one, WORKERS, calls)


async def beside(work: Work, repetition: int, clients: int, step: Callable[[], Awaitable[object]]) -> int:
    """Does the work while so many clients repeat a step."""
    done = asyncio.Event()

    async def client() -> None:
        while not done.is_set():
            await step()

    crowd = asyncio.gather(*(client() for _ in range(clients)))
    try:
        return await work(repetition)
    finally:
        done.set()
        await crowd


def through_the_service(ground: Ground) -> Callable[[UUID, int], Awaitable[Task | Refusal]]:
    async def call(uuid: UUID, documents: int) -> Task | Refusal:
        return await tasks.create_task(
            ground.ports, ground.viewer, key=str(uuid4()), case_uuid=uuid, task=bulk(ScanMode.TEXT, documents)
        )

    return call


def allowed(ground: Ground) -> Step:
    """The service's reserve, of which only the answer counts."""
    call = through_the_service(ground)

    async def step(uuid: UUID, documents: int) -> bool:
        return isinstance(await call(uuid, documents), Task)

    return step


@asynccontextmanager
async def called_bare(ground: Ground, cases: Sequence[UUID]) -> AsyncIterator[Step]:
    """The service's SQL function with everything known beforehand, over as many connections as the service has."""
    known: Mapping[UUID, Terms | None] = {uuid: await read_terms(ground.ports.database, uuid) for uuid in cases}
    autocommit = {"autocommit": True}
    async with AsyncConnectionPool(
        ground.url, min_size=HOT_CONNECTIONS, max_size=HOT_CONNECTIONS, kwargs=autocommit
    ) as pool:

        async def step(uuid: UUID, documents: int) -> bool:
            terms = known[uuid]
            assert terms is not None
            values = (
                terms.case_id, ground.viewer.caller_id, uuid4(), datetime.now(UTC), terms.version, documents, documents,
                due_day(datetime.now(UTC)),
            )  # fmt: skip
            async with pool.connection() as connection:
                row = await (await connection.execute(_BARE, values, prepare=True)).fetchone()
            assert row in {("done",), ("short",)}, row
            return row == ("done",)

        yield step

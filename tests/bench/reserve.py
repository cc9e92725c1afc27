"""Row 1: the service's reserve on many cases beside the bare function that it calls."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.services import tasks
from app.storage.terms import read_terms
from tests.bench.ground import Ground
from tests.bench.rounds import Row, Work, per_second, rates, ratio
from tests.stage import bulk

WORKERS = 8
CASES = 2_000
CALLS = 4_000
BARE = (
    "select verdict from create_task(%s, %s, %s, %s, %s, %s, false, 'SCAN', 'BULK', 'TEXT', 1::smallint, %s, null, %s,"
    " '{1,1,1,1}', 9007199254740991)"
)


async def in_parallel(step: Callable[[UUID], Awaitable[None]], cases: list[UUID]) -> int:
    """CALLS steps by WORKERS workers, on cases in random order."""

    async def worker(number: int) -> None:
        order = random.Random(number)
        for _ in range(CALLS // WORKERS):
            await step(order.choice(cases))

    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return CALLS


async def cold_reserve(ground: Ground) -> list[Row]:
    cases = await ground.cases(CASES)
    known = {uuid: await read_terms(ground.ports.database, uuid) for uuid in cases}

    async def through_the_service(uuid: UUID) -> None:
        done = await tasks.create_task(
            ground.ports,
            ground.viewer,
            key=str(uuid4()),
            case_uuid=uuid,
            task=bulk(ScanMode.TEXT, random.randint(1, 3)),
        )
        assert isinstance(done, Task), done

    async with AsyncConnectionPool(ground.url, min_size=WORKERS, max_size=WORKERS, kwargs={"autocommit": True}) as pool:

        async def bare(uuid: UUID) -> None:
            terms = known[uuid]
            assert terms is not None
            documents = random.randint(1, 3)
            values = (
                terms.case_id, ground.viewer.caller_id, uuid4(), uuid4(), datetime.now(UTC), terms.version, documents,
                documents,
            )  # fmt: skip
            async with pool.connection() as connection:
                row = await (await connection.execute(BARE, values, prepare=True)).fetchone()
            assert row == ("done",), row

        works: dict[str, Work] = {
            "service": lambda _: in_parallel(through_the_service, cases),
            "bare": lambda _: in_parallel(bare, cases),
        }
        measured = await rates(works)
    return [
        Row(
            f"Cold reserve, {WORKERS} workers, {CASES:,} cases: service / the same function called bare",
            f"{ratio(measured['service'], measured['bare']):.2f} "
            f"({per_second(measured['service'])} / {per_second(measured['bare'])})",
            "≥ 0.8",
        )
    ]

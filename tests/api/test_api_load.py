"""One greedy query leaves room for everybody else."""

import asyncio

from app.storage.database import READS_OF_A_REQUEST, Database
from tests.api.conftest import Api

ALIASES = " ".join(f"a{number}: tasks(first: 1) {{ totalCount }}" for number in range(30))


async def test_a_query_of_thousands_of_statements_is_too_costly(api: Api) -> None:
    response = await api.post("{ cases(first: 100) { edges { node { " + ALIASES + " } } } }", {})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "QUERY_TOO_COSTLY"}


async def test_a_query_of_hundreds_of_statements_is_answered_beside_others(api: Api) -> None:
    """Its fields are resolved at once, but it never has more than its share of the connections."""
    for _ in range(5):
        await api.registered()
    heavy = "{ cases(first: 5) { edges { node { " + ALIASES + " } } } }"
    light = "{ cases(first: 1) { totalCount } }"
    answers = await asyncio.gather(*(api.post(query, {}) for query in [heavy] * 4 + [light]))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert all("errors" not in answer.json() for answer in answers)


async def test_a_request_reads_over_its_share_of_the_connections_only(shared_url: str) -> None:
    database = Database(shared_url)
    await database.open()
    share = database.share()
    inside = most = 0
    full = asyncio.Event()

    async def read() -> None:
        nonlocal inside, most
        async with share.reading():
            inside += 1
            most = max(most, inside)
            if inside == READS_OF_A_REQUEST:
                full.set()
            await full.wait()
            await asyncio.sleep(0.02)  # for one too many
            inside -= 1

    async with asyncio.timeout(20):
        await asyncio.gather(*(read() for _ in range(10)))
    assert most == READS_OF_A_REQUEST
    await database.close()

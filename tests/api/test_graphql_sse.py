"""GraphQL over server-sent events: distinct connections mode."""

import asyncio

import pytest

from gqlapi.streams import Streams
from tests.api.small_schema import GRAPHQL, JSON, KEY, client, code, post, ran, small_door
from tests.api.streaming import WITHIN, events, served, streamed, told, until

STREAM = "text/event-stream"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_each_result_is_an_event_and_the_end_is_told(url: str, method: str) -> None:
    query = "subscription S($upto: Int!) { count(upto: $upto) }"
    async with streamed(url, query, {"upto": 3}, key=KEY, method=method) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        results = [("next", {"data": {"count": number}}) for number in range(3)]
        assert await told(response) == [*results, ("complete", None)]


@pytest.mark.parametrize("accept", [None, "*/*", JSON, GRAPHQL, f"{STREAM};q=0, */*"])
async def test_a_subscription_is_refused_to_whoever_does_not_name_the_stream(accept: str | None) -> None:
    ran.clear()
    async with client() as asking:
        del asking.headers["accept"]
        headers = {"Accept": accept} if accept else {}
        response = await asking.post("/graphql", json={"query": "subscription { changes }"}, headers=headers)
    assert (response.status_code, code(response)) == (400, "OPERATION_NOT_SUPPORTED")
    assert "Accept: text/event-stream" in response.json()["errors"][0]["message"]
    assert ran == []


async def test_whoever_takes_both_gets_json_for_a_query_and_events_for_a_subscription() -> None:
    both = f"{GRAPHQL}, {JSON}, {STREAM}"
    assert (await post("{ hello }", accept=both)).json() == {"data": {"hello": "hello world"}}
    answer = await post("subscription { changes }", accept=both)
    assert answer.headers["content-type"].startswith(STREAM)


async def test_a_query_and_a_mutation_may_be_answered_by_one_event(url: str) -> None:
    for query, data in (("{ hello }", {"hello": "hello world"}), ("mutation { change }", {"change": "changed"})):
        async with streamed(url, query, key=KEY) as response:
            assert await told(response) == [("next", {"data": data}), ("complete", None)]


async def test_a_mutation_by_get_is_refused_in_a_stream_too() -> None:
    ran.clear()
    async with client() as asking:
        response = await asking.get("/graphql", params={"query": "mutation { change }"}, headers={"Accept": STREAM})
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert ran == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { changes count(upto: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { count(upto: "a") }', "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "OPERATION_UNKNOWN"),
    ],
)
async def test_what_is_not_executed_is_told_by_one_event(url: str, query: str, expected: str) -> None:
    """As the protocol wants it: a status would end the reconnecting of a browser's EventSource."""
    async with streamed(url, query, key=KEY) as response:
        (name, answer), end = await told(response)
    assert (response.status_code, name, end) == (200, "next", ("complete", None))
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == expected


@pytest.mark.parametrize(
    ("query", "before", "expected"),
    [("notFound", 0, "NOT_FOUND"), ("breaks", 1, "INTERNAL_ERROR"), ("loses", 1, "UNAVAILABLE")],
)
async def test_a_failure_ends_the_stream_with_its_code_and_without_its_cause(
    url: str, query: str, before: int, expected: str
) -> None:
    async with streamed(url, f"subscription {{ {query} }}", key=KEY) as response:
        *results, (name, answer), end = await told(response)
    assert (len(results), name, end) == (before, "next", ("complete", None))
    assert [error["extensions"]["code"] for error in answer["errors"]] == [expected]
    assert "secret" not in str(answer)
    assert "10.0.0.7" not in str(answer)


@pytest.mark.parametrize("key", [None, "unknown"])
async def test_without_a_key_in_force_there_is_no_stream(key: str | None) -> None:
    async with client(key=key) as asking:
        response = await asking.post("/graphql", json={"query": "subscription { changes }"}, headers={"Accept": STREAM})
    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_silent_stream_shows_that_it_lives() -> None:
    door = small_door(events=[], streams=Streams(heartbeat=0.01))
    async with served(door) as url, streamed(url, "subscription { waiting }", key=KEY) as response:
        seen = events(response)
        names = [(await anext(seen))[0] for _ in range(6)]
        await seen.aclose()
    assert names.count("next") == 1
    assert names.count("") == 5


async def test_a_client_that_goes_ends_what_it_asked_for() -> None:
    happened: list[str] = []
    door = small_door(events=happened)
    async with served(door) as url:
        async with streamed(url, "subscription { waiting }", key=KEY) as response:
            seen = events(response)
            while (await anext(seen))[0] != "next":
                pass
            assert door.state.streams.taken.total() == 1
            await seen.aclose()
        await until(lambda: happened == ["closed"])
        await until(lambda: not door.state.streams.taken)


async def test_a_revoked_key_ends_its_stream() -> None:
    keys, happened = {KEY}, list[str]()
    door = small_door(events=happened, keys=keys, streams=Streams(heartbeat=0.01, judged_every=0.01))
    async with served(door) as url, streamed(url, "subscription { waiting }", key=KEY) as response:
        seen = events(response)
        while (await anext(seen))[0] != "next":
            pass
        keys.clear()
        rest = [event async for event in seen if event[0]]
    assert [name for name, _ in rest] == ["next", "complete"]
    assert rest[0][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert happened == ["closed"]


async def test_when_the_service_stops_a_stream_ends_without_complete() -> None:
    """So that a client knows that there is more to come, and asks again."""
    happened: list[str] = []
    began = asyncio.Event()

    async def read(url: str) -> list[str]:
        names = []
        async with streamed(url, "subscription { waiting }", key=KEY) as response:
            async for name, _ in events(response):
                names.append(name)
                if name:
                    began.set()
        return names

    async with served(small_door(events=happened)) as url:
        reading = asyncio.create_task(read(url))
        await asyncio.wait_for(began.wait(), WITHIN)
    # A response that the server had to break off would raise here.
    assert await reading == ["", "next"]
    assert happened == ["closed"]


async def test_a_caller_has_so_many_places_and_no_more() -> None:
    door = small_door(events=[], streams=Streams(of_a_caller=1))
    query = "subscription { waiting }"
    async with served(door) as url:
        async with streamed(url, query, key=KEY) as first:
            assert first.status_code == 200
            async with streamed(url, query, key=KEY) as second:
                assert b"TOO_MANY_STREAMS" in await second.aread()
                assert (second.status_code, second.headers["retry-after"]) == (429, "5")
        await until(lambda: not door.state.streams.taken)
        async with streamed(url, query, key=KEY) as third:
            assert third.status_code == 200


async def test_a_client_that_does_not_read_is_given_up_and_fills_no_memory() -> None:
    happened: list[str] = []
    door = small_door(events=happened, streams=Streams(send_within=0.2))
    async with served(door) as url, streamed(url, "subscription { flood }", key=KEY) as response:
        await anext(response.aiter_raw())
        await until(lambda: "closed" in happened)
    # What the sockets of both sides take, and nothing beyond it: a thousand times 10 kB is far more than they have.
    assert 0 < happened.count("flooded") < 1_500

"""GraphQL over WebSocket: the subprotocol graphql-transport-ws."""

import pytest
from websockets.typing import Subprotocol

from gqlapi.streams import Streams
from tests.api.small_schema import KEY, small_door
from tests.api.streaming import served, socket, until

UNKNOWN = "This key is not in force"


async def test_an_operation_gets_its_results_and_then_its_end(url: str) -> None:
    async with socket(url, key=KEY) as client:
        await client.subscribe("1", "subscription S($upto: Int!) { count(upto: $upto) }", upto=3)
        for number in range(3):
            assert await client.receive() == {"id": "1", "type": "next", "payload": {"data": {"count": number}}}
        assert await client.receive() == {"id": "1", "type": "complete"}
        await client.subscribe("1", "{ hello viewer }")  # an id that has ended may be used again
        data = {"hello": "hello world", "viewer": "Ada"}
        assert await client.receive() == {"id": "1", "type": "next", "payload": {"data": data}}
        assert await client.receive() == {"id": "1", "type": "complete"}
        await client.subscribe("2", "mutation { change }")
        assert (await client.receive())["payload"] == {"data": {"change": "changed"}}


async def test_operations_run_beside_each_other_and_end_one_by_one() -> None:
    happened: list[str] = []
    async with served(small_door(events=happened)) as url, socket(url, key=KEY) as client:
        for id_ in ("a", "b"):
            await client.subscribe(id_, "subscription { waiting }")
            assert (await client.receive())["id"] == id_
        await client.send(id="a", type="complete")
        await until(lambda: happened == ["closed"])
        await client.subscribe("a", "{ hello }")
        assert [(await client.receive())["type"] for _ in range(2)] == ["next", "complete"]
    assert happened == ["closed", "closed"]


async def test_the_key_may_come_with_the_upgrade_request(url: str) -> None:
    async with socket(url, header=KEY) as client:
        await client.send(type="connection_init")
        assert await client.receive() == {"type": "connection_ack"}
        await client.subscribe("1", "{ viewer }")
        assert (await client.receive())["payload"] == {"data": {"viewer": "Ada"}}


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        ({"authorization": "Bearer unknown"}, 4403, UNKNOWN),
        ({"Authorization": f"Basic {KEY}"}, 4403, "Send your key"),
        ({"authorization": 1}, 4403, "Send your key"),
        ({"authorization": "Bearer lost"}, 1013, "The service cannot reach its database"),
        ({"authorization": "Bearer broken"}, 1013, "Something went wrong on our side"),
        (None, 4403, "Send your key"),
    ],
)
async def test_whoever_does_not_say_who_it_is_is_closed(url: str, payload: object, code: int, reason: str) -> None:
    async with socket(url) as client:
        await client.send(type="connection_init", payload=payload)
        closed = await client.closed()
    assert closed[0] == code
    assert closed[1].startswith(reason)


async def test_whoever_says_nothing_is_closed() -> None:
    streams = Streams(initialised_within=0.05)
    async with served(small_door(streams=streams)) as url, socket(url) as client:
        assert (await client.closed())[0] == 4408


async def test_an_operation_before_the_key_is_refused(url: str) -> None:
    async with socket(url, header=KEY) as client:
        await client.subscribe("1", "{ hello }")
        assert await client.closed() == (4401, "Unauthorized")


async def test_a_second_initialisation_is_refused(url: str) -> None:
    async with socket(url, key=KEY) as client:
        await client.send(type="connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_an_id_in_use_is_refused() -> None:
    happened: list[str] = []
    async with served(small_door(events=happened)) as url, socket(url, key=KEY) as client:
        await client.subscribe("1", "subscription { waiting }")
        await client.receive()
        await client.subscribe("1", "{ hello }")
        assert await client.closed() == (4409, "Subscriber already exists")
        await until(lambda: happened == ["closed"])


async def test_another_subprotocol_is_refused(url: str) -> None:
    async with socket(url, protocol=Subprotocol("graphql-ws")) as client:
        assert (await client.closed())[0] == 4406


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        '{"id": "1"}',
        '{"type": 1}',
        '{"type": "unknown"}',
        '{"type": "ping", "payload": 1}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}, "id": "2"}',
        b'{"type": "ping"}',
    ],
)
async def test_what_is_no_message_closes_the_connection(url: str, text: str | bytes) -> None:
    async with socket(url, key=KEY) as client:
        await client.connection.send(text)
        assert (await client.closed())[0] == 4400


async def test_a_ping_is_answered_at_any_time(url: str) -> None:
    async with socket(url, header=KEY) as client:
        await client.send(type="ping", payload={})
        assert await client.receive() == {"type": "pong"}
        await client.send(type="pong")
        await client.send(type="connection_init")
        assert await client.receive() == {"type": "connection_ack"}
        await client.send(type="complete", id="unknown")
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "before", "expected"),
    [
        ("{", 0, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { notFound }", 0, "NOT_FOUND"),
        ("subscription { breaks }", 1, "INTERNAL_ERROR"),
        ("subscription { loses }", 1, "UNAVAILABLE"),
        ("{ lost }", 0, "UNAVAILABLE"),
    ],
)
async def test_a_failure_ends_its_operation_and_no_other(url: str, query: str, before: int, expected: str) -> None:
    async with socket(url, key=KEY) as client:
        await client.subscribe("1", query)
        for _ in range(before):
            assert (await client.receive())["type"] == "next"
        message = await client.receive()
        assert (message["id"], message["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in message["payload"]] == [expected]
        assert "secret" not in str(message)
        await client.subscribe("1", "{ hello notFound }")
        answer = await client.receive()
        assert answer["payload"]["data"] == {"hello": "hello world", "notFound": None}
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_client_that_goes_ends_what_it_asked_for() -> None:
    happened: list[str] = []
    door = small_door(events=happened)
    async with served(door) as url:
        async with socket(url, key=KEY) as client:
            await client.subscribe("1", "subscription { waiting }")
            await client.receive()
            assert door.state.streams.taken.total() == 2
            client.connection.transport.abort()
        await until(lambda: happened == ["closed"])
        await until(lambda: not door.state.streams.taken)


async def test_a_revoked_key_closes_its_connections() -> None:
    keys, happened = {KEY}, list[str]()
    door = small_door(events=happened, keys=keys, streams=Streams(judged_every=0.01))
    async with served(door) as url, socket(url, key=KEY) as client:
        await client.subscribe("1", "subscription { waiting }")
        await client.receive()
        keys.clear()
        assert (await client.closed())[0] == 4403
        await until(lambda: happened == ["closed"])


async def test_when_the_service_stops_its_connections_are_closed() -> None:
    happened: list[str] = []
    async with served(small_door(events=happened)) as url:
        connecting = socket(url, key=KEY)
        client = await connecting.__aenter__()
        await client.subscribe("1", "subscription { waiting }")
        await client.receive()
    assert (await client.closed())[0] == 1012
    assert happened == ["closed"]
    await connecting.__aexit__(None, None, None)


async def test_a_caller_has_so_many_places_and_no_more() -> None:
    door = small_door(events=[], streams=Streams(of_a_caller=2))
    async with served(door) as url, socket(url, key=KEY) as client:
        await client.subscribe("1", "subscription { waiting }")
        await client.receive()
        await client.subscribe("2", "subscription { waiting }")
        refused = await client.receive()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "TOO_MANY_STREAMS")
        async with socket(url) as another:
            await another.send(type="connection_init", payload={"authorization": f"Bearer {KEY}"})
            assert (await another.closed())[0] == 1013


async def test_a_client_that_does_not_read_is_given_up() -> None:
    happened: list[str] = []
    door = small_door(events=happened, streams=Streams(send_within=0.2))
    async with served(door) as url, socket(url, key=KEY) as client:
        await client.subscribe("1", "subscription { flood }")
        client.connection.transport.pause_reading()
        await until(lambda: "closed" in happened)
        assert 0 < happened.count("flooded") < 1_500
        client.connection.transport.abort()


async def test_a_message_that_is_too_large_closes_the_connection(url: str) -> None:
    async with socket(url, key=KEY) as client:
        await client.subscribe("1", "{ hello } #" + "x" * 2**20)
        assert (await client.closed())[0] == 1009

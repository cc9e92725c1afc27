"""Who may ask, what a failure says, and what it keeps to itself."""

import asyncio
import logging
from typing import Any

import pytest
import structlog
import uvicorn

from tests.api.small_schema import DOOR, GRAPHQL, KEY, client, code, post, ran, send, small_door
from tests.api.streaming import until


@pytest.mark.parametrize(
    "authorization",
    [
        [],
        [""],
        ["Bearer"],
        ["Bearer "],
        [KEY],
        [f"Basic {KEY}"],
        ["Bearer unknown"],
        [f"Bearer {KEY} {KEY}"],
        [f"Bearer {KEY},"],
        [f"Bearer {KEY}", f"Bearer {KEY}"],
        [f"Bearer {KEY}", "Bearer other"],
    ],
)
async def test_without_one_known_key_nothing_is_executed(authorization: list[str]) -> None:
    ran.clear()
    async with client(key=None) as asking:
        headers = [("Accept", GRAPHQL), *(("Authorization", value) for value in authorization)]
        answers = [
            await asking.post("/graphql", json={"query": "{ hello }"}, headers=headers),
            await asking.get("/graphql", params={"query": "{ hello }"}, headers=headers),
        ]
    for response in answers:
        assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert ran == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
async def test_the_viewer_of_a_known_key_reaches_the_resolvers(scheme: str) -> None:
    async with client(key=None) as asking:
        response = await asking.post(
            "/graphql", json={"query": "{ viewer }"}, headers={"Authorization": f"{scheme} {KEY}"}
        )
    assert response.json() == {"data": {"viewer": "Ada"}}


async def test_an_expected_failure_keeps_its_code_and_message() -> None:
    response = await post("{ notFound }")
    [error] = response.json()["errors"]
    assert error["message"] == "This case does not exist."
    assert error["extensions"] == {"code": "NOT_FOUND"}
    assert error["path"] == ["notFound"]


@pytest.mark.parametrize("field", ["broken", "careless"])
async def test_an_unexpected_failure_is_masked_and_logged_once(field: str, capfd: pytest.CaptureFixture[str]) -> None:
    # uvicorn configures logging after the door was imported; Strawberry's own logger must stay silent.
    logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
    query = f"query Q($secret: String!) {{ a: {field} b: {field} hello(name: $secret) }}"
    with structlog.testing.capture_logs() as logs:
        response = await post(query, {"secret": "4711-variable"})
    assert response.status_code == 200
    for error in response.json()["errors"]:
        assert error["extensions"] == {"code": "INTERNAL_ERROR"}
        assert error["message"].startswith("Something went wrong on our side.")
    assert "secret of the house" not in response.text
    assert "internal detail" not in response.text
    [record] = logs
    assert record["log_level"] == "error"
    assert "Traceback" in record["exception"]
    assert "small_schema.py" in record["exception"]
    assert KEY not in str(record)
    assert "4711-variable" not in str(record)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("field", ["lost", "lostBelow"])
async def test_a_lost_database_makes_the_whole_answer_unavailable(field: str) -> None:
    response = await post(f"{{ hello {field} }}")
    assert (response.status_code, code(response), response.headers["retry-after"]) == (503, "UNAVAILABLE", "1")
    assert "data" not in response.json()
    assert "10.0.0.7" not in response.text


async def test_a_database_lost_while_authenticating_is_unavailable_too() -> None:
    async with client(key="lost") as asking:
        response = await asking.post("/graphql", json={"query": "{ hello }"})
    assert (response.status_code, code(response), response.headers["retry-after"]) == (503, "UNAVAILABLE", "1")


async def test_a_fault_while_authenticating_is_masked() -> None:
    async with client(key="broken") as asking:
        with structlog.testing.capture_logs() as logs:
            response = await asking.post("/graphql", json={"query": "{ hello }"})
    assert (response.status_code, code(response)) == (500, "INTERNAL_ERROR")
    assert "secret of the house" not in response.text
    assert [record["event"] for record in logs] == ["graphql_request_failed"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ helo }", None),
        ("{ hello(nme: 1) }", None),
        ("{ echo(tier: STARTR) { big } }", None),
        ("query Q($t: Teer) { echo(tier: $t) { big } }", None),
        ("query Q($t: Tier) { echo(tier: $t) { big } }", {"t": "STARTR"}),
        ("query Q($o: Order!) { price(order: $o) }", {"o": {"tier": "PRO", "tokns": 1}}),
        ("{ item { nme } }", None),
    ],
)
async def test_no_message_suggests_a_name_of_the_schema(query: str, variables: dict[str, Any] | None) -> None:
    response = await post(query, variables)
    assert response.status_code == 400
    assert "id you mean" not in response.text


async def test_a_refused_list_is_told_in_some_errors_not_in_thousands() -> None:
    response = await post("query Q($o: Order!) { price(order: $o) }", {"o": {"tier": "PRO", "names": [1] * 1_000}})
    assert len(response.json()["errors"]) <= 21
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"BAD_USER_INPUT"}


async def test_a_long_refused_literal_is_not_sent_back_whole() -> None:
    response = await post("{ echo(big: [" + "{a: [1, 2, 3]} " * 100 + "]) { big } }")
    assert code(response) == "BAD_USER_INPUT"
    assert len(response.content) < 1_000


def _request(chunks: list[dict[str, object]]) -> tuple[dict[str, Any], Any]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, object]:
        return chunks.pop(0) if chunks else {"type": "http.disconnect"}

    return scope, receive


async def test_a_client_that_leaves_before_its_body_is_complete_is_not_answered() -> None:
    scope, receive = _request([{"type": "http.request", "body": b'{"query":', "more_body": True}])
    sent: list[object] = []

    async def send_message(message: object) -> None:
        sent.append(message)

    await DOOR(scope, receive, send_message)
    assert sent == []


async def test_a_request_that_is_cancelled_closes_what_its_resolvers_opened() -> None:
    events: list[str] = []
    scope, receive = _request([{"type": "http.request", "body": b'{"query": "{ a: slow b: slow }"}'}])
    before = asyncio.all_tasks()
    answering = asyncio.create_task(small_door(events=events)(scope, receive, receive))
    await until(lambda: events == ["started", "started"])
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert events == ["started", "started", "closed", "closed"]
    assert asyncio.all_tasks() <= before  # those of other tests may end meanwhile


async def test_a_malformed_request_is_told_in_the_accepted_media_type() -> None:
    assert (await send(b"{")).headers["content-type"] == f"{GRAPHQL}; charset=utf-8"

"""Bodies of any bytes: refused as a client's error, counted while they stream."""

import json
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest

from gqlapi.errors import BODY_TOO_LARGE
from tests.api.small_schema import GRAPHQL, client, code, ran, send, small_door


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json;charset=utf-8", 'Application/JSON ; Charset="UTF-8"']
)
async def test_json_in_utf_8_is_read(content_type: str) -> None:
    body = json.dumps({"query": '{ hello(name: "🏃") }'}, ensure_ascii=False).encode()
    assert (await send(body, content_type)).json() == {"data": {"hello": "hello 🏃"}}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/graphql",
        "application/json5",
        "text/plain; x=application/json",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ],
)
async def test_another_content_type_is_refused(content_type: str | None) -> None:
    response = await send(b'{"query": "{ hello }"}', content_type)
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_byte_order_mark_is_passed_over() -> None:
    assert (await send(b'\xef\xbb\xbf{"query": "{ hello }"}')).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"query": "{ hello }"',
        b'{"query": "{ hello }"} {}',
        '{"query": "{ hello }"}'.encode("utf-16"),
        b'{"query": "{ hello(name: \\"\xff\\") }"}',
        b'\x00{"query": "{ hello }"}',
        b'{"query": "{ hello }\x00"}',
        b'{"query": "{ hello }", "query": "{ viewer }"}',
        b'{"query": "{ hello }", "variables": {"a": 1, "a": 2}}',
        b'{"query": "{ hello }", "variables": {"a": NaN}}',
        b'{"query": "{ hello }", "variables": {"a": -Infinity}}',
        b'{"query": "{ hello }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
        b'{"query": "{ hello }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ hello }", "variables": {"\\udfff": 1}}',
        b'{"query": "{ hello }", "operationName": "\\uD83D"}',
    ],
)
async def test_what_is_not_clean_json_is_a_client_error(body: bytes) -> None:
    ran.clear()
    response = await send(body)
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
    assert ran == []


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
async def test_ten_thousand_levels_of_json_are_a_client_error(opening: bytes) -> None:
    body = b'{"query": "{ hello }", "variables": {"a": ' + opening * 10_000
    async with client(small_door(max_body=100_000)) as asking:
        response = await asking.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("name", ["\\u0000", "\\\\u0000", "\\ud83c\\udfc3", "\\\\ud800"])
async def test_escapes_that_mean_ordinary_text_are_read(name: str) -> None:
    body = '{"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": "' + name + '"}}'
    assert (await send(body.encode())).json()["data"]["hello"] == "hello " + json.loads(f'"{name}"')


async def test_a_body_may_be_as_large_as_the_limit_and_not_a_byte_larger() -> None:
    body = b'{"query": "{ hello }"}'
    assert (await send(body.ljust(10_000))).status_code == 200
    response = await send(body.ljust(10_001))
    assert (response.status_code, code(response)) == (413, BODY_TOO_LARGE)


async def test_a_body_without_an_announced_length_is_counted_while_it_streams() -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000
            yield b" " * 1_000

    async with client() as asking:
        response = await asking.post(
            "/graphql", content=chunks(), headers={"Content-Type": "application/json", "Accept": GRAPHQL}
        )
    assert (response.status_code, code(response)) == (413, BODY_TOO_LARGE)
    assert sent <= 12_000


@pytest.mark.parametrize("announced", ["10001", "9" * 5_000])
async def test_a_body_announced_as_too_large_is_not_read(announced: str) -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was read")

    async def send_message(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    headers = {
        "content-type": "application/json",
        "content-length": announced,
        "authorization": "Bearer demo-key.1~2_3-4+5/6=",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await small_door()(scope, receive, send_message)
    assert messages[0]["status"] == 413

"""Clients of streams over a real port: server-sent events and WebSockets."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.runtime.serving import address, listen, serving

PROTOCOL = Subprotocol("graphql-transport-ws")
WITHIN = 20.0
"""Seconds after which what does not come is a failure."""

Event = tuple[str, Any]
"""The name and the data of an event; ("", None) is a sign of life."""


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what happens on the other side of a connection."""
    async with asyncio.timeout(WITHIN):
        while not condition():  # noqa: ASYNC110 - what happens there sets no event here
            await asyncio.sleep(0.01)


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The address of the application's GraphQL, until the block ends."""
    listener = listen("127.0.0.1", 0)
    async with serving(app, listener):
        yield f"{address(listener)}/graphql"


def authorization(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


@asynccontextmanager
async def streamed(
    url: str,
    query: str,
    variables: Mapping[str, Any] | None = None,
    *,
    key: str | None,
    accept: str = "text/event-stream",
    method: str = "POST",
) -> AsyncIterator[httpx2.Response]:
    """The response of which the events are still to come."""
    headers = {"Accept": accept, **authorization(key)}
    given: dict[str, Any] = {"json": {"query": query, "variables": variables}}
    if method == "GET":
        given = {"params": {"query": query, "variables": json.dumps(variables or {})}}
    async with (
        httpx2.AsyncClient(timeout=WITHIN) as client,
        client.stream(method, url, headers=headers, **given) as response,
    ):
        yield response


async def events(response: httpx2.Response) -> AsyncGenerator[Event]:
    """One after the other, as they come."""
    name, data = "", ""
    async for line in response.aiter_lines():
        if not line:
            yield name, json.loads(data) if data else None
            name, data = "", ""
        elif line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data += line.removeprefix("data:").strip()
        else:
            assert line.startswith(":")


async def told(response: httpx2.Response) -> list[Event]:
    """All events to the end, without signs of life."""
    return [event async for event in events(response) if event[0]]


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), WITHIN))
        return message

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        await self.send(id=id_, type="subscribe", payload={"query": query, "variables": variables})

    async def closed(self) -> tuple[int, str]:
        """The code and the reason, whatever comes before."""
        try:
            while True:
                await self.receive()
        except ConnectionClosed:
            assert self.connection.close_code is not None
            return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def socket(
    url: str, *, key: str | None = None, header: str | None = None, protocol: Subprotocol = PROTOCOL
) -> AsyncIterator[Socket]:
    """A connection, which has said who it is if a key is given; `header`: the key of the upgrade request."""
    ws = "ws" + url.removeprefix("http")
    async with connect(ws, subprotocols=[protocol], additional_headers=authorization(header)) as connection:
        made = Socket(connection)
        if key:
            await made.send(type="connection_init", payload={"authorization": f"Bearer {key}"})
            assert await made.receive() == {"type": "connection_ack"}
        yield made

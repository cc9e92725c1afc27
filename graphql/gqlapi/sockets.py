"""GraphQL over WebSocket, subprotocol graphql-transport-ws: several operations beside each other on one connection."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any, Generic, TypeVar

from graphql import ExecutionResult
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gqlapi.body import Parameters, from_object, parse_json
from gqlapi.door import Door, bearer, bearer_key
from gqlapi.errors import UNAUTHENTICATED, Refusal, log
from gqlapi.responses import compact
from gqlapi.sse import alone
from gqlapi.streams import ClientTooSlow

Viewer = TypeVar("Viewer")

SUBPROTOCOL = "graphql-transport-ws"
LONGEST_REASON = 120
"""Of closing, in characters; 123 bytes fit."""

# How a connection is closed, by the protocol; 1013 is of the WebSocket protocol itself.
TRY_AGAIN_LATER = 1013
BAD_MESSAGE = 4400
NOT_INITIALISED = 4401
FORBIDDEN = 4403
NOT_OUR_SUBPROTOCOL = 4406
INITIALISED_TOO_LATE = 4408
ID_IN_USE = 4409
INITIALISED_TWICE = 4429


class Close(Exception):
    """The connection ends, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLSockets(Generic[Viewer]):
    """The endpoint of `WebSocketRoute("/graphql", GraphQLSockets(door))`: every operation."""

    def __init__(self, door: Door[Viewer]) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        ours = SUBPROTOCOL in scope["subprotocols"]
        with suppress(WebSocketDisconnect):
            await socket.accept(SUBPROTOCOL if ours else None)
            try:
                if not ours:
                    raise Close(NOT_OUR_SUBPROTOCOL, f"The subprotocol served here is {SUBPROTOCOL}.")
                await _Connection(self._door, socket).serve()
            except Close as close:
                await socket.close(close.code, close.reason[:LONGEST_REASON])
            except ClientTooSlow:
                log.warning("graphql_stream_not_read")


class _Connection(Generic[Viewer]):
    """One client: it says who it is, and then its operations run."""

    def __init__(self, door: Door[Viewer], socket: WebSocket) -> None:
        self._door = door
        self._socket = socket
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Until the client goes (WebSocketDisconnect), has to (Close) or does not read (ClientTooSlow)."""
        try:
            async with asyncio.timeout(self._door.streams.initialised_within):
                key, viewer = await self._initialised()
        except TimeoutError:
            raise Close(INITIALISED_TOO_LATE, "Connection initialisation timeout") from None
        try:
            with self._door.streams.place(viewer):
                await self._send(type="connection_ack")
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._judge(key, viewer))
                    await self._read(tasks, viewer)
        except Refusal as refusal:
            raise Close(TRY_AGAIN_LATER, refusal.message) from None
        except BaseExceptionGroup as ended:
            raise ended.exceptions[0] from None

    async def _initialised(self) -> tuple[str, Viewer]:
        """The key, out of the first message or else the header of the request, and whose it is."""
        while (message := await self._received())["type"] != "connection_init":
            if message["type"] not in ("ping", "pong"):
                raise Close(NOT_INITIALISED, "Unauthorized")
            await self._answer_ping(message)
        payload = message.get("payload") or {}
        given = payload.get("authorization", payload.get("Authorization"))
        key = bearer(self._socket.headers) if given is None else bearer_key(str(given))
        try:
            return key or "", await self._door.viewer(key)
        except Exception as error:
            refusal = self._door.failed(error)
            forbidden = refusal.code == UNAUTHENTICATED
            raise Close(FORBIDDEN if forbidden else TRY_AGAIN_LATER, refusal.message) from None

    async def _read(self, tasks: asyncio.TaskGroup, viewer: Viewer) -> None:
        while True:
            message = await self._received()
            match message["type"]:
                case "subscribe":
                    id_, asked = _operation(message)
                    if id_ in self._running:
                        raise Close(ID_IN_USE, "Subscriber already exists")
                    self._running[id_] = tasks.create_task(self._run(id_, asked, viewer))
                case "complete":
                    if running := self._running.pop(str(message.get("id")), None):
                        running.cancel()
                case "connection_init":
                    raise Close(INITIALISED_TWICE, "Too many initialisation requests")
                case _:
                    await self._answer_ping(message)

    async def _run(self, id_: str, asked: Parameters, viewer: Viewer) -> None:
        try:
            with self._door.streams.place(viewer):
                context = self._door.context(self._socket, viewer)
                result = await self._door.operations.run(asked, "POST", context, streams=True)
                async with aclosing(alone(result) if isinstance(result, ExecutionResult) else result) as results:
                    async for each in results:
                        answer = self._door.answer(each)
                        if "data" not in answer:
                            return await self._send(id=id_, type="error", payload=answer["errors"])
                        await self._send(id=id_, type="next", payload=answer)
            await self._send(id=id_, type="complete")
        except (ClientTooSlow, WebSocketDisconnect):
            raise
        except Exception as error:
            await self._send(id=id_, type="error", payload=self._door.failed(error).body["errors"])
        finally:
            if self._running.get(id_) is asyncio.current_task():
                del self._running[id_]

    async def _judge(self, key: str, viewer: Viewer) -> None:
        """Closes the connection when its key is no longer in force; an outage is left to whoever asks meanwhile."""
        while True:
            await asyncio.sleep(self._door.streams.judged_every)
            try:
                await self._door.require_unchanged(key, viewer)
            except Exception as error:
                refusal = self._door.failed(error)
                if refusal.code == UNAUTHENTICATED:
                    raise Close(FORBIDDEN, refusal.message) from None

    async def _answer_ping(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            await self._send(type="pong")
        elif message["type"] != "pong":
            raise Close(BAD_MESSAGE, "Unknown type of message")

    async def _received(self) -> dict[str, Any]:
        """The next message, an object with a type."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        try:
            message = parse_json(received.get("text") or "")
        except Refusal as refusal:
            raise Close(BAD_MESSAGE, refusal.message) from None
        payload = message.get("payload") if isinstance(message, dict) else ""
        if not isinstance(payload, dict | None) or not isinstance(message.get("type"), str):
            raise Close(BAD_MESSAGE, "A message is an object with a type, its payload an object")
        return dict(message)

    async def _send(self, **message: object) -> None:
        await self._door.streams.send(self._socket.send_text(compact(message)))


def _operation(message: dict[str, Any]) -> tuple[str, Parameters]:
    """The id that the client chose, and what it asks."""
    id_ = message.get("id")
    if not isinstance(id_, str) or not id_:
        raise Close(BAD_MESSAGE, "A subscription needs an id")
    try:
        return id_, from_object(message.get("payload") or {})
    except Refusal as refusal:
        raise Close(BAD_MESSAGE, refusal.message) from None

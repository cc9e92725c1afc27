"""Results as server-sent events: "GraphQL over SSE", distinct connections mode (events `next` and `complete`)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic
from typing import Any, Generic, TypeVar

from graphql import ExecutionResult
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from gqlapi.door import Door
from gqlapi.errors import Refusal, log
from gqlapi.media import EVENT_STREAM
from gqlapi.responses import compact, refused
from gqlapi.streams import ClientTooSlow, Streams, cancelled

Viewer = TypeVar("Viewer")

HEADERS = {
    "content-type": f"{EVENT_STREAM}; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no",  # nginx would hold events back until it has a page of them
}
SIGN_OF_LIFE = ":\n\n"
COMPLETE = "event: complete\ndata:\n\n"


async def alone(result: ExecutionResult) -> AsyncGenerator[ExecutionResult]:
    """The stream of one result."""
    yield result


class EventStream(Generic[Viewer]):
    """The response: each result as an event, signs of life in between.

    It ends with `complete` where the results do, and after an error. When the service stops it ends without: the client
    then subscribes again, as after any connection that was lost.
    """

    def __init__(self, door: Door[Viewer], key: str, viewer: Viewer, results: AsyncGenerator[ExecutionResult]) -> None:
        self._door = door
        self._key = key
        self._viewer = viewer
        self._results = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._door.streams.place(self._viewer):
                await self._until_gone(receive, send)
        except Refusal as refusal:
            await refused(Headers(scope=scope), refusal)(scope, receive, send)

    async def _until_gone(self, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send_all(send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancelled(gone)
            await cancelled(sending)

    async def _send_all(self, send: Send) -> None:
        streams = self._door.streams
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

        async def write(text: str, *, more: bool = True) -> None:
            await streams.send(send({"type": "http.response.body", "body": text.encode(), "more_body": more}))

        try:
            await write(SIGN_OF_LIFE)
            try:
                async with aclosing(_paced(self._results, streams)) as results:
                    judged = monotonic()
                    async for result in results:
                        if monotonic() - judged > streams.judged_every:
                            await self._door.require_unchanged(self._key, self._viewer)
                            judged = monotonic()
                        await write(SIGN_OF_LIFE if result is None else _next(self._door.answer(result)))
            except ClientTooSlow:
                raise
            except Exception as error:
                await write(_next(self._door.failed(error).body) + COMPLETE, more=False)
            else:
                await write("" if streams.stopping.is_set() else COMPLETE, more=False)
        except ClientTooSlow:
            log.warning("graphql_stream_not_read")


def _next(answer: object) -> str:
    return f"event: next\ndata: {compact(answer)}\n\n"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _paced(source: AsyncGenerator[ExecutionResult], streams: Streams) -> AsyncGenerator[ExecutionResult | None]:
    """What the source gives, and None whenever it was silent for a while; until it ends, or the service stops."""
    told = asyncio.ensure_future(streams.stopping.wait())
    coming: asyncio.Future[ExecutionResult | None] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(_next_of(source))
            either: set[asyncio.Future[Any]] = {coming, told}
            await asyncio.wait(either, timeout=streams.heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                return
            if not coming.done():
                yield None
            elif (result := coming.result()) is None:
                return
            else:
                coming = None
                yield result
    finally:
        await cancelled(told)
        if coming is not None:
            await cancelled(coming)
        await source.aclose()


async def _next_of(source: AsyncGenerator[ExecutionResult]) -> ExecutionResult | None:
    return await anext(source, None)

"""Serving: uvicorn inside our own process, and what `make run` prints."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from app.runtime.addresses import shown_address

GRACE = 2
"""Seconds that open requests get when the service stops."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

SOCKETS: Mapping[str, Any] = {
    "ws": "websockets-sansio",
    "ws_ping_interval": 20.0,  # seconds; who does not answer for as long is gone
    "ws_ping_timeout": 20.0,
    "ws_max_size": 2**20,
    "ws_per_message_deflate": False,  # its window takes more memory than the messages of a client ever would
}
"""How WebSockets are served."""


class Server(uvicorn.Server):
    """Leaves the signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def told_by_signals(stopping: asyncio.Event) -> Iterator[None]:
    """Sets the event at the first signal to stop, before the server that has taken the signals for itself goes on.

    Such a server tells an application that it stops only after the last response has ended, which a stream never does.
    """
    loop, before = asyncio.get_running_loop(), {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in STOP_SIGNALS:
        signal.signal(number, tell)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; SystemExit with one sentence when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SystemExit(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another HOST or PORT.") from None
    return listener


def address(listener: socket.socket) -> str:
    """Where a browser finds it, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return shown_address(host, port)


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serves while the block runs; the block begins when requests are answered."""
    config = uvicorn.Config(
        app,
        **SOCKETS,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
        server_header=False,
    )
    server = Server(config)
    work = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started and not work.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # uvicorn tells by nothing but this flag
        if work.done():
            await work
        yield
    finally:
        if streams := getattr(app.state, "streams", None):
            streams.stopping.set()
        server.should_exit = True
        await work

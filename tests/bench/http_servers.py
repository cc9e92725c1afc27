"""The peers over HTTP, each in a process of its own: python -m tests.bench.http_servers NAME, with DATABASE_URL set."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from app.adapters.announcements import Wakeups
from app.runtime.outside import make_ports
from app.runtime.run import new_event_loop
from app.runtime.service import create_app
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.services.keys import authenticate
from gqlapi.context import Context
from gqlapi.mutations import Mutation
from gqlapi.queries import Query
from gqlapi.scalars import SCALAR_MAP
from tests.bench.http_bare import bare_app
from tests.bench.panel_bare import panel_bare_app


def stock_app() -> Starlette:
    """Strawberry as it comes, without limits and without caches, over the same types, resolvers and services."""
    settings = Settings()
    assert settings.database_url is not None
    ports = make_ports(settings.database_url, settings)

    class Stock(GraphQL[Context, None]):
        async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
            assert isinstance(request, Request)
            viewer = await authenticate(ports, request.headers["authorization"].removeprefix("Bearer "))
            assert viewer is not None
            return Context(ports, request, viewer, Wakeups(None))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await ports.database.open()
        yield
        await ports.database.close()

    schema = strawberry.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALAR_MAP))
    return Starlette(routes=[Route("/graphql", Stock(schema))], lifespan=lifespan)


SERVERS: dict[str, Callable[[], Starlette]] = {
    "ours": create_app,
    "bare": lambda: bare_app(os.environ["DATABASE_URL"]),
    "stock": stock_app,
    "panel": lambda: panel_bare_app(os.environ["DATABASE_URL"]),
}


async def serve(name: str) -> None:
    """Until standard input ends, as it does when whoever started this is gone."""
    listener = listen("127.0.0.1", 0)
    async with serving(SERVERS[name](), listener):
        print(address(listener), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    # A load ends by hanging up, and Strawberry as it comes fails on that with a traceback for every connection.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))

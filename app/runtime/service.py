"""The web service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from app.adapters.announcements import Wakeups
from app.domain.callers import Viewer
from app.runtime.logs import configure_logs
from app.runtime.migrating import newest_revision
from app.runtime.outside import make_ports
from app.runtime.serving import told_by_signals
from app.runtime.settings import Settings
from app.services.keys import authenticate
from app.services.ports import PaymentUnavailable, Ports
from app.services.simulated_payments import SimulatedPayments
from app.storage.database import DatabaseUnavailable
from app.web.routes import web_routes
from gqlapi.context import Context
from gqlapi.door import Door
from gqlapi.execution import Operations
from gqlapi.graphiql import graphiql_routes
from gqlapi.limits import DocumentCache
from gqlapi.schema import build_schema
from gqlapi.sockets import GraphQLSockets
from gqlapi.streams import Streams
from gqlapi.view import GraphQLView


def build_app(ports: Ports, settings: Settings, *, signals: bool = False) -> Starlette:
    """The ASGI application; starting it opens the database, stopping it closes it.

    Whoever serves it sets `app.state.streams.stopping` when it is to stop; with `signals` it notices that by itself.
    """
    wakeups, streams = Wakeups(settings.redis_url), Streams()

    def context(connection: HTTPConnection, viewer: Viewer) -> Context:
        return Context(ports, connection, viewer, wakeups)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await ports.database.open()
        async with wakeups.listening():
            with told_by_signals(streams.stopping) if signals else nullcontext():
                yield
        if isinstance(ports.payments, SimulatedPayments):
            await ports.payments.close()
        await ports.nudges.close()
        await ports.database.close()

    door: Door[Viewer] = Door(
        Operations(build_schema()._schema, DocumentCache()),
        authenticate=partial(authenticate, ports),
        context=context,
        outage=(DatabaseUnavailable, PaymentUnavailable),
        max_body=settings.claira_max_body_bytes,
        streams=streams,
    )
    app = Starlette(
        routes=[
            Route("/graphql", GraphQLView(door)),
            WebSocketRoute("/graphql", GraphQLSockets(door)),
            *graphiql_routes(),
            *web_routes(ports, newest_revision()),
        ],
        lifespan=lifespan,
    )
    app.state.streams = streams
    return app


def create_app() -> Starlette:
    """For servers that want a factory; DATABASE_URL must be set."""
    settings = Settings()
    configure_logs(settings.claira_log_level)
    if settings.database_url is None:
        raise SystemExit("DATABASE_URL must name a PostgreSQL database; `make run` starts one by itself.")
    return build_app(make_ports(settings.database_url, settings), settings, signals=True)

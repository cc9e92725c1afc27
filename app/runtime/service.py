"""The web service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from app.domain.callers import Viewer
from app.runtime.logs import configure_logs
from app.runtime.migrating import newest_revision
from app.runtime.settings import Settings
from app.services.keys import authenticate
from app.services.ports import Ports
from app.storage.database import Database, DatabaseUnavailable
from app.web.routes import web_routes
from gqlapi.context import Context
from gqlapi.graphiql import graphiql_routes
from gqlapi.schema import build_schema
from gqlapi.view import GraphQLView


def utc_now() -> datetime:
    return datetime.now(UTC)


def make_ports(database_url: str, settings: Settings) -> Ports:
    """The services' outside world; its database is not opened yet."""
    return Ports(Database(database_url), utc_now, settings.claira_environment)


def build_app(ports: Ports, settings: Settings) -> Starlette:
    """The ASGI application; starting it opens the database, stopping it closes it."""

    def context(request: Request, viewer: Viewer) -> Context:
        return Context(ports, request, viewer)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await ports.database.open()
        yield
        await ports.database.close()

    graphql: GraphQLView[Viewer] = GraphQLView(
        build_schema(),
        authenticate=partial(authenticate, ports),
        context=context,
        outage=(DatabaseUnavailable,),
        max_body=settings.claira_max_body_bytes,
    )
    return Starlette(
        routes=[Route("/graphql", graphql), *graphiql_routes(), *web_routes(ports, newest_revision())],
        lifespan=lifespan,
    )


def create_app() -> Starlette:
    """For servers that want a factory; DATABASE_URL must be set."""
    settings = Settings()
    configure_logs(settings.claira_log_level)
    if settings.database_url is None:
        raise SystemExit("DATABASE_URL must name a PostgreSQL database; `make run` starts one by itself.")
    return build_app(make_ports(settings.database_url, settings), settings)

"""The least that could answer for a page: a Starlette route, a pool of psycopg, the page's statements, their rows."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, IsolationLevel
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.services.overview import find_overview
from app.services.ports import Ports
from app.services.sessions import find_session
from app.services.task_lists import find_tasks
from app.storage.database import READ_CONNECTIONS, Database
from app.storage.reads import DirectReader
from app.web.sessions import COOKIE

Sent = list[tuple[str, Any]]
Read = Callable[[Ports, Viewer, UUID], Awaitable[object]]


class NotingConnection:
    """Notes every statement with its values."""

    def __init__(self, connection: AsyncConnection, sent: Sent) -> None:
        self._connection = connection
        self._sent = sent

    async def execute(self, statement: str, values: Mapping[str, Any], *, prepare: bool) -> AsyncCursor[Any]:
        self._sent.append((statement, values))
        return await self._connection.execute(statement, values, prepare=prepare)


class NotingDatabase(Database):
    """Learns what a page asks, so that nobody has to keep a second copy of it here."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: Sent = []
        self._url = url

    async def call(
        self, statement: str, values: Sequence[Any], *, locks_case: int | None = None
    ) -> tuple[Any, ...] | None:
        self.sent.append((statement, values))
        return await super().call(statement, values, locks_case=locks_case)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DirectReader]:
        async with await AsyncConnection.connect(self._url) as connection:
            yield DirectReader(cast("AsyncConnection", NotingConnection(connection, self.sent)))


async def _overview(ports: Ports, viewer: Viewer, uuid: UUID) -> object:
    return await find_overview(ports, viewer, uuid, None)


async def _tasks(ports: Ports, viewer: Viewer, uuid: UUID) -> object:
    return await find_tasks(ports, viewer, uuid, status=None, before=None)


def panel_bare_app(url: str) -> Starlette:
    """Answers two pages: whose session it is in one statement, the rest out of one snapshot, as the panel does."""

    async def one_state(connection: AsyncConnection) -> None:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)

    pool = AsyncConnectionPool(
        url,
        min_size=READ_CONNECTIONS,
        max_size=READ_CONNECTIONS,
        open=False,
        configure=one_state,
        kwargs={"autocommit": True},
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    def page(read: Read) -> Callable[[Request], Awaitable[Response]]:
        known: dict[tuple[str, str], Sent] = {}

        async def answer(request: Request) -> Response:
            asked = request.path_params["uuid"], request.cookies[COOKIE]
            if asked not in known:
                known[asked] = await _statements(url, read, *asked)
            session, *others = known[asked]
            async with pool.connection() as connection:
                rows = [await _rows(connection, *session)]
                async with connection.transaction():
                    rows += [await _rows(connection, *other) for other in others]
            return Response(json.dumps(rows, default=str), media_type="application/json")

        return answer

    routes = [Route("/cases/{uuid}", page(_overview)), Route("/cases/{uuid}/tasks", page(_tasks))]
    return Starlette(routes=routes, lifespan=lifespan)


async def _statements(url: str, read: Read, uuid: str, token: str) -> Sent:
    """What the page asks of the database for this session, in order."""
    database = NotingDatabase(url)
    await database.open()
    ports = Ports(database, lambda: datetime.now(UTC))
    session = await find_session(ports, token, Language.EN)
    assert session is not None
    assert await read(ports, session.viewer, UUID(uuid)) is not None
    await database.close()
    return database.sent


async def _rows(connection: AsyncConnection, statement: str, values: Any) -> list[Any]:
    return await (await connection.execute(statement, values, prepare=True)).fetchall()

"""The database as the services see it: transactions, reads, and hot calls of one round trip."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.exc import DBAPIError, TimeoutError as QueueTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

HOT_CONNECTIONS = 8
"""More do not help: commits of one machine queue for the same disk."""

PATIENCE = 3.0
"""Seconds that a request waits for a connection before it is told to come back."""


class DatabaseUnavailable(Exception):
    """The database was lost or is too busy. Whether the work was done, asking again with the same key tells."""


class Database:
    """One PostgreSQL. `reading` and `writing` go through SQLAlchemy; `call`, for the hot steps, goes without it."""

    def __init__(self, url: str) -> None:
        """url: a libpq address (postgresql://...). Nothing is connected yet."""
        sqlalchemy_url = "postgresql+psycopg://" + url.split("://", 1)[1]
        self._engine: AsyncEngine = create_async_engine(
            sqlalchemy_url, pool_size=8, max_overflow=8, pool_timeout=PATIENCE, pool_pre_ping=True
        )
        self._snapshots = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # A short reconnect_timeout makes the pool try again when somebody asks, not on a growing delay of its own.
        self._hot: AsyncConnectionPool = AsyncConnectionPool(
            url, min_size=1, max_size=HOT_CONNECTIONS, open=False, timeout=PATIENCE, reconnect_timeout=0.5,
            kwargs={"autocommit": True},
        )  # fmt: skip

    async def open(self) -> None:
        await self._hot.open()

    async def close(self) -> None:
        await self._hot.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Statements that only read, each for itself."""
        with _NamedOutage():
            async with self._snapshots.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block."""
        with _NamedOutage():
            async with self._engine.begin() as connection:
                yield connection

    async def call(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The first row of one statement that is a transaction of its own.

        The statement must be safe to repeat: a connection that turns out to be dead is replaced once. A step under an
        idempotency key is safe, and so is a read.
        """
        with _NamedOutage():
            try:
                return await self._call(statement, values)
            except psycopg.OperationalError as error:
                if isinstance(error, PoolTimeout) or error.sqlstate is not None:
                    raise
                return await self._call(statement, values)

    async def _call(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        async with self._hot.connection() as connection:
            cursor = await connection.execute(statement, values, prepare=True)
            return await cursor.fetchone()


class _NamedOutage:
    """Turns what the drivers raise for a lost or overloaded database into DatabaseUnavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.OperationalError | QueueTimeout):
            raise DatabaseUnavailable("The database cannot be reached or is too busy.") from error
        if isinstance(cause, psycopg.InterfaceError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise DatabaseUnavailable("The connection to the database was lost.") from error

"""The database as the services see it: transactions, reads, and hot calls of one round trip."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from select import POLLIN, poll
from time import monotonic
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import DBAPIError, TimeoutError as QueueTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.storage.batches import Batches
from app.storage.reads import DirectReader
from app.storage.turns import Turns

HOT_CONNECTIONS = 8
"""More do not help: commits of one machine queue for the same disk."""

HOT_CONNECTIONS_OF_A_CASE = 2
"""One works and one is on its way: a case's row is locked by one at a time, so that more only take from others."""

MOST_TOGETHER = 16
"""Questions under way at once that share a transaction with others of their case: enough to wait for the disk together,
few enough that the requests of other cases are served in between."""

READS_OF_A_REQUEST = 2
"""Connections that one request reads over at the same time, however many fields it asks for at once."""

READ_CONNECTIONS = 8
"""Those that read wait for each other rather than for what the hot steps need."""

PATIENCE = 3.0
"""Seconds that a request waits for a turn and a connection, and then for a lock, before it is told to come back."""

SETTINGS = {
    "default_transaction_isolation": r"read\ committed",  # what the functions are written for, whatever the server's
    "lock_timeout": f"{PATIENCE * 1000:.0f}ms",
    "idle_in_transaction_session_timeout": "10s",  # a machine that vanishes must not hold a case's lock for hours
}

_STANDBY = "25006"
"""read_only_sql_transaction: what answers is a standby, as after a failover, and not the database that we write to."""

_CONFLICTS = {"40001", "40P01"}
"""serialization_failure, deadlock_detected: nothing was done, and doing it again may succeed."""


class DatabaseUnavailable(Exception):
    """The database was lost or is too busy. Whether the work was done, asking again with the same key tells."""


class ConnectionLost(psycopg.OperationalError):
    """The connection ended under a statement, which may have been carried out."""


@dataclass(frozen=True, slots=True)
class Step:
    """A hot step that may be taken once or many times in one statement, which then gives the rows in the same order."""

    names: tuple[str, ...]
    """Of the values that it is given."""

    once: str
    """Takes the values."""

    for_many: str
    """Takes a JSON array of objects, each with the values by name."""


_Answer = tuple[Any, ...] | psycopg.Error


WRITE_CONNECTIONS = 8
"""For what is neither a hot step nor a read: registrations, plans, keys, sessions."""

MOST_CONNECTIONS = HOT_CONNECTIONS + READ_CONNECTIONS + WRITE_CONNECTIONS
"""Of one process."""


class Database:
    """One PostgreSQL. `writing` goes through SQLAlchemy; `reading` and `snapshot`, for all that is shown, and `call`,
    for the hot steps, go without it."""

    def __init__(self, url: str) -> None:
        """url: a libpq address (postgresql://...); settings among its options win over ours. Nothing is connected."""
        ours = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options = f"{ours} {conninfo_to_dict(url).get('options') or ''}".rstrip()
        sqlalchemy_url = "postgresql+psycopg://" + url.split("://", 1)[1]
        self._engine: AsyncEngine = create_async_engine(
            sqlalchemy_url, pool_size=WRITE_CONNECTIONS, max_overflow=0, pool_timeout=PATIENCE, pool_pre_ping=True,
            connect_args={"options": options}, hide_parameters=True,
        )  # fmt: skip
        # The pool by itself would wait ever longer between its attempts to connect, or give up while requests wait;
        # `check` makes it try again at once.
        self._hot: AsyncConnectionPool = AsyncConnectionPool(
            url, min_size=1, max_size=HOT_CONNECTIONS, open=False, timeout=PATIENCE, reconnect_timeout=0.5,
            reconnect_failed=AsyncConnectionPool.check, kwargs={"autocommit": True, "options": options},
        )  # fmt: skip
        self._reads: AsyncConnectionPool = AsyncConnectionPool(
            url, min_size=0, max_size=READ_CONNECTIONS, open=False, timeout=PATIENCE, reconnect_timeout=0.5,
            reconnect_failed=AsyncConnectionPool.check, check=_require_alive, configure=_take_snapshots,
            kwargs={"autocommit": True, "options": f"{options} -c default_transaction_read_only=on"},
        )  # fmt: skip
        self._turns = Turns(HOT_CONNECTIONS_OF_A_CASE)
        self._batches: Batches[Sequence[Any], _Answer] = Batches(self._together, MOST_TOGETHER, PATIENCE)
        self._readers: asyncio.Semaphore | None = None

    def share(self) -> "Database":
        """The same database for one request, which so leaves connections for the others."""
        part = copy(self)
        part._readers = asyncio.Semaphore(READS_OF_A_REQUEST)
        return part

    async def open(self) -> None:
        await self._hot.open()
        await self._reads.open()

    async def close(self) -> None:
        await self._reads.close()
        await self._hot.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[DirectReader]:
        """Statements that only read, each for itself."""
        with _NamedOutage():
            async with self._readers or nullcontext(), self._reads.connection() as connection:
                yield DirectReader(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DirectReader]:
        """Statements that only read, all of one and the same state."""
        with _NamedOutage():
            async with self._readers or nullcontext(), self._reads.connection() as connection, connection.transaction():
                yield DirectReader(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block."""
        with _NamedOutage():
            async with self._engine.begin() as connection:
                yield connection

    async def call(
        self, statement: str, values: Sequence[Any], *, locks_case: int | None = None
    ) -> tuple[Any, ...] | None:
        """The first row of one statement that is a transaction of its own. locks_case: whose reservoir it locks.

        The statement must be safe to repeat, as a step under an idempotency key and a read are: it is, once, when its
        connection turns out to be dead, and until patience ends when it ran into a conflict.
        """
        with _NamedOutage():
            rows = await self._rows(statement, values, locks_case)
        return rows[0] if rows else None

    async def call_together(self, step: Step, values: Sequence[Any], *, locks_case: int) -> tuple[Any, ...]:
        """The only row of one step, as for `call`; those asked of a case meanwhile share its next transaction."""
        with _NamedOutage():
            answer = await self._batches.ask((step, locks_case), values)
            if isinstance(answer, psycopg.Error):
                raise answer
        return answer

    async def _together(self, line: tuple[Step, int], asked: Sequence[Sequence[Any]]) -> Sequence[_Answer]:
        step, case_id = line
        try:
            if len(asked) == 1:
                return await self._rows(step.once, asked[0], case_id)
            given = json.dumps([dict(zip(step.names, values, strict=True)) for values in asked], default=str)
            return await self._rows(step.for_many, (given,), case_id)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(asked) == 1:
                return [error]
            # One of them is at fault, which the others must not feel.
            return [answer for values in asked for answer in await self._together(line, [values])]

    async def _rows(self, statement: str, values: Sequence[Any], locks_case: int | None) -> list[tuple[Any, ...]]:
        deadline = monotonic() + PATIENCE
        async with nullcontext() if locks_case is None else self._turns.turn(locks_case, PATIENCE):
            return await self._repeated(statement, values, deadline)

    async def _repeated(self, statement: str, values: Sequence[Any], deadline: float) -> list[tuple[Any, ...]]:
        lost = False
        while True:
            try:
                return await self._once(statement, values, deadline)
            except ConnectionLost:
                if lost:
                    raise
                lost = True
                await self._hot.check()  # a restart of the server ends every connection, not only this one
            except psycopg.OperationalError as error:
                if error.sqlstate not in _CONFLICTS or monotonic() > deadline:
                    raise

    async def _once(self, statement: str, values: Sequence[Any], deadline: float) -> list[tuple[Any, ...]]:
        async with self._hot.connection(deadline - monotonic()) as connection:
            try:
                cursor = await connection.execute(statement, values, prepare=True)
                return await cursor.fetchall()
            except psycopg.Error as error:
                if connection.closed:
                    raise ConnectionLost(str(error)) from error
                raise


async def _require_alive(connection: psycopg.AsyncConnection) -> None:
    """A connection that nobody asked anything is silent while it lives: only one that has something to say, such as
    that it has ended, is asked whether it does."""
    told = poll()
    told.register(connection.fileno(), POLLIN)
    if told.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _take_snapshots(connection: psycopg.AsyncConnection) -> None:
    """Of the transactions of this connection; its other statements are none."""
    await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)


class _NamedOutage:
    """Turns what is raised for a lost or overloaded database into DatabaseUnavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        cause = error.orig if isinstance(error, DBAPIError) else error
        standby = isinstance(cause, psycopg.Error) and cause.sqlstate == _STANDBY
        if standby or isinstance(cause, psycopg.OperationalError | QueueTimeout | TimeoutError):
            raise DatabaseUnavailable("The database cannot be reached or is too busy.") from error
        if isinstance(cause, psycopg.InterfaceError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise DatabaseUnavailable("The connection to the database was lost.") from error

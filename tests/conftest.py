"""One PostgreSQL for the session, migrated once by the real migrations; tests keep apart by using cases of their own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.runtime.migrating import migrate
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.keys import authenticate, create_key
from app.services.ports import Ports
from app.storage.database import Database

# Nothing here outlives the session, so that nothing need reach the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of the session, with a migrated database `template` to copy."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), settings=FAST) as server:
        server.create_database("template")
        migrate(server.url("template"))
        yield server


@pytest.fixture(scope="session")
def shared_url(postgres: EmbeddedPostgres) -> str:
    """The database that most tests share."""
    postgres.create_database("shared", template="template")
    return postgres.url("shared")


@pytest.fixture
def own_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of the test's own, for what looks at all cases or breaks things."""
    name = f"own_{uuid4().hex}"
    postgres.create_database(name, template="template")
    yield postgres.url(name)
    postgres.drop_database(name)


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def opened(url: str, clock: Callable[[], datetime]) -> AsyncIterator[Ports]:
    ports = Ports(Database(url), clock)
    await ports.database.open()
    yield ports
    await ports.database.close()


@pytest.fixture(scope="session")
async def session_ports(shared_url: str) -> AsyncIterator[Ports]:
    async with opened(shared_url, lambda: datetime.now(UTC)) as ports:
        yield ports


@pytest.fixture
def clock() -> Clock:
    """Tuesday 3 March 2026, 10:00 in New York."""
    return Clock(datetime(2026, 3, 3, 15, 0, tzinfo=UTC))


@pytest.fixture
def ports(session_ports: Ports, clock: Clock) -> Ports:
    """The services on the shared database, in the test's own time."""
    return Ports(session_ports.database, clock)


@pytest.fixture
async def own_ports(own_url: str, clock: Clock) -> AsyncIterator[Ports]:
    async with opened(own_url, clock) as ports:
        yield ports


async def new_viewer(ports: Ports, role: Role = Role.OPERATOR, organization_id: int | None = None) -> tuple[Viewer, str]:
    """A caller of its own, with its key."""
    key = await create_key(
        ports, name=f"caller {uuid4()}", role=role, organization_id=organization_id, secret=lambda: uuid4().hex
    )
    viewer = await authenticate(ports, key)
    assert viewer is not None
    return viewer, key


@pytest.fixture
async def operator(ports: Ports) -> Viewer:
    return (await new_viewer(ports))[0]


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).parents[1]

"""A crowd of services on a database of the test's own, and servers that a test may kill."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.runtime.migrating import migrate
from app.runtime.servers.postgres import EmbeddedPostgres
from app.storage import database
from tests.faults.fault_crowd import Crowd, crowd_on
from tests.faults.fault_service import Service, service_on
from tests.stage import Clock


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is sent away because this machine is busy; test_fault_back_pressure.py says who is, and when."""
    monkeypatch.setattr(database, "PATIENCE", 40.0)
    monkeypatch.setitem(database.SETTINGS, "lock_timeout", "40s")


@pytest.fixture
async def crowd(own_url: str, clock: Clock, patient: None) -> AsyncIterator[Crowd]:
    async with crowd_on(own_url, clock) as crowd:
        yield crowd


@pytest.fixture(scope="session")
def durable_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that writes to the disk what it promises to, to be killed and started again."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("durable")) as server:
        server.create_database("template")
        migrate(server.url("template"))
        yield server


@pytest.fixture
def durable(durable_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    """The same, running, with an empty database of the test's own under the usual name."""
    durable_server.create_database("claira", template="template")
    yield durable_server
    durable_server.drop_database("claira")


@pytest.fixture
def service(durable: EmbeddedPostgres, tmp_path: Path) -> Iterator[Service]:
    with service_on(durable.url(), tmp_path / "service.log") as service:
        yield service

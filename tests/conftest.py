"""One PostgreSQL for the session, migrated once by the real migrations; tests keep apart by cases of their own."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from gettext import NullTranslations
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from hypothesis import HealthCheck, settings

from app.adapters.languages import words
from app.domain.callers import Viewer
from app.domain.languages import Language
from app.runtime.migrating import migrate
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.servers.valkey import EmbeddedValkey
from app.services.ports import Ports
from tests.stage import Clock, new_viewer, opened

# Nothing here outlives the session, so that nothing need reach the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


# The same examples in every run, and nothing fails because the machine was busy while they were drawn.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

CHROMIUM = shutil.which("chromium")

LONGEST = (
    "web/test_accessibility.py",
    "model/test_money_histories.py",
    "web/test_browser_scenes.py",
    "model/test_real_system.py",
    "web/test_surfaces_agree.py",
    "runtime/test_demonstration.py",
    "faults/test_fault_killed.py",
    "web/test_web_checkout_browser.py",
    "bench/",
    "faults/",
    "web/test_browser_",
    "runtime/",
    "services/test_receipts.py",
    "workers/",
)
"""Files that processes which share the tests begin with, so that none is left with a long one in the end."""


class _Untranslated(NullTranslations):
    """What a catalogue asks when it does not hold a message."""

    def gettext(self, message: str) -> str:
        raise AssertionError(f"not translated: {message}")

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        raise AssertionError(f"not translated: {singular}")


# A message that reaches a person in English by a way that `check-catalogues` does not see fails the test.
words(Language.FR).fall_back_on(_Untranslated())


def rank(item: pytest.Item) -> int:
    """Of the item's file among the longest; all others come after them, in their order."""
    path = f"{item.path.relative_to(Path(__file__).parent)}"
    return next((place for place, long in enumerate(LONGEST) if path.startswith(long)), len(LONGEST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are left out and listed, unless REQUIRE_BROWSER says that they must run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=rank)
    if CHROMIUM is not None:
        return
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if browser_tests and os.environ.get("REQUIRE_BROWSER"):
        raise pytest.UsageError(
            "The browser tests must run, and Chromium is not installed. `make browser` installs it."
        )
    for item in browser_tests:
        item.add_marker(pytest.mark.skip(reason="Chromium is not installed (make browser)"))


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """What a command run inside a test says of logs ends with that test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of the session, with a migrated database `template` to copy."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), settings=FAST) as server:
        server.create_database("template")
        migrate(server.url("template"))
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A server of the session; a test that stops it takes one of its own."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of the test's own, to be stopped and killed."""
    with EmbeddedValkey(tmp_path / "valkey") as server:
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


@pytest.fixture
async def operator(ports: Ports) -> Viewer:
    return (await new_viewer(ports))[0]


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).parents[1]

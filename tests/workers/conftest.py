"""Worker processes under test, all ended after the test."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.runtime.started import Started

StartWorker = Callable[..., Started]


@pytest.fixture
def start_worker(own_url: str, tmp_path: Path) -> Iterator[StartWorker]:
    """Gives a function that starts a worker on the test's own database, and on the Valkey whose address it is given."""
    all_started: list[Started] = []

    def start(redis_url: str = "") -> Started:
        command = [sys.executable, "-m", "app.runtime.cli", "work"]
        addresses = {"DATABASE_URL": own_url, "REDIS_URL": redis_url}
        all_started.append(Started(command, tmp_path, tmp_path, addresses))
        return all_started[-1]

    yield start
    for started in all_started:
        for pid in started.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.first.wait()

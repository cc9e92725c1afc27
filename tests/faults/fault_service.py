"""The service as a process of its own, as `claira-usage serve` starts it, on a database server of the test's own."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).with_name("claira-usage")
CHECKOUT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a service that has not started will not."""


class Service:
    """A running service. port 0: any that is free, and the same one again after a kill."""

    def __init__(self, database_url: str, log: Path) -> None:
        self._database_url = database_url
        self._log = log
        self._port = "0"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def graphql(self) -> str:
        return f"{self.address}/graphql"

    def log(self) -> str:
        return self._log.read_text()

    def start(self) -> None:
        """Returns when it takes requests."""
        environment = {**os.environ, "DATABASE_URL": self._database_url, "HOST": "127.0.0.1", "PORT": self._port}
        before = len(self.log()) if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "serve"], env=environment, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        while (started := re.search(r"running on http://127\.0\.0\.1:(\d+)", self.log()[before:])) is None:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        self._port = started[1]

    def kill(self) -> None:
        """As the kernel would: no goodbye to anybody."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@contextmanager
def service_on(database_url: str, log: Path) -> Iterator[Service]:
    service = Service(database_url, log)
    service.start()
    try:
        yield service
    finally:
        service.kill()

"""Commands under test: started with a mark in their environment, so that all they start can be counted."""

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from app.runtime.servers.cluster import servers_on

READY = re.compile(r"^ready (\d+)", re.MULTILINE)
CHECKOUT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which what does not come is a failure: for a busy machine with a slow disk."""


class Started:
    """A command, everything it started, and the database server on its folder."""

    def __init__(
        self, command: Sequence[str | Path], data_folder: Path, output_folder: Path, environment: dict[str, str]
    ) -> None:
        self.data_folder = data_folder
        self.mark = secrets.token_hex(8)
        self._output = output_folder / f"output-{self.mark}"
        with self._output.open("wb") as output:
            self.first = subprocess.Popen(
                command,
                env={**os.environ, **environment, "CLAIRA_TEST_MARK": self.mark},
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def program(self) -> int:
        """Wait until the service is ready; return its process id."""
        wait_for(lambda: READY.search(self.output) is not None, lambda: self.output)
        ready = READY.search(self.output)
        assert ready is not None
        return int(ready.group(1))

    def left(self) -> set[int]:
        """Return the processes that are still there."""
        self.first.poll()  # takes away the zombie
        return servers_on(self.data_folder / "postgres" / "data") | {
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and f"CLAIRA_TEST_MARK={self.mark}" in environment_of(entry)
        }

    def ended(self) -> int:
        """Wait until the command has ended; return its exit code."""
        return self.first.wait(PATIENCE)

    def wait_until_gone(self) -> None:
        wait_for(lambda: not self.left(), lambda: (self.left(), self.output))


def environment_of(process: Path) -> list[str]:
    with suppress(OSError):
        return (process / "environ").read_bytes().decode(errors="replace").split("\0")
    return []


def wait_for(condition: Callable[[], bool], what: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)

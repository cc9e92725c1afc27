"""The file a server writes its messages to."""

import os
from pathlib import Path

LARGEST = 1_000_000  # bytes, looked at when the server starts; one older file of that size is kept
LAST_LINES = 20


class ServerLog:
    """A bounded log file that remembers where the present run began."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = 0

    def open(self) -> int:
        """Return a descriptor to append to, readable by its owner only."""
        if self._path.exists() and self._path.stat().st_size > LARGEST:
            self._path.replace(self._path.with_name(self._path.name + ".old"))
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._start = os.fstat(descriptor).st_size
        return descriptor

    def last_lines(self) -> str:
        """Return the end of what the present run wrote."""
        if not self._path.exists():
            return ""
        written = self._path.read_bytes()[self._start :].decode(errors="replace")
        return "\n".join(written.splitlines()[-LAST_LINES:])

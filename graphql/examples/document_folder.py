"""The documents of a folder: which files, under which ids, and the keys that make a run resumable (K1).

Nothing is remembered between runs. The same folder with the same files gives the same ids and the same keys, so a run
that was killed finds its own task again, and what it had reported is reported once more without any effect.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

LONGEST_ID = 64


class Document(NamedTuple):
    """One file: `id` is 1 to 64 characters and unique in the folder; `size` in bytes, 0 when it cannot be known."""

    id: str
    path: Path
    size: int


def documents_in(folder: Path, include: Sequence[str] = ()) -> list[Document]:
    """Every file below the folder, sorted by its path.

    `include`: patterns for the file's name or its path in the folder; none means all. A link to a file counts as that
    file, a link that leads nowhere as a file that cannot be read. Links to folders are not followed, so nothing loops
    and nothing is counted twice. Sockets, pipes and devices are not documents. Raises OSError for a folder that cannot
    be listed.
    """
    return [
        Document(document_id(name), path, size)
        for path, name, size in sorted(_files(folder))
        if not include or any(fnmatch(name, pattern) or fnmatch(path.name, pattern) for pattern in include)
    ]


def _files(folder: Path) -> Iterator[tuple[Path, str, int]]:
    def refuse(error: OSError) -> None:
        raise error  # a folder that cannot be listed would silently shrink the task

    for parent, _, names in os.walk(folder, onerror=refuse):
        for name in names:
            path = Path(parent, name)
            size = _size(path)
            if size is not None:
                yield path, path.relative_to(folder).as_posix(), size


def _size(path: Path) -> int | None:
    """0: cannot be reached, None: no file."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def document_id(name: str) -> str:
    """A document's id: its path in the folder, or the beginning of it and a hash.

    A hashed id has exactly 64 characters and a plain one fewer, so the two kinds can never meet. Names that would not
    survive the way (bytes that are no UTF-8, line breaks) are hashed too.
    """
    if len(name) < LONGEST_ID and name.isprintable():
        return name
    digest = "~" + hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    shown = "".join(character if character.isprintable() else "?" for character in name)[: LONGEST_ID - len(digest)]
    return shown.ljust(LONGEST_ID - len(digest), "~") + digest


def task_key(case_id: str, folder: Path, documents: Sequence[Document], again: str | None) -> str:
    """The idempotency key of the run over these files. `again` distinguishes a deliberate repetition."""
    files = [(document.id, document.size) for document in documents]
    return "scan-" + _digest([case_id, _printable(str(folder)), again, files])


def report_key(task_id: str, number: int, outcomes: object) -> str:
    """The idempotency key of one report: other content gets another key, so a conflict cannot happen."""
    return f"report-{number}-" + _digest([task_id, number, outcomes])


def end_key(task_id: str, end: str) -> str:
    """The idempotency key of the end of a task."""
    return "end-" + _digest([task_id, end])


def _printable(path: str) -> str:
    return os.fsencode(path).decode("latin-1")


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()

"""The private folder in which a server listens."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from app.runtime.servers.errors import ForeignFolder

LONGEST = 107  # bytes of a unix socket's path on Linux


def socket_folder(data: Path) -> Path:
    """Name the folder for a server's data: always the same one, so that killed runs leave at most one behind."""
    name = "claira-" + hashlib.sha256(f"{os.geteuid()}:{data.resolve()}".encode()).hexdigest()[:16]
    wanted = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(wanted / ".s.PGSQL.65535")) > LONGEST:
        return Path("/tmp") / name  # noqa: S108 (made closed to others, and refused when not ours)
    return wanted


def make_private(folder: Path) -> None:
    """Make the folder, empty and closed to all others. Raises ForeignFolder when somebody else got there first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_private(folder):
        raise ForeignFolder(folder, "is not a private folder of this user")
    _empty(folder)


def remove(folder: Path) -> None:
    """Remove the folder that `make_private` made, if it is still there and ours."""
    if is_private(folder):
        _empty(folder)
        folder.rmdir()


def is_private(folder: Path) -> bool:
    """Tell whether the folder is there, this user's and closed to others: what listens in it is then ours."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _empty(folder: Path) -> None:
    """Remove the sockets and lock files that a killed server left."""
    for left in folder.iterdir():
        left.unlink()

"""A server's data folder: made whole or not at all, owned by the right user, used by one server."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from app.runtime.servers.account import Account
from app.runtime.servers.errors import AlreadyRunning, ForeignFolder, StartFailed

PROCESSES = Path("/proc")
UNFINISHED = "initdb-"


def make_cluster(data: Path, account: Account, binaries: Path, environment: dict[str, str], *, durable: bool) -> None:
    """Run initdb unless `data` is there. Made beside it and renamed, so an interrupted one leaves nothing half done.

    Raises StartFailed.
    """
    for unfinished in data.parent.glob(UNFINISHED + "*"):
        # A dying initdb may still write here or clear up after itself: the new one has another name, this can wait.
        shutil.rmtree(unfinished, ignore_errors=True)
    if data.exists():
        return
    new = data.parent / (UNFINISHED + secrets.token_hex(4))
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    options = ("-U", "app", "-A", "trust", "-E", "UTF8", "--no-instructions", *(() if durable else ("--no-sync",)))
    made = subprocess.run(
        account.command(binaries / "initdb", "-D", new, *options, *locale),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
    )
    if made.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise StartFailed(f"initdb failed with exit code {made.returncode}", made.stdout.strip())
    new.rename(data)
    _keep_name(data.parent)


def hand_over(folder: Path, account: Account) -> None:
    """Give everything inside the folder to the account that will use it. Raises ForeignFolder for a non-root."""
    for path in folder.rglob("*"):
        if path.lstat().st_uid != account.uid:
            if os.geteuid() != 0:
                raise ForeignFolder(path, "belongs to another user")
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def clear_the_way(data: Path, patience: float = 10.0) -> None:
    """Wait for a postmaster that is shutting down, and end what a killed one left, so that a new one can start.

    To be called by the one who holds the folder's lock. Raises AlreadyRunning after `patience` seconds.
    """
    if not PROCESSES.is_dir():
        return
    deadline = time.monotonic() + patience
    while postmaster_of(data) in (running := servers_on(data)):
        if time.monotonic() > deadline:
            raise AlreadyRunning(data)
        time.sleep(0.02)
    end_orphans(data, running)
    # Nobody works on the data any more, so the file names a dead server, or a stranger that got its process id: a
    # container gives out the same few numbers at every start, and PostgreSQL would refuse to start for ever.
    (data / "postmaster.pid").unlink(missing_ok=True)


def end_orphans(data: Path, orphans: set[int]) -> None:
    """Kill the backends of a postmaster that is dead: one in a long query would notice only at its end."""
    while orphans:
        for orphan in orphans:
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        time.sleep(0.01)
        orphans = servers_on(data)


def servers_on(data: Path) -> set[int]:
    """Return the PostgreSQL processes that work on the data: all of them have it as their current folder."""
    with suppress(FileNotFoundError):
        place = data.stat()
        return {pid for pid in _processes() if _works_on(pid, data, place)}
    return set()


def postmaster_of(data: Path) -> int | None:
    """Return the process id that the data folder names, dead or alive."""
    with suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    return None


def _processes() -> list[int]:
    return [int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit()]


def _works_on(pid: int, data: Path, place: os.stat_result) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        if (PROCESSES / str(pid) / "comm").read_text().strip() != "postgres":
            return False
        try:
            return os.path.samestat((PROCESSES / str(pid) / "cwd").stat(), place)
        except PermissionError:  # another user's: it counts only when the data folder names it
            return pid == postmaster_of(data)
    return False


def _keep_name(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""A PostgreSQL of our own, started from an installed package's binaries and stopped with this process."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.runtime.servers import cluster, sockets
from app.runtime.servers.account import account_for
from app.runtime.servers.binaries import find_binaries
from app.runtime.servers.errors import AlreadyRunning, ForeignFolder, StartFailed
from app.runtime.servers.log import ServerLog

READY_WITHIN = 60.0  # seconds: recovery after a crash reads all that was written since the last checkpoint
STOP_WITHIN = 30.0  # seconds
DEFAULTS = MappingProxyType({"listen_addresses": "", "timezone": "UTC"})


class EmbeddedPostgres:
    """A server on `folder`, durable unless `settings` say otherwise; it listens on a private unix socket only.

    Holds a lock on the folder while it runs. When this process dies, even by SIGKILL, the server shuts down by itself.
    """

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] = MappingProxyType({}), user_namespace: bool = True
    ) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._log = ServerLog(self._folder / "server.log")
        self._sockets = sockets.socket_folder(self._data)
        self._settings = {**DEFAULTS, **settings}
        self._user_namespace = user_namespace
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How the last server ended, or None when it runs or was never started. Negative for a signal."""
        return self._process.poll() if self._process else None

    def last_lines(self) -> str:
        """Return the end of what the server wrote to its log since it was last started."""
        return self._log.last_lines()

    def answers(self) -> bool:
        """Tell whether a server takes connections on this folder, whichever of this user's processes started it."""
        if not sockets.is_private(self._sockets):
            return False
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            return True
        return False

    def url(self, database: str = "claira") -> str:
        """Return the libpq address of a database, whether the server runs or not."""
        return f"postgresql://app@/{quote(database, safe='')}?host={quote(str(self._sockets))}"

    def start(self) -> None:
        """Start the server and return when it takes connections. Raises ServerError, and then nothing is left over."""
        self.launch()
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server (and make its folder) without waiting for it; main thread only. Raises ServerError."""
        # The kernel's parent-death signal belongs to the thread that starts the server: when that one ends, it is sent.
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("an embedded server is started by the main thread only")
        if self.pid is not None:
            raise AlreadyRunning(self._folder)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            self._process = self._open()
        except PermissionError as error:
            self._release()
            raise ForeignFolder(Path(error.filename or self._folder), "may not be used by this user") from error
        except BaseException:
            self._release()
            raise

    def wait_until_ready(self) -> None:
        """Return when the server takes connections; from any thread. Raises StartFailed when it ended or hangs."""
        deadline = time.monotonic() + READY_WITHIN
        while self.pid is not None:
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise StartFailed(f"PostgreSQL took no connection for {READY_WITHIN:.0f} s", self._log.last_lines())
            time.sleep(0.01)
        raise StartFailed(f"PostgreSQL ended at its start with exit code {self.exit_code}", self._log.last_lines())

    def stop(self) -> None:
        """Shut down: open transactions are rolled back, everything is written. Does nothing when it does not run."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()
        self._release()

    def kill(self) -> None:
        """End every process of the server at once, as a crash would; the next start recovers."""
        if self._process:
            self._process.kill()
            self._process.wait()
        cluster.end_orphans(self._data, cluster.servers_on(self._data))
        self._release()

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database unless it exists; as a copy of `template`, to which nobody may be connected."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                if template is not None:
                    statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
                connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and close the connections to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _open(self) -> "subprocess.Popen[bytes]":
        cluster.clear_the_way(self._data)
        sockets.make_private(self._sockets)
        binaries = find_binaries()
        account = account_for(self._folder, binaries / "postgres", self._sockets, user_namespace=self._user_namespace)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        durable = self._settings.get("fsync") != "off"
        cluster.make_cluster(self._data, account, binaries, environment, durable=durable)
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        log = self._log.open()
        try:
            cluster.hand_over(self._folder, account)
            return subprocess.Popen(
                account.command(binaries / "postgres", "-D", self._data, "-k", self._sockets, *settings),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is for us: the server goes last
            )
        finally:
            os.close(log)

    def _take_lock(self) -> None:
        """Lock the folder itself, which leaves no file behind: the kernel gives the lock back however we die."""
        if self._lock is not None:
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(self._folder) from None
        self._lock = descriptor

    def _release(self) -> None:
        """Give the folder back; without the lock the sockets are another process's."""
        if self._lock is not None:
            sockets.remove(self._sockets)
            os.close(self._lock)
            self._lock = None

"""A server of our own on a folder: started by this process, watched by it, and stopped with it."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from app.runtime.servers import sockets
from app.runtime.servers.account import Account
from app.runtime.servers.cluster import hand_over
from app.runtime.servers.errors import AlreadyRunning, ForeignFolder, StartFailed
from app.runtime.servers.log import ServerLog

READY_WITHIN = 60.0  # seconds: recovery after a crash reads all that was written since the last checkpoint
STOP_WITHIN = 30.0  # seconds


class EmbeddedServer(ABC):
    """It listens on a private unix socket only, and holds a lock on its folder while it runs.

    When this process dies, even by SIGKILL, the server shuts down by itself.
    """

    name: ClassVar[str]
    """For people."""

    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path, *, listens_for: Path) -> None:
        """listens_for: what the folder of the sockets gets its name from."""
        self._folder = folder.absolute()
        self._log = ServerLog(self._folder / "server.log")
        self._sockets = sockets.socket_folder(listens_for.absolute())
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How the last server ended, or None when it runs or was never started. Negative for a signal."""
        return self._process.poll() if self._process else None

    def last_lines(self) -> str:
        """Return the end of what the server wrote to its log since it was last started."""
        return self._log.last_lines()

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it takes connections."""

    @abstractmethod
    def _open(self) -> "subprocess.Popen[bytes]":
        """Make ready all that it needs, and start it."""

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
                raise StartFailed(f"{self.name} took no connection for {READY_WITHIN:.0f} s", self._log.last_lines())
            time.sleep(0.01)
        raise StartFailed(f"{self.name} ended at its start with exit code {self.exit_code}", self._log.last_lines())

    def stop(self) -> None:
        """Shut down as the server itself would. Does nothing when it does not run."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()
        self._release()

    def kill(self) -> None:
        """End every process of the server at once, as a crash would."""
        self._kill_process()
        self._release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _kill_process(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _spawn(self, command: list[str], environment: dict[str, str], owner: Account) -> "subprocess.Popen[bytes]":
        """Start a command that writes to the log; owner: whose everything in the folder, with the log, is to be."""
        log = self._log.open()
        try:
            hand_over(self._folder, owner)
            return subprocess.Popen(
                command,
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

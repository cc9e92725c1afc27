"""Real processes under test, all ended after the test."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.runtime.servers.cluster import servers_on
from app.runtime.servers.sockets import socket_folder
from tests.runtime.started import Started
from tests.runtime.users import ORDINARY, as_user

SERVICE = Path(__file__).parent / "waiting_service.py"
Start = Callable[..., Started]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that others may look into (pytest's own is closed to them); no server may be left in it."""
    folder = Path(tempfile.mkdtemp(prefix="claira-test-"))
    folder.chmod(0o755)
    try:
        yield folder
        for version in folder.rglob("PG_VERSION"):
            assert not servers_on(version.parent)
            shutil.rmtree(socket_folder(version.parent), ignore_errors=True)
        for log in folder.rglob("server.log"):  # Valkey's, which names its sockets after the folder itself
            shutil.rmtree(socket_folder(log.parent), ignore_errors=True)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder of the test's own."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """Give the one data folder of all runs: each finds it as the last one, often killed, left it."""
    with temporary_folder() as folder:
        yield folder / "run"


@pytest.fixture(scope="session")
def python() -> str:
    """Give a Python that has the project's packages and that an ordinary user can start."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for python in (sys.executable, "/usr/bin/python3"):
        command = [*as_user(ORDINARY), python, "-c", "import psycopg, app.runtime.servers.postgres"]
        if subprocess.run(command, env=environment, cwd="/", capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip("another user can reach no Python with this project's packages")


@pytest.fixture(autouse=True, scope="session")
def _heeded_signals() -> None:
    """Let what the tests start heed these signals, also where the tests themselves were started to ignore them.

    A signal that is ignored stays so over an exec, one that is handled does not.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture
def start(run_folder: Path, tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts a command, in which `{make}` and `{python} {script} {data}` stand for the service."""
    all_started: list[Started] = []
    makefile = tmp_path / "Makefile"
    service = f"{sys.executable} {SERVICE} {run_folder}"
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    makefile.write_text(f"run:\n\t@{service}; exit $$?\nlate:\n\t@read go < {gate}; {service}; exit $$?\n")
    known = {"make": f"make -s -f {makefile}", "python": sys.executable, "script": SERVICE, "data": run_folder}

    def start(*words: str, **environment: str) -> Started:
        all_started.append(Started([word.format(**known) for word in words], run_folder, tmp_path, environment))
        return all_started[-1]

    yield start
    for started in all_started:
        for pid in started.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.first.wait()
        started.wait_until_gone()

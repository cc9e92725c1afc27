"""What `make run` is: a database, the service on it, and nothing left when it ends, however it ends."""

import asyncio
import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.runtime.ancestors import Process, until_an_ancestor_dies, watched_ancestors
from app.runtime.servers.errors import ForeignFolder, ServerError, StartFailed
from app.runtime.servers.postgres import EmbeddedPostgres

new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
with suppress(ImportError):  # not made for every system
    import uvloop

    new_event_loop = uvloop.new_event_loop

Serve = Callable[[str], Coroutine[Any, Any, None]]

POSTGRES = "postgres"
DATABASE = "claira"
ADDRESS = "address"
# Seconds from the wish to stop; then we leave, and the server, told by the kernel, needs less than one more.
STOP_WITHIN = 3.5
FAILURES = 5
FAILURES_WITHIN = 60.0  # seconds

log = logging.getLogger(__name__)


def run(serve: Serve, *, data_folder: Path, database_url: str | None) -> None:
    """Run `serve` with the address of a database until it returns, a signal comes or an ancestor dies.

    Without `database_url` the database is our own, kept in `data_folder` and started again when it fails. To stop,
    `serve` is cancelled first, then the database is shut down. Returns after Ctrl-C, SIGTERM and SIGHUP; exits with 1
    and one message when it cannot run; an error of `serve` is passed on.
    """
    ancestors = watched_ancestors()
    limit = threading.Timer(STOP_WITHIN, _leave)
    limit.daemon = True
    try:
        with suppress(KeyboardInterrupt), _alone(data_folder), asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_supervise(serve, data_folder, database_url, ancestors, limit))
    except ServerError as error:
        sys.exit(str(error))
    finally:
        limit.cancel()


def own_database_url(data_folder: Path) -> str | None:
    """Return the address of our own database if a run of this user with the folder is going on, else None."""
    postgres = EmbeddedPostgres(data_folder / POSTGRES)
    return postgres.url(DATABASE) if postgres.answers() else None


@contextmanager
def noted_address(data_folder: Path, address: str) -> Iterator[None]:
    """Lets commands find where this run is reached, as long as the block lasts."""
    note = data_folder / ADDRESS
    note.write_text(address, encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def own_address(data_folder: Path) -> str | None:
    """Return where a run with the folder that is going on is reached, else None."""
    note = data_folder / ADDRESS
    if own_database_url(data_folder) is None or not note.exists():
        return None
    return note.read_text(encoding="utf-8")


async def _supervise(
    serve: Serve, data_folder: Path, database_url: str | None, ancestors: tuple[Process, ...], limit: threading.Timer
) -> None:
    work = serve(database_url) if database_url else _serve_on_our_own(serve, EmbeddedPostgres(data_folder / POSTGRES))
    await _first_of(_told_to_stop(ancestors, limit), work)


async def _told_to_stop(ancestors: tuple[Process, ...], limit: threading.Timer) -> None:
    """Return when it is time to stop, with the clock running. A second signal changes nothing: stopping is bounded."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What nohup asked for holds; SIGINT is taken even in the background, as servers do.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    await _first_of(told.wait(), _orphaned(ancestors))
    limit.start()


async def _orphaned(ancestors: tuple[Process, ...]) -> None:
    dead = await until_an_ancestor_dies(ancestors)
    log.warning("%s, which started this program, is gone: stopping", dead.name)


async def _serve_on_our_own(serve: Serve, postgres: EmbeddedPostgres) -> None:
    try:
        postgres.launch()
        await asyncio.to_thread(postgres.wait_until_ready)
        await asyncio.to_thread(postgres.create_database, DATABASE)
        await _first_of(_keep_running(postgres), serve(postgres.url(DATABASE)))
    finally:
        postgres.stop()


async def _keep_running(postgres: EmbeddedPostgres) -> None:
    """Start the server again whenever it ends. Raises StartFailed when it does so too often."""
    now = asyncio.get_running_loop().time
    failures: list[float] = []
    while True:
        while postgres.pid is not None:  # noqa: ASYNC110 (a process sets no event)
            await asyncio.sleep(0.05)
        failures = [*(before for before in failures if now() - before < FAILURES_WITHIN), now()]
        if len(failures) == FAILURES:
            raise StartFailed(f"PostgreSQL failed {FAILURES} times within a minute", postgres.last_lines())
        log.warning("PostgreSQL ended by itself with exit code %s: starting it again", postgres.exit_code)
        await asyncio.sleep(0.05 * 2 ** len(failures))
        try:
            postgres.launch()
            await asyncio.to_thread(postgres.wait_until_ready)
        except StartFailed:
            postgres.kill()


async def _first_of(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run all until the first ends, then cancel the others and wait for them. Raises the first error of any."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error


@contextmanager
def _alone(data_folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the kernel gives back however we die; exit with one line when it is taken."""
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_folder / "lock", os.O_RDONLY | os.O_CREAT, 0o644)
    except PermissionError as error:
        raise ForeignFolder(data_folder, "may not be written by this user") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Claira Usage is already running with {data_folder}: stop that one first.")
        yield
    finally:
        os.close(descriptor)


def _leave() -> None:
    """End at once whatever still hangs: the kernel then stops the server."""
    log.error("stopping took longer than %s s: leaving", STOP_WITHIN)
    os._exit(1)

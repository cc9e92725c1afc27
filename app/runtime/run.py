"""What `make run` is: the servers, the service on them, and nothing left when it ends, however it ends."""

import asyncio
import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.runtime.ancestors import Process, until_an_ancestor_dies, watched_ancestors
from app.runtime.servers.embedded import EmbeddedServer
from app.runtime.servers.errors import ForeignFolder, ServerError
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.servers.valkey import EmbeddedValkey
from app.runtime.supervision import first_of, keep_running

new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
with suppress(ImportError):  # not made for every system
    import uvloop

    new_event_loop = uvloop.new_event_loop


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of the servers that everything else runs on."""

    database: str
    """libpq's."""

    valkey: str | None
    """None: there is none."""


Serve = Callable[[Addresses], Coroutine[Any, Any, None]]

POSTGRES = "postgres"
VALKEY = "valkey"
DATABASE = "claira"
ADDRESS = "address"
# Seconds from the wish to stop; then we leave, and the servers, told by the kernel, need less than one more.
STOP_WITHIN = 3.5

log = logging.getLogger(__name__)


def run(serve: Serve, *, data_folder: Path, database_url: str | None, redis_url: str | None) -> None:
    """Run `serve` with the addresses of the servers until it returns, a signal comes or an ancestor dies.

    A server without an address is our own, kept in `data_folder` and started again when it fails. To stop, `serve` is
    cancelled first, then Valkey and the database are shut down. Returns after Ctrl-C, SIGTERM and SIGHUP; exits with 1
    and one message when it cannot run; an error of `serve` is passed on.
    """
    ancestors = watched_ancestors()
    limit = threading.Timer(STOP_WITHIN, _leave)
    limit.daemon = True
    try:
        with suppress(KeyboardInterrupt), _alone(data_folder), asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(
                first_of(_told_to_stop(ancestors, limit), _on_servers(serve, data_folder, database_url, redis_url))
            )
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


async def _on_servers(serve: Serve, data_folder: Path, database_url: str | None, redis_url: str | None) -> None:
    """Run `serve` on the given servers, and on our own where none is given."""
    postgres, valkey = EmbeddedPostgres(data_folder / POSTGRES), EmbeddedValkey(data_folder / VALKEY)
    try:
        if database_url is None:
            postgres.launch()
            await asyncio.to_thread(postgres.wait_until_ready)
            await asyncio.to_thread(postgres.create_database, DATABASE)
        if redis_url is None:
            await _start_if_it_can(valkey)
        addresses = Addresses(
            database_url or postgres.url(DATABASE), redis_url or (valkey.url() if valkey.pid is not None else None)
        )
        kept = [server for server in (postgres, valkey) if server.pid is not None]
        await first_of(*(_keep(server) for server in kept), serve(addresses))
    finally:
        valkey.stop()
        postgres.stop()


async def _start_if_it_can(valkey: EmbeddedValkey) -> None:
    """Nothing but live updates needs Valkey: where there is none, the rest goes on without."""
    try:
        valkey.launch()
        await asyncio.to_thread(valkey.wait_until_ready)
    except ServerError as error:
        valkey.kill()
        log.warning("there will be no live updates: %s", error)


async def _keep(server: EmbeddedServer) -> None:
    """Start it again for as long as it can be; a Valkey that cannot is done without."""
    try:
        await keep_running(server)
    except ServerError as error:
        if not isinstance(server, EmbeddedValkey):
            raise
        log.warning("there are no live updates any more: %s", error)
        await asyncio.Event().wait()


async def _told_to_stop(ancestors: tuple[Process, ...], limit: threading.Timer) -> None:
    """Return when it is time to stop, with the clock running. A second signal changes nothing: stopping is bounded."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What nohup asked for holds; SIGINT is taken even in the background, as servers do.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    await first_of(told.wait(), _orphaned(ancestors))
    limit.start()


async def _orphaned(ancestors: tuple[Process, ...]) -> None:
    dead = await until_an_ancestor_dies(ancestors)
    log.warning("%s, which started this program, is gone: stopping", dead.name)


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
    """End at once whatever still hangs: the kernel then stops the worker and the servers."""
    log.error("stopping took longer than %s s: leaving", STOP_WITHIN)
    os._exit(1)

"""`make run` with its worker and its Valkey: both come with it, come back by themselves, and go with it."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from app.runtime.servers.valkey import EmbeddedValkey
from tests.runtime.conftest import Start
from tests.runtime.started import Started, wait_for

WORKING = ("{python}", "{script}", "{data}", "working")
WORKER = "app.runtime.cli\0work\0"
VALKEY = "valkey-server"


def pid_of(started: Started, words: str) -> int | None:
    """The process whose command line holds the words, or None."""
    for pid in started.left():
        try:
            if words in Path(f"/proc/{pid}/cmdline").read_text() and Path(f"/proc/{pid}/comm").read_text() != "sh\n":
                return pid
        except OSError:
            continue
    return None


def database_and_valkey_of(started: Started) -> tuple[str, str]:
    ready = next(line for line in started.output.splitlines() if line.startswith("ready "))
    database, valkey = ready.split()[3:5]
    return database, valkey


def wait_for_work(started: Started) -> None:
    """Gives the worker something to do, and waits until it is done."""
    with psycopg.connect(database_and_valkey_of(started)[0], autocommit=True) as connection:
        connection.execute("insert into outbox (what) values ('REFILLED')")
        wait_for(lambda: connection.execute("select from outbox").fetchone() is None, lambda: started.output)


def started_again(started: Started, words: str, killed: int) -> bool:
    return pid_of(started, words) not in (None, killed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_worker_and_valkey_come_and_go_with_the_run(start: Start, number: signal.Signals) -> None:
    started = start(*WORKING)
    program = started.program()
    wait_for_work(started)
    assert pid_of(started, WORKER) is not None
    assert pid_of(started, VALKEY) is not None
    os.kill(program, number)
    assert started.ended() == 0
    assert not started.left()
    assert started.output.splitlines()[1:] == ["stopping", "stopped while the database still answered", "ended"]


def test_a_killed_run_leaves_neither_worker_nor_valkey(start: Start) -> None:
    started = start("bash", "-c", "{python} {script} {data} working; exit $?")
    program = started.program()
    wait_for_work(started)
    os.kill(program, signal.SIGKILL)
    started.wait_until_gone()


def test_a_worker_that_ends_is_started_again(start: Start) -> None:
    started = start(*WORKING)
    started.program()
    wait_for(lambda: pid_of(started, WORKER) is not None, lambda: started.output)
    worker = pid_of(started, WORKER)
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: started_again(started, WORKER, worker), lambda: started.output)
    wait_for_work(started)
    assert started.output.count("the worker ended by itself") == 1


def test_a_valkey_that_dies_is_started_again_at_the_same_address_and_the_rest_goes_on(start: Start) -> None:
    started = start(*WORKING)
    started.program()
    wait_for_work(started)
    valkey = pid_of(started, VALKEY)
    worker = pid_of(started, WORKER)
    assert valkey is not None
    os.kill(valkey, signal.SIGKILL)
    wait_for(lambda: started_again(started, VALKEY, valkey), lambda: started.output)
    with redis.Redis.from_url(database_and_valkey_of(started)[1]) as client:
        wait_for(lambda: is_there(client), lambda: started.output)
    wait_for_work(started)
    assert pid_of(started, WORKER) == worker
    assert "Valkey ended by itself" in started.output


def is_there(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_where_no_valkey_can_be_started_the_rest_goes_on_without(start: Start, run_folder: Path) -> None:
    with EmbeddedValkey(run_folder / "valkey"):
        started = start(*WORKING)
        started.program()
        assert database_and_valkey_of(started)[1] == "None"
        assert "there will be no live updates" in started.output
        wait_for_work(started)


def test_a_given_valkey_is_used_and_none_is_started(start: Start, place: Path) -> None:
    with EmbeddedValkey(place) as given:
        started = start(*WORKING, TEST_REDIS_URL=given.url())
        program = started.program()
        wait_for_work(started)
        assert database_and_valkey_of(started)[1] == given.url()
        assert pid_of(started, VALKEY) is None
        os.kill(program, signal.SIGINT)
        assert started.ended() == 0
        assert given.answers()

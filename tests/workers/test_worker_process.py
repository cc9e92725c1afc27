"""The worker as a process: what it does by itself, and what it survives."""

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta

import psycopg
import redis

from app.adapters.nudges import NUDGE, QUEUE, ValkeyNudges
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.servers.valkey import EmbeddedValkey
from app.services.ports import Ports
from tests.runtime.started import wait_for
from tests.stage import active_case, new_viewer
from tests.workers.conftest import StartWorker
from tests.workers.letters import letters_left, listening, write_letters

WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%outbox%'"


async def test_what_falls_due_is_done_without_being_asked_and_without_valkey(
    own_url: str, own_ports: Ports, start_worker: StartWorker
) -> None:
    """L4, C1: a case of last year whose cycle ended long ago and whose refill is due."""
    operator, _ = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    started = start_worker()

    def is_done() -> bool:
        with psycopg.connect(own_url) as connection:
            found = connection.execute(
                "select cycle_ends_at, refilled_on from reservoirs where case_id = %s", [case.terms.case_id]
            ).fetchone()
        assert found is not None
        now = datetime.now(UTC)
        return bool(found[0] > now and found[1] >= (now - timedelta(days=2)).date())

    wait_for(is_done, lambda: started.output)


def test_two_workers_relay_every_row_and_none_twice(
    own_url: str, valkey: EmbeddedValkey, start_worker: StartWorker
) -> None:
    with listening(valkey.url()) as listener:
        workers = [start_worker(valkey.url()) for _ in range(2)]
        first = write_letters(own_url, 1)
        listener.wait_for(first)
        cases = write_letters(own_url, 5_000) | first
        listener.wait_for(cases)
        wait_for(lambda: letters_left(own_url) == 0, lambda: letters_left(own_url))  # they are told, then deleted
        listener.wait_for(cases)  # also what came meanwhile is counted
        assert set(listener.heard.values()) == {1}
        assert [worker.first.poll() for worker in workers] == [None, None]


def test_it_goes_on_through_a_killed_valkey_an_emptied_one_and_one_that_is_back(
    own_url: str, own_valkey: EmbeddedValkey, start_worker: StartWorker
) -> None:
    url = own_valkey.url()
    started = start_worker(url)
    with listening(url) as listener:
        listener.wait_for(write_letters(own_url, 1))
    own_valkey.kill()
    kept = write_letters(own_url, 3)
    wait_for(lambda: "NotAnnounced" in started.output and "nudges_lost" in started.output, lambda: started.output)
    assert letters_left(own_url) == 3
    own_valkey.start()
    with listening(url) as listener, redis.Redis.from_url(url) as client:
        listener.wait_for(kept)
        client.flushall()
        listener.wait_for(write_letters(own_url, 1))
        wait_for(lambda: "nudges_heard_again" in started.output, lambda: started.output)
        client.flushall()
    assert started.first.poll() is None
    assert started.output.count("nudges_lost") == 1
    assert started.output.count("NotAnnounced") == 1


async def test_a_hundred_nudges_are_one_job_and_the_worker_takes_it(
    own_valkey: EmbeddedValkey, start_worker: StartWorker
) -> None:
    nudges = ValkeyNudges(own_valkey.url())
    with redis.Redis.from_url(own_valkey.url()) as client:
        for _ in range(100):
            nudges.nudge()
            await asyncio.sleep(0)
        while not client.zcard(QUEUE):  # noqa: ASYNC110 (a server sets no event)
            await asyncio.sleep(0.01)
        await nudges.close()
        assert client.zcard(QUEUE) == 1
        started = start_worker(own_valkey.url())
        wait_for(lambda: not client.exists(QUEUE, f"arq:job:{NUDGE}"), lambda: started.output)


def test_a_worker_without_valkey_empties_the_outbox(own_url: str, start_worker: StartWorker) -> None:
    write_letters(own_url, 1_200)
    started = start_worker()
    wait_for(lambda: letters_left(own_url) == 0, lambda: started.output)


def test_told_to_stop_it_commits_the_batch_under_way_and_ends(own_url: str, start_worker: StartWorker) -> None:
    with psycopg.connect(own_url) as holder, psycopg.connect(own_url, autocommit=True) as other:
        holder.execute("lock table outbox in exclusive mode")
        holder.execute("insert into outbox (what) values ('REFILLED')")
        started = start_worker()
        wait_for(lambda: other.execute(WAITING).fetchone() != (0,), lambda: started.output)
        started.first.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert started.first.poll() is None
        holder.commit()
    assert started.ended() == 0
    assert letters_left(own_url) == 0
    assert started.output == ""


def test_it_outlives_a_lost_database(
    own_url: str, postgres: EmbeddedPostgres, valkey: EmbeddedValkey, start_worker: StartWorker
) -> None:
    started = start_worker(valkey.url())
    with listening(valkey.url()) as listener:
        listener.wait_for(write_letters(own_url, 1))
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
            name = own_url.partition("?")[0].rpartition("/")[2]
            admin.execute(f"alter database {name} allow_connections false".encode())
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            wait_for(lambda: started.output.count("work_failed") >= 2, lambda: started.output)
            admin.execute(f"alter database {name} allow_connections true".encode())
        listener.wait_for(write_letters(own_url, 1))
    wait_for(lambda: started.output.count("work_goes_on") == 2, lambda: started.output)
    assert own_url not in started.output

"""`make run` as processes: who may be killed, what is left, what a second run and a dead database do."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from app.runtime.run import noted_address, own_address, own_database_url
from app.runtime.servers.cluster import postmaster_of, servers_on
from app.runtime.servers.postgres import EmbeddedPostgres
from tests.runtime.conftest import Start
from tests.runtime.started import Started, wait_for

UNDER_MAKE = ("bash", "-c", "{make} run; exit $?")


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def url_of(started: Started) -> str:
    return EmbeddedPostgres(started.data_folder / "postgres").url()


@pytest.mark.parametrize("generations", [0, 1, 2, 3], ids=["program", "recipe shell", "make", "waiting shell"])
def test_a_killed_program_or_ancestor_leaves_no_process(start: Start, generations: int) -> None:
    started = start(*UNDER_MAKE)
    victim = started.program()
    for _ in range(generations):
        victim = parent_of(victim)
    os.kill(victim, signal.SIGKILL)
    started.wait_until_gone()


@pytest.mark.parametrize("leader", [[], ["setsid", "--wait"]], ids=["in our session", "in its own"])
def test_a_make_killed_before_the_program_looks_leaves_no_process(
    start: Start, leader: list[str], tmp_path: Path
) -> None:
    started = start(*leader, "bash", "-c", "{make} late; exit $?")
    with (tmp_path / "gate").open("w"):  # opens when the recipe's shell waits there, and lets it go on at the end
        make = next(pid for pid in started.left() if Path(f"/proc/{pid}/comm").read_text() == "make\n")
        os.kill(make, signal.SIGKILL)
    started.wait_until_gone()


def test_a_make_in_the_background_outlives_the_shell_that_started_it(start: Start) -> None:
    started = start("sh", "-c", "{make} run &")
    started.first.wait()
    program = started.program()
    time.sleep(0.7)
    assert answers(url_of(started))
    os.kill(program, signal.SIGTERM)
    started.wait_until_gone()
    assert started.output.endswith("ended\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_service_before_the_database_and_is_no_error(start: Start, number: signal.Signals) -> None:
    started = start("{python}", "{script}", "{data}")
    os.kill(started.program(), number)
    assert started.ended() == 0
    assert [*started.output.splitlines()[1:]] == ["stopping", "stopped while the database still answered", "ended"]
    assert not started.left()
    assert own_database_url(started.data_folder) is None
    assert not Path(url_of(started).partition("host=")[2]).exists()


def test_the_address_of_a_run_is_known_only_as_long_as_it_lasts(start: Start) -> None:
    started = start("{python}", "{script}", "{data}")
    program = started.program()
    with noted_address(started.data_folder, "http://127.0.0.1:8123"):
        assert own_address(started.data_folder) == "http://127.0.0.1:8123"
        os.kill(program, signal.SIGKILL)  # leaves the note behind
        started.wait_until_gone()
        assert own_address(started.data_folder) is None
    assert own_address(started.data_folder) is None


def test_impatient_signals_at_a_service_that_hangs_leave_no_process(start: Start) -> None:
    started = start("{python}", "{script}", "{data}", "hanging")
    program = started.program()
    for _ in range(3):
        os.kill(program, signal.SIGINT)
        time.sleep(0.2)
    started.wait_until_gone()
    assert "stopping took longer" in started.output
    assert "Traceback" not in started.output


def test_a_hangup_that_nohup_ignores_stays_ignored(start: Start) -> None:
    started = start("nohup", "{python}", "{script}", "{data}")
    program = started.program()
    os.kill(program, signal.SIGHUP)
    time.sleep(0.5)
    assert answers(url_of(started))
    os.kill(program, signal.SIGTERM)
    assert started.ended() == 0


def test_a_second_run_on_the_same_folder_is_refused_in_one_line(start: Start) -> None:
    first = start("{python}", "{script}", "{data}")
    first.program()
    second = start("{python}", "{script}", "{data}")
    assert second.ended() == 1
    assert second.output == f"Claira Usage is already running with {first.data_folder}: stop that one first.\n"
    assert answers(url_of(first))


def test_a_run_right_after_a_killed_one_waits_for_its_server_and_keeps_its_data(start: Start) -> None:
    first = start("{python}", "{script}", "{data}")
    program = first.program()
    with psycopg.connect(url_of(first), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    os.kill(program, signal.SIGKILL)
    second = start("{python}", "{script}", "{data}")
    second.program()
    url = own_database_url(second.data_folder)
    assert url is not None
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_database_that_dies_is_started_again_at_the_same_address(start: Start) -> None:
    started = start("{python}", "{script}", "{data}")
    started.program()
    data = started.data_folder / "postgres" / "data"
    for time_around in (1, 2):
        postmaster = postmaster_of(data)
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        wait_for(lambda: postmaster_of(data) != postmaster and answers(url_of(started)), lambda: started.output)  # noqa: B023 (asked in this turn)
        assert started.output.count("starting it again") == time_around


def test_a_database_that_cannot_be_started_again_ends_the_run_with_a_message(start: Start) -> None:
    started = start("{python}", "{script}", "{data}")
    started.program()
    data = started.data_folder / "postgres" / "data"
    settings = data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    postmaster = postmaster_of(data)
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    assert started.ended() == 1
    settings.write_text(good)
    assert "PostgreSQL failed 5 times within a minute" in started.output
    assert "no_such_setting" in started.output
    assert "Traceback" not in started.output
    started.wait_until_gone()


def test_a_given_database_is_used_and_none_is_started(start: Start, place: Path) -> None:
    with EmbeddedPostgres(place, settings={"fsync": "off"}) as given:
        started = start("{python}", "{script}", "{data}", TEST_DATABASE_URL=given.url("postgres"))
        program = started.program()
        assert "postgres " + given.url("postgres") in started.output
        assert not servers_on(started.data_folder / "postgres" / "data")
        os.kill(program, signal.SIGINT)
        assert started.ended() == 0
        assert answers(given.url("postgres"))

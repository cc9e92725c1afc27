"""The launcher around PostgreSQL's binaries: what it starts, what it leaves, what it refuses."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from app.runtime.servers import log
from app.runtime.servers.account import account_for
from app.runtime.servers.binaries import find_binaries
from app.runtime.servers.cluster import UNFINISHED, clear_the_way, postmaster_of, servers_on
from app.runtime.servers.errors import (
    AlreadyRunning,
    BinariesMissing,
    ForeignFolder,
    StartFailed,
)
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.servers.sockets import LONGEST, socket_folder
from tests.runtime.conftest import temporary_folder
from tests.runtime.started import Started, wait_for

FAST = {"fsync": "off"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder in which a server was already started once; a test leaves it usable."""
    with temporary_folder() as folder:
        with EmbeddedPostgres(folder, settings=FAST) as postgres:
            postgres.create_database("claira")
        yield folder


def ask(postgres: EmbeddedPostgres, question: str, database: str = "claira") -> object:
    with psycopg.connect(postgres.url(database), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall()[0][0] if cursor.description else None


def test_the_server_is_durable_and_reached_by_a_private_socket_only(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        settings = (
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "listen_addresses",
            "TimeZone",
            "server_encoding",
        )
        assert [ask(postgres, f"SHOW {name}") for name in settings] == ["on", "on", "on", "", "UTC", "UTF8"]
        assert ask(postgres, "SELECT datlocale FROM pg_database WHERE datname = 'claira'") == "C.UTF-8"
        sockets = socket_folder(folder / "data")
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert f"host={sockets}" in postgres.url()


def test_a_stopped_server_leaves_no_process_and_no_socket_folder(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        assert postmaster_of(folder / "data") in servers_on(folder / "data")
    assert postgres.pid is None
    assert not servers_on(folder / "data")
    assert not socket_folder(folder / "data").exists()


def test_a_killed_server_leaves_no_process_and_recovers_what_was_committed(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        ask(postgres, "CREATE TABLE committed AS SELECT 42 AS answer")
        postgres.kill()
        assert not servers_on(folder / "data")
        postgres.start()
        assert ask(postgres, "SELECT answer FROM committed") == 42
        ask(postgres, "DROP TABLE committed")


def test_a_backend_busy_in_a_query_does_not_keep_the_next_server_from_starting(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings=FAST) as postgres, closing(psycopg.connect(postgres.url())) as busy:
        backend = busy.info.backend_pid
        busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        # One that has not read its query yet sees that its postmaster is gone, and goes, too.
        is_busy = f"SELECT state = 'active' FROM pg_stat_activity WHERE pid = {backend}"
        wait_for(lambda: ask(postgres, is_busy) is True, lambda: "not busy")
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        wait_for(lambda: postgres.pid is None, lambda: "still there")
        assert backend in servers_on(folder / "data")
        postgres.start()
        assert backend not in servers_on(folder / "data")
        assert ask(postgres, "SELECT 1") == 1


def test_a_process_id_that_now_belongs_to_a_stranger_does_not_keep_the_server_from_starting(folder: Path) -> None:
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'data'}\n")
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        assert ask(postgres, "SELECT 1") == 1


def test_a_second_server_on_the_folder_is_refused_at_once_and_the_first_goes_on(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings=FAST) as first:
        with pytest.raises(AlreadyRunning, match=str(folder)):
            EmbeddedPostgres(folder, settings=FAST).start()
        with pytest.raises(AlreadyRunning):
            first.start()
        with pytest.raises(AlreadyRunning):
            clear_the_way(folder / "data", patience=0.1)
        assert ask(first, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder, settings={"no_such_setting": "1"})
    with pytest.raises(StartFailed, match="no_such_setting"):
        postgres.start()
    assert not socket_folder(folder / "data").exists()
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        assert ask(postgres, "SELECT 1") == 1


def test_a_server_whose_starter_died_on_the_way_does_not_start(place: Path) -> None:
    binaries = find_binaries()
    command = account_for(place, binaries / "postgres", place, user_namespace=True).command("echo", "started")
    assert subprocess.check_output(command) == b"started\n"
    by_another = subprocess.run(["sh", "-c", shlex.join(command) + "; exit $?"], capture_output=True, check=False)
    assert (by_another.returncode, by_another.stdout) == (1, b"")


def test_only_the_main_thread_may_start_a_server(folder: Path) -> None:
    refused: list[str] = []

    def start() -> None:
        try:
            EmbeddedPostgres(folder, settings=FAST).start()
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert refused == ["an embedded server is started by the main thread only"]


def test_an_initdb_killed_half_way_is_done_again(place: Path, tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from app.runtime.servers.postgres import EmbeddedPostgres as P; "
    program += "P(Path(sys.argv[1])).start()"
    started = Started([sys.executable, "-c", program, place], place, tmp_path, {})
    wait_for(lambda: any(place.glob(f"{UNFINISHED}*/base/1/*")), lambda: started.output)
    started.first.kill()
    started.first.wait()
    assert not (place / "data").exists()
    with EmbeddedPostgres(place, settings=FAST) as postgres:
        assert ask(postgres, "SELECT 1", "postgres") == 1
    started.wait_until_gone()
    with EmbeddedPostgres(place, settings=FAST):
        assert {path.name for path in place.iterdir()} == {"data", "server.log"}


def test_a_database_is_created_once_copied_from_a_template_and_dropped_under_its_users(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        for _ in range(2):
            postgres.create_database('odd "name"/1')
        ask(postgres, "CREATE TABLE copied AS SELECT 7 AS seven", 'odd "name"/1')
        postgres.create_database("copy", template='odd "name"/1')
        assert ask(postgres, "SELECT seven FROM copied", "copy") == 7
        with psycopg.connect(postgres.url("copy")):
            for _ in range(2):
                postgres.drop_database("copy")
        postgres.drop_database('odd "name"/1')
        assert ask(postgres, "SELECT count(*) FROM pg_database") == 4


def test_a_folder_with_a_long_and_odd_name_is_served(place: Path) -> None:
    deep = place / ("a folder, quite 'long' " * 5) / ("été" * 20)
    with EmbeddedPostgres(deep, settings=FAST) as postgres:
        assert ask(postgres, "SELECT 1", "postgres") == 1


def test_sockets_go_to_a_short_folder_when_the_temporary_one_is_too_deep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("deep" * 25)))
    assert len(os.fsencode(socket_folder(tmp_path) / ".s.PGSQL.5432")) <= LONGEST


def test_a_socket_folder_that_others_may_enter_is_refused_and_not_touched(folder: Path) -> None:
    sockets = socket_folder(folder / "data")
    sockets.mkdir(mode=0o755)
    (sockets / "theirs").touch()
    with pytest.raises(ForeignFolder, match=str(sockets)):
        EmbeddedPostgres(folder, settings=FAST).start()
    (sockets / "theirs").unlink()
    sockets.rmdir()


def test_what_a_killed_run_left_in_the_socket_folder_is_removed(folder: Path) -> None:
    sockets = socket_folder(folder / "data")
    sockets.mkdir(mode=0o700)
    (sockets / ".s.PGSQL.5432").touch()
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with EmbeddedPostgres(folder, settings=FAST) as postgres:
        assert ask(postgres, "SELECT 1") == 1
    assert not sockets.exists()


def test_the_log_is_kept_small_and_private(folder: Path) -> None:
    written = folder / "server.log"
    written.write_bytes(b"x" * (log.LARGEST + 1))
    with EmbeddedPostgres(folder, settings=FAST):
        assert written.stat().st_size < log.LARGEST
        assert written.stat().st_mode & 0o777 == 0o600
    assert (folder / "server.log.old").stat().st_size == log.LARGEST + 1
    (folder / "server.log.old").unlink()


def test_binaries_are_found_in_a_package_then_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subprocess.check_output([find_binaries() / "postgres", "--version"]).startswith(b"postgres (PostgreSQL)")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinariesMissing, match="DATABASE_URL"):
        find_binaries(packages=("no_such_package",))
    for name in ("postgres", "initdb"):
        (tmp_path / name).touch(mode=0o755)
    assert find_binaries(packages=("no_such_package",)) == tmp_path

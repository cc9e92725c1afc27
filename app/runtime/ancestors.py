"""The processes we were started by: when one of them dies, nobody is left to stop us.

`make` does not pass on a SIGKILL, nor does a shell: without this, killing them would leave a server behind. But a run
that was put into the background on purpose (`sh -c 'make run &'`, `nohup`, `setsid`) outlives the one that started it.
"""

import asyncio
import itertools
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MAKES = frozenset({"make", "gmake"})
PROCESSES = Path("/proc")


class _Stat(NamedTuple):
    name: str
    state: str
    parent: int
    group: int
    session: int
    terminal: int
    terminal_group: int
    started: int  # clock ticks after boot


@dataclass(frozen=True)
class Process:
    """One life of a process id: a later process with the same number is another one."""

    pid: int
    started: int
    name: str

    def is_alive(self) -> bool:
        """Tell whether it still runs; one that ended and was not yet waited for does not."""
        if not PROCESSES.is_dir():
            return os.getppid() == self.pid
        stat = _stat(self.pid)
        return stat is not None and stat.started == self.started and stat.state not in "ZX"


def watched_ancestors() -> tuple[Process, ...]:
    """Return the ancestors without which this program should not go on; call it early, before signals are set.

    They are all up to the nearest make, and the one that started make (or us, without a make) if it waits for that in
    the foreground. Where there is no /proc, it is the parent alone.
    """
    own = _stat(os.getpid())
    if own is None:
        return (Process(os.getppid(), 0, "parent"),)
    line = _ancestors(own)
    upto = next((place for place, (_, stat) in enumerate(line, start=1) if stat.name in MAKES), 0)
    watched = [Process(pid, stat.started, stat.name) for pid, stat in line[:upto]]
    if not watched and _has_lost_its_make(own, line):
        return (Process(0, 0, "make"),)  # dead from the start
    started_pid, started = line[upto - 1] if upto else (os.getpid(), own)
    if len(line) > upto and _is_waited_for(started_pid, started, own):
        pid, stat = line[upto]
        watched.append(Process(pid, stat.started, stat.name))
    return tuple(watched)


async def until_an_ancestor_dies(ancestors: tuple[Process, ...], *, every: float = 0.3) -> Process:
    """Return the first that died, looking every so many seconds; without ancestors, never."""
    while True:
        for ancestor in ancestors:
            if not ancestor.is_alive():
                return ancestor
        await asyncio.sleep(every)


def _ancestors(own: _Stat) -> list[tuple[int, _Stat]]:
    """List them from the parent upwards, as far as they can be seen from here."""
    line: list[tuple[int, _Stat]] = []
    pid = own.parent
    while pid > 0 and (stat := _stat(pid)):
        line.append((pid, stat))
        pid = stat.parent
    return line


def _has_lost_its_make(own: _Stat, line: list[tuple[int, _Stat]]) -> bool:
    """Tell whether a make started us and was killed before we came to look.

    A make raises MAKELEVEL for what it starts. Where it rises from a parent that is no make, the make between the two
    died, and the parent adopted what was left: unless that left on purpose, as the leader of a session or, put into
    the background by a recipe, ignoring SIGINT.
    """
    family = [(os.getpid(), own), *line]
    return not _ignores(os.getpid(), signal.SIGINT) and any(
        stat.session != pid and _is_adopted(pid, stat, stat.parent, parent)
        for (pid, stat), (_, parent) in itertools.pairwise(family)
    )


def _is_adopted(pid: int, stat: _Stat, parent_pid: int, parent: _Stat) -> bool:
    """Tell whether a make is missing between the two."""
    level, level_above = _makes_above(pid), _makes_above(parent_pid)
    if level_above is None:  # another user's: whoever starts a process without setsid is in the same session
        return bool(level) and (parent_pid == 1 or parent.session != stat.session)
    return level is not None and level > level_above


def _is_waited_for(pid: int, stat: _Stat, own: _Stat) -> bool:
    """Tell whether the parent of this process waits for it, as far as can be seen from outside.

    A shell without job control starts a background process with SIGINT ignored; nohup ignores SIGHUP; setsid makes it
    the leader of a session; a shell with job control does not give it the terminal; an orphan's parent is a stranger.
    """
    in_background = own.terminal != 0 and own.group != own.terminal_group
    ignoring = _ignores(pid, signal.SIGINT) or _ignores(pid, signal.SIGHUP)
    return not (in_background or ignoring or stat.session == pid or _lost_its_parent(stat))


def _lost_its_parent(stat: _Stat) -> bool:
    """Tell whether a process was adopted: whoever starts a process without setsid is in the same session."""
    parent = _stat(stat.parent)
    return parent is None or parent.session != stat.session


def _makes_above(pid: int) -> int | None:
    """Return how many makes, one in another, started a process; None when its environment is not ours to read."""
    try:
        environment = (PROCESSES / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    level = next((line for line in environment if line.startswith(b"MAKELEVEL=")), b"").partition(b"=")[2]
    return int(level) if level.isdigit() else 0


def _ignores(pid: int, number: signal.Signals) -> bool:
    try:
        lines = (PROCESSES / str(pid) / "status").read_text().splitlines()
    except OSError:
        return False
    ignored = next(line for line in lines if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) >> (number - 1) & 1)


def _stat(pid: int) -> _Stat | None:
    """Read /proc/PID/stat; None when there is no such process."""
    try:
        text = (PROCESSES / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may itself hold brackets and spaces.
    name, _, rest = text.partition("(")[2].rpartition(") ")
    fields = rest.split()
    parent, group, session, terminal, terminal_group = map(int, fields[1:6])
    return _Stat(name, fields[0], parent, group, session, terminal, terminal_group, int(fields[19]))

"""Which user a server runs as.

Valkey runs as whoever we are. PostgreSQL refuses to run as root, and `make run` must work as root and leave no trace
outside its folder: no user is created and no permission of a parent folder is changed. So there are four ways for it:

- an ordinary user starts it as itself;
- root starts it in a user namespace in which root is called nobody: the files stay root's (so does a user without a
  name, as a container may have: initdb refuses those);
- where namespaces are forbidden (many containers), or cannot reach the files, root starts it as nobody, with the one
  capability it needs to pass through closed parent folders;
- a folder that belongs to an ordinary user is served as that user in the same way, so that root never takes it away.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.runtime.servers.errors import PrivilegeMissing

# The kernel sends the signal when the thread that started the server ends, however it ends. PostgreSQL takes SIGINT for
# a fast shutdown, and would wait for its clients at a SIGTERM.
DIE_WITH_PARENT = ("--pdeathsig", "INT", "--")
REACHES_ALL = ("sh", "-c", '[ -x "$0" ] && for folder; do [ -w "$folder" ] || exit 1; done')


@dataclass(frozen=True)
class Account:
    """A user, and the words to put before a command to run it as that user and let it die with this process."""

    uid: int
    gid: int
    prefix: tuple[str, ...]

    def command(self, *words: str | Path) -> list[str]:
        """Return the whole command line. The program that it starts keeps the process id."""
        if not self.prefix:
            return [str(word) for word in words]
        # A parent that died before the kernel was asked for the signal would never be noticed: look once, afterwards.
        still_ours = ("sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', str(os.getpid()))
        return [*self.prefix, *still_ours, *(str(word) for word in words)]


def account_for(folder: Path, binary: Path, sockets: Path, *, user_namespace: bool) -> Account:
    """Choose the account for a PostgreSQL that runs `binary` on `folder` and listens in `sockets`.

    With `user_namespace` off, it does as if namespaces were forbidden. Raises PrivilegeMissing.
    """
    uid, gid = os.geteuid(), os.getegid()
    owner = folder.stat()
    if uid == 0 and owner.st_uid != 0:
        return _without_namespace(owner.st_uid, owner.st_gid)
    if uid != 0 and _has_name(uid):
        return _plain(uid, gid)
    name = _named_user()
    enter = ("unshare", "--user", f"--map-user={name}", f"--map-group={name}", "--", "setpriv", *DIE_WITH_PARENT)
    if user_namespace and _run(*enter, *REACHES_ALL, binary, folder, sockets) is None:
        return Account(uid, gid, enter)
    return _without_namespace(name, name) if uid == 0 else _plain(uid, gid)


def own_account() -> Account:
    """This user, for a program that ends at a SIGTERM: unlike SIGINT, nobody has it ignored in the background."""
    prefix = ("setpriv", "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()
    return Account(os.geteuid(), os.getegid(), prefix)


def _plain(uid: int, gid: int) -> Account:
    return Account(uid, gid, ("setpriv", *DIE_WITH_PARENT) if shutil.which("setpriv") else ())


def _without_namespace(uid: int, gid: int) -> Account:
    become = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    pass_closed_folders = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    prefix = (*become, *pass_closed_folders, *DIE_WITH_PARENT)
    if refusal := _run(*prefix, "true"):
        raise PrivilegeMissing(refusal)
    return Account(uid, gid, prefix)


def _has_name(uid: int) -> bool:
    return any(user.pw_uid == uid for user in pwd.getpwall())


def _named_user() -> int:
    """Return a user id other than root's that has a name, nobody's if it can be: initdb wants to know who it is."""
    users = {user.pw_name: user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0}
    return users.get("nobody", next(iter(users.values()), 65534))


def _run(*words: str | Path) -> str | None:
    """Run a command; return None when it succeeded, else what it said."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"

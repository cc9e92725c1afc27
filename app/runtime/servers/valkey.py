"""A Valkey of our own, started from an installed package's program and stopped with this process. It keeps nothing."""

import os
import secrets
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from app.runtime.servers import sockets
from app.runtime.servers.account import Account, own_account
from app.runtime.servers.binaries import find_valkey
from app.runtime.servers.embedded import EmbeddedServer

PATIENCE = 5.0  # seconds


class EmbeddedValkey(EmbeddedServer):
    """A server whose log is kept in `folder`. Each start begins empty: whatever it held was a hint."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, listens_for=folder)
        # A server that ends removes its socket: one that a killed run left behind, and that is a moment late to go,
        # must not take ours away.
        self._socket = self._sockets / f"{secrets.token_hex(4)}.sock"

    def answers(self) -> bool:
        if not sockets.is_private(self._sockets):
            return False
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self._socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def url(self) -> str:
        """Return its address, whether the server runs or not."""
        return f"unix://{quote(str(self._socket))}"

    def _open(self) -> "subprocess.Popen[bytes]":
        sockets.make_private(self._sockets)
        own = own_account()
        place = ("--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700", "--dir", self._folder)
        nothing_kept = ("--save", "", "--appendonly", "no")
        # Its own title would take the place of the environment that tells whose it is.
        as_started = ("--set-proc-title", "no")
        command = own.command(find_valkey(), *place, *nothing_kept, *as_started)
        return self._spawn(command, {**os.environ, "LC_ALL": "C.UTF-8"}, self._owner(own))

    def _owner(self, own: Account) -> Account:
        """Whose the folder is: root leaves it to whoever owns the one it lies in, who will want to start it, too."""
        if own.uid != 0:
            return own
        above = self._folder.parent.stat()
        os.chown(self._folder, above.st_uid, above.st_gid)
        return Account(above.st_uid, above.st_gid, ())

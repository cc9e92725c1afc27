"""A PostgreSQL of our own, started from an installed package's binaries and stopped with this process."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.runtime.servers import cluster, sockets
from app.runtime.servers.account import account_for
from app.runtime.servers.binaries import find_binaries
from app.runtime.servers.embedded import EmbeddedServer

DEFAULTS = MappingProxyType({"listen_addresses": "", "timezone": "UTC"})


class EmbeddedPostgres(EmbeddedServer):
    """A server on `folder`, durable unless `settings` say otherwise. What was committed, a next start recovers."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # open transactions are rolled back, everything is written

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] = MappingProxyType({}), user_namespace: bool = True
    ) -> None:
        self._data = folder.absolute() / "data"
        super().__init__(folder, listens_for=self._data)
        self._settings = {**DEFAULTS, **settings}
        self._user_namespace = user_namespace

    def answers(self) -> bool:
        """Tell whether a server takes connections on this folder, whichever of this user's processes started it."""
        if not sockets.is_private(self._sockets):
            return False
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            return True
        return False

    def url(self, database: str = "claira") -> str:
        """Return the libpq address of a database, whether the server runs or not."""
        return f"postgresql://app@/{quote(database, safe='')}?host={quote(str(self._sockets))}"

    def kill(self) -> None:
        self._kill_process()
        cluster.end_orphans(self._data, cluster.servers_on(self._data))
        self._release()

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database unless it exists; as a copy of `template`, to which nobody may be connected.

        The files are copied as they are: a small database page by page through the log takes three times as long.
        """
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                if template is not None:
                    statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
                connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and close the connections to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _open(self) -> "subprocess.Popen[bytes]":
        cluster.clear_the_way(self._data)
        sockets.make_private(self._sockets)
        binaries = find_binaries()
        account = account_for(self._folder, binaries / "postgres", self._sockets, user_namespace=self._user_namespace)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        durable = self._settings.get("fsync") != "off"
        cluster.make_cluster(self._data, account, binaries, environment, durable=durable)
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        command = account.command(binaries / "postgres", "-D", self._data, "-k", self._sockets, *settings)
        return self._spawn(command, environment, account)

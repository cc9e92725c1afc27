"""SQL as it was when a migration was written: one folder a migration, never edited once it has been released."""

from collections.abc import Iterable
from pathlib import Path

from alembic import op

HERE = Path(__file__).parent


def install(revision: str, names: Iterable[str]) -> None:
    """Runs the frozen files of a revision in order. The driver is used directly: a file holds many statements."""
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None
    cursor = driver.cursor()
    for name in names:
        cursor.execute((HERE / revision / name).read_text(encoding="utf-8"))
    cursor.close()

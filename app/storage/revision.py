"""Which migration a database stands at."""

from app.storage.database import Database


async def applied_revision(database: Database) -> str | None:
    """None: it was never migrated."""
    found = await database.call("select to_regclass('alembic_version') is not null", ())
    if found != (True,):
        return None
    row = await database.call("select version_num from alembic_version", ())
    return None if row is None else str(row[0])

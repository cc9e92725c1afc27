"""How migrations run: one at a time under an advisory lock, each in a transaction, never waiting long for a table."""

from alembic import context
from sqlalchemy import Connection, text

from app.storage.tables import metadata

ONE_AT_A_TIME = 0x434C4149  # any number that nothing else in the database locks


def run(connection: Connection) -> None:
    # Whoever comes second waits for the first to end, however long its migrations take; only tables are not waited for.
    connection.execute(text("select pg_advisory_lock(:number)"), {"number": ONE_AT_A_TIME})
    connection.execute(text("set lock_timeout = '5s'"))
    connection.execute(text("set statement_timeout = '10min'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("select pg_advisory_unlock(:number)"), {"number": ONE_AT_A_TIME})
    connection.commit()


run(context.config.attributes["connection"])

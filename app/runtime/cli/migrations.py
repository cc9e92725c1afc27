"""claira-usage check-migrations: what the migrations make is what the code says.

A database is migrated on a server of its own. Its tables must be those of app/storage/tables; the functions in it
must be those of app/storage/functions, which are installed beside it for the comparison.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

import click
import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql
from sqlalchemy import Enum, create_engine

from app.runtime.migrating import ROOT, migrate, sqlalchemy_url
from app.runtime.servers.errors import ServerError
from app.runtime.servers.postgres import EmbeddedPostgres
from app.storage.tables import metadata

FUNCTIONS = ROOT / "app" / "storage" / "functions"
MIGRATED, WRITTEN = "drift_migrated", "drift_written"

_ENUMS = """
select t.typname, array_agg(e.enumlabel::text order by e.enumsortorder)
from pg_type t join pg_enum e on e.enumtypid = t.oid group by t.typname
"""
_PARTIAL_INDEXES = """
select c.relname, pg_get_expr(i.indpred, i.indrelid)
from pg_index i join pg_class c on c.oid = i.indexrelid where i.indpred is not null
and c.relnamespace = 'public'::regnamespace
"""
_FUNCTIONS = """
select p.oid::regprocedure::text, pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'public'::regnamespace
"""


@click.command("check-migrations")
def check_migrations() -> None:
    """Migrate a scratch database and compare it with the code; exit 1 and name each difference."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="claira-") as folder,
            EmbeddedPostgres(Path(folder) / "postgres", settings={"fsync": "off"}) as server,
        ):
            drift = find_drift(server)
    except ServerError as error:
        raise click.ClickException(str(error)) from error
    for difference in drift:
        click.echo(difference)
    sys.exit(1 if drift else 0)


def find_drift(server: EmbeddedPostgres) -> list[str]:
    """Each difference between the migrations and the code, as a line for a person; uses databases of its own."""
    server.create_database(MIGRATED)
    try:
        migrate(server.url(MIGRATED))
        drift = table_drift(server.url(MIGRATED))
        server.create_database(WRITTEN, template=MIGRATED)
        return drift + function_drift(server.url(MIGRATED), server.url(WRITTEN), FUNCTIONS)
    finally:
        for database in (MIGRATED, WRITTEN):
            server.drop_database(database)


def table_drift(url: str) -> list[str]:
    """Where a database differs from app.storage.tables: columns, types, keys, indexes, predicates, enums."""
    engine = create_engine(sqlalchemy_url(url))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
            drift = [f"tables: {difference}" for difference in compare_metadata(context, metadata)]
    finally:
        engine.dispose()
    # Neither the values of enums nor the predicates of partial indexes are compared by Alembic.
    enums = {
        str(column.type.name): column.type.enums
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }
    predicates = {
        str(index.name): str(index.dialect_options["postgresql"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    with psycopg.connect(url) as connection:
        found_enums = _pairs(connection, _ENUMS)
        found_predicates = {name: text[1:-1] for name, text in _pairs(connection, _PARTIAL_INDEXES).items()}
    return drift + _differences("enum", enums, found_enums) + _differences("index", predicates, found_predicates)


def function_drift(migrated_url: str, scratch_url: str, folder: Path) -> list[str]:
    """Where the functions of a migrated database differ from the files. The scratch database is a copy of it."""
    with psycopg.connect(migrated_url) as connection:
        migrated = _pairs(connection, _FUNCTIONS)
    with psycopg.connect(scratch_url) as connection:
        for signature in migrated:
            connection.execute(sql.SQL("drop function if exists {} cascade").format(sql.SQL(signature)))
        for file in sorted(folder.glob("*.sql")):
            connection.execute(file.read_bytes())
        written = _pairs(connection, _FUNCTIONS)
    return _differences("function", written, migrated)


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _pairs(connection: psycopg.Connection[Any], query: LiteralString) -> dict[str, Any]:
    return dict(connection.execute(query).fetchall())


def _differences(kind: str, said: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """said: by the code; found: in the migrated database."""
    return [
        f"{kind} {name}: "
        + ("is not in the migrations" if name not in found else "is not in the code" if name not in said else "differs")
        for name in sorted(said.keys() | found.keys())
        if said.get(name) != found.get(name)
    ]

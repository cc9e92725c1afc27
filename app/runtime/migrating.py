"""Bringing a database to the newest migration."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

ROOT = Path(__file__).resolve().parents[2]


def sqlalchemy_url(url: str) -> str:
    """A libpq address as SQLAlchemy wants it, with the driver named."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def newest_revision() -> str:
    """The revision that the code was written for."""
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert head is not None
    return head


def migrate(url: str) -> None:
    """Runs every migration that the database has not seen; safe to start from several processes at once."""
    engine = create_engine(sqlalchemy_url(url), hide_parameters=True)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()

"""Settings, read from the environment here and nowhere else."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
"""The tree that the product runs from."""


class Settings(BaseSettings):
    """Each field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: str | None = Field(default=None, pattern=r"^postgres(ql)?://")
    """A libpq address. None: `make run` starts a PostgreSQL of its own; everything else needs one."""

    claira_data: Path = ROOT / ".data"
    """Where `make run` keeps its database."""

    claira_environment: str = "production"
    """What support knows this installation by; it stands in the mails that ask for monthly invoicing (C7)."""

    claira_log_level: str = Field(default="INFO", pattern="(?i)^(debug|info|warning|error)$")
    claira_max_body_bytes: int = Field(default=8 * 2**20, ge=2**16)
    """Of one request; 10,000 documents with the longest ids fit."""

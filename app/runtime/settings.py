"""Settings, read from the environment here and nowhere else."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
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

    redis_url: str | None = Field(default=None, pattern=r"^(rediss?|unix)://")
    """Of a Valkey or Redis. None: `make run` starts a Valkey of its own; everything else does without live updates, and
    without the nudges that let the worker begin at once instead of at its next tick."""

    claira_data: Path = ROOT / ".data"
    """Where `make run` keeps its database and the logs of its servers."""

    claira_environment: str = "production"
    """What support knows this installation by; it stands in the mails that ask for monthly invoicing (C7)."""

    claira_test_clocks: bool = False
    """Whether operators may make test clocks, on which cases live in a time of their own. `make run` turns it on."""

    claira_abandoned_after_hours: float = Field(default=24, gt=0)
    """A task without an accepted report for so long is ended and refunded (T6)."""

    claira_payments: Literal["none", "simulated"] = "none"
    """The processor of cards. none: changes by card take effect at once, and their invoices stay open. simulated: saved
    cards are charged and pages to pay on are shown, but no money moves. `make run` turns it on."""

    claira_payment_secret: SecretStr | None = Field(default=None, min_length=16)
    """With which events of the processor are signed. None: each process makes one up, which is enough for one."""

    claira_public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+$")
    """Where browsers find the service; the simulated processor shows its pages there. None: HOST and PORT."""

    claira_log_level: str = Field(default="INFO", pattern="(?i)^(debug|info|warning|error)$")
    claira_max_body_bytes: int = Field(default=8 * 2**20, ge=2**16)
    """Of one request; 10,000 documents with the longest ids fit."""

    @field_validator("redis_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None:
            from app.adapters.valkey import connections

            try:
                connections(url)
            except ValueError:
                raise ValueError("is no address of a Valkey or Redis") from None  # its own words quote the address
        return url

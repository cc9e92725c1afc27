"""The services' outside world, put together the same way for every kind of process."""

from datetime import UTC, datetime, timedelta

from app.adapters.nudges import ValkeyNudges
from app.runtime.settings import Settings
from app.services.ports import NoNudges, Ports
from app.storage.database import Database


def utc_now() -> datetime:
    return datetime.now(UTC)


def make_ports(database_url: str, settings: Settings) -> Ports:
    """Nothing is opened yet."""
    return Ports(
        Database(database_url),
        utc_now,
        settings.claira_environment,
        test_clocks=settings.claira_test_clocks,
        abandoned_after=timedelta(hours=settings.claira_abandoned_after_hours),
        nudges=ValkeyNudges(settings.redis_url) if settings.redis_url else NoNudges(),
    )

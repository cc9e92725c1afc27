"""The services' outside world, put together the same way for every kind of process."""

import secrets
from datetime import UTC, datetime, timedelta

from app.adapters.event_posts import post
from app.adapters.nudges import ValkeyNudges
from app.runtime.addresses import shown_address
from app.runtime.settings import Settings
from app.services.ports import NoNudges, Payments, Ports
from app.services.simulated_payments import SimulatedPayments
from app.storage.database import Database


def utc_now() -> datetime:
    return datetime.now(UTC)


def make_ports(database_url: str, settings: Settings) -> Ports:
    """Nothing is opened yet."""
    database = Database(database_url)
    return Ports(
        database,
        utc_now,
        settings.claira_environment,
        test_clocks=settings.claira_test_clocks,
        abandoned_after=timedelta(hours=settings.claira_abandoned_after_hours),
        nudges=ValkeyNudges(settings.redis_url) if settings.redis_url else NoNudges(),
        payments=_simulated(database, settings) if settings.claira_payments == "simulated" else None,
    )


def _simulated(database: Database, settings: Settings) -> Payments:
    secret = settings.claira_payment_secret
    address = settings.claira_public_url or shown_address(settings.host, settings.port)
    key = secrets.token_bytes(32) if secret is None else secret.get_secret_value().encode()
    return SimulatedPayments(database, utc_now, address, secret=key, post=post)

"""Connections to Valkey, or to Redis, which speaks the same."""

from redis.asyncio import ConnectionPool

PATIENCE = 1.0
"""Seconds for a connection, and for each answer: whoever does not hear from it goes on without."""


def connections(url: str) -> ConnectionPool:
    """url: redis://, rediss:// or unix://. Nothing is connected yet."""
    return ConnectionPool.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)

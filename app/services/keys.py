"""API keys: shown once, stored as a digest, with a role and an organization (A1)."""

import hashlib
from collections.abc import Callable

from app.domain.callers import Role, Viewer
from app.services.ports import Ports
from app.storage import keys as stored

PREFIX = "clu_"
"""Lets a secret scanner recognise a key that has gone astray."""


def digest(key: str) -> bytes:
    """Keys carry 256 random bits, so that one round of a fast hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


async def authenticate(ports: Ports, key: str) -> Viewer | None:
    """Whose key this is. None: nobody's, or a revoked one."""
    if not key.startswith(PREFIX):
        return None
    return await stored.find_viewer(ports.database, digest(key))


async def create_key(
    ports: Ports,
    *,
    name: str,
    role: Role,
    organization_id: int | None,
    secret: Callable[[], str],
    revoke_others: bool = False,
) -> str:
    """A new key of the named caller, who keeps one identity over all of them (K1). The key is returned only here."""
    key = PREFIX + secret()
    async with ports.database.writing() as connection:
        caller_id = await stored.store_caller(connection, name, organization_id)
        if revoke_others:
            await stored.revoke_keys_of(connection, caller_id, ports.clock())
        await stored.store_key(connection, caller_id, role, digest(key), ports.clock())
    return key


async def list_keys(ports: Ports) -> list[stored.ApiKey]:
    async with ports.database.reading() as connection:
        return await stored.list_keys(connection)


async def revoke_key(ports: Ports, api_key_id: int) -> bool:
    """At once. False: there is no such key that is still in force."""
    async with ports.database.writing() as connection:
        return await stored.revoke_key(connection, api_key_id, ports.clock())

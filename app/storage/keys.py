"""Callers and their API keys; of a key only the digest is stored (A1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import SCHEDULER, Role, Viewer
from app.storage.database import Database
from app.storage.reads import Reader
from app.storage.tables import api_keys, callers, organizations

_FIND = """
select c.caller_id, c.name, k.role, c.organization_id
from api_keys k join callers c using (caller_id)
where k.digest = %s and k.revoked_at is null
"""


async def find_viewer(database: Database, digest: bytes) -> Viewer | None:
    """Whose key this is; None: nobody's, or a revoked one."""
    row = await database.call(_FIND, (digest,))
    if row is None:
        return None
    caller_id, name, role, organization_id = row
    return Viewer(caller_id, name, Role(role), organization_id)


_SCHEDULER = select(callers.c.caller_id).where(callers.c.organization_id.is_(None), callers.c.name == SCHEDULER)


async def find_scheduler(connection: Reader) -> int:
    """The caller in whose name is done what falls due by itself (C10)."""
    return int((await connection.execute(_SCHEDULER)).scalar_one())


async def store_caller(connection: AsyncConnection, name: str, organization_id: int | None) -> int:
    """A caller keeps its identity, and so its idempotency keys, over all the keys it is ever given."""
    values = {"name": name, "organization_id": organization_id}
    statement = (
        upsert(callers)
        .values(values)
        .on_conflict_do_update(index_elements=["organization_id", "name"], set_={"name": name})
        .returning(callers.c.caller_id)
    )
    return int((await connection.execute(statement)).scalar_one())


async def store_key(connection: AsyncConnection, caller_id: int, role: Role, digest: bytes, now: datetime) -> int:
    statement = insert(api_keys).values(caller_id=caller_id, role=role, digest=digest, created_at=now)
    return int((await connection.execute(statement.returning(api_keys.c.api_key_id))).scalar_one())


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: not the key."""

    api_key_id: int
    caller: str
    role: Role
    organization: str | None
    created_at: datetime
    revoked_at: datetime | None


_ALL = (
    select(api_keys, callers.c.name.label("caller"), organizations.c.name.label("organization"))
    .join_from(api_keys, callers)
    .outerjoin(organizations)
    .order_by(api_keys.c.api_key_id)
)


async def list_keys(connection: Reader) -> list[ApiKey]:
    return [
        ApiKey(row.api_key_id, row.caller, row.role, row.organization, row.created_at, row.revoked_at)
        for row in await connection.execute(_ALL)
    ]


async def revoke_key(connection: AsyncConnection, api_key_id: int, now: datetime) -> bool:
    """False: there is no such key that is still in force."""
    statement = update(api_keys).where(api_keys.c.api_key_id == api_key_id, api_keys.c.revoked_at.is_(None))
    return bool((await connection.execute(statement.values(revoked_at=now))).rowcount)


async def revoke_keys_of(connection: AsyncConnection, caller_id: int, now: datetime) -> None:
    statement = update(api_keys).where(api_keys.c.caller_id == caller_id, api_keys.c.revoked_at.is_(None))
    await connection.execute(statement.values(revoked_at=now))

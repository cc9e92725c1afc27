"""Keys of mutations that run in a transaction of their own; the hot steps keep theirs in SQL (K1)."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.idempotency import Request
from app.storage.tables import idempotency_keys as keys


async def recall(connection: AsyncConnection, case_id: int, request: Request) -> bool | None:
    """Under the case's lock. None: the key is new; True: the same input succeeded with it; False: another input did."""
    query = select(keys.c.input).where(keys.c.case_id == case_id, keys.c.key == request.key)
    known = (await connection.execute(query)).scalar_one_or_none()
    return None if known is None else known == request.input


async def remember(connection: AsyncConnection, case_id: int, request: Request) -> None:
    await connection.execute(insert(keys).values(case_id=case_id, key=request.key, input=request.input))

"""Reservoirs: fills through the function that writes their entry."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import EntryKind

_FILL = text("select fill_reservoir(:case_id, cast(:kind as entry_kind), :tokens, :caller_id, :now)")


async def fill_reservoir(
    connection: AsyncConnection, case_id: int, kind: EntryKind, tokens: int, *, caller_id: int, now: datetime
) -> None:
    """Adds tokens that the caller has decided under the case's lock (L5)."""
    await connection.execute(
        _FILL, {"case_id": case_id, "kind": kind.value, "tokens": tokens, "caller_id": caller_id, "now": now}
    )

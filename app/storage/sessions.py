"""Sign-in links and sessions; of both only the digest is stored (A1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.domain.sessions import Session
from app.storage.database import Database
from app.storage.tables import api_keys, callers, cases, sessions, sign_in_links

CLEARED_AT_ONCE = 100
"""Expired rows that one sign-in removes of each table: more than it adds, so that they never pile up."""

# The organization is compared once more, though links are only made within one (A2).
_FIND = """
select c.caller_id, c.name, s.role, c.organization_id, coalesce(c.language, %s), k.uuid, o.portal_url
from sessions s
join callers c using (caller_id)
join cases k using (case_id)
join organizations o on o.organization_id = k.organization_id and o.organization_id = c.organization_id
where s.digest = %s and s.expires_at > %s
"""


async def find_session(database: Database, digest: bytes, language: Language, now: datetime) -> Session | None:
    """Whose session this is, while it lasts. language: of a person who has not chosen one (E1)."""
    row = await database.call(_FIND, (language.value, digest, now))
    if row is None:
        return None
    caller_id, name, role, organization_id, chosen, case_uuid, portal_url = row
    return Session(Viewer(caller_id, name, Role(role), organization_id, Language(chosen)), case_uuid, portal_url)


# A session of a case is none here, whatever its role.
_FIND_OPERATOR = """
select c.caller_id, c.name, s.role, c.organization_id, coalesce(c.language, %s)
from sessions s
join callers c using (caller_id)
where s.digest = %s and s.expires_at > %s and s.case_id is null and s.role = 'operator' and c.organization_id is null
"""


async def find_operator(database: Database, digest: bytes, language: Language, now: datetime) -> Viewer | None:
    """Whose session of all organizations' pages this is, while it lasts; language as for `find_session`."""
    row = await database.call(_FIND_OPERATOR, (language.value, digest, now))
    if row is None:
        return None
    caller_id, name, role, organization_id, chosen = row
    return Viewer(caller_id, name, Role(role), organization_id, Language(chosen))


async def is_client(connection: AsyncConnection, caller_id: int) -> bool:
    """Whether the caller was ever given an API key."""
    return bool((await connection.execute(select(exists().where(api_keys.c.caller_id == caller_id)))).scalar_one())


@dataclass(frozen=True, slots=True)
class Pass:
    """What a link hands on to the session that it opens. case_id None: an operator's, of no case."""

    caller_id: int
    case_id: int | None
    role: Role


async def store_link(
    connection: AsyncConnection, digest: bytes, opens: Pass, *, once: bool, expires_at: datetime
) -> None:
    await connection.execute(
        insert(sign_in_links).values(
            digest=digest,
            caller_id=opens.caller_id,
            case_id=opens.case_id,
            role=opens.role,
            once=once,
            expires_at=expires_at,
        )
    )


async def use_link(connection: AsyncConnection, digest: bytes, now: datetime) -> tuple[Pass, UUID | None] | None:
    """What the link opens, and the case, if it is one's. A link for one use is gone then: of several
    at once, one gets it."""
    table = sign_in_links.c
    valid = (table.digest == digest, table.expires_at > now)
    columns = (table.caller_id, table.case_id, table.role)
    used = delete(sign_in_links).where(*valid, table.once).returning(*columns)
    row = (await connection.execute(used)).one_or_none()
    if row is None:
        row = (await connection.execute(select(*columns).where(*valid, ~table.once))).one_or_none()
    if row is None:
        return None
    found = select(cases.c.uuid).where(cases.c.case_id == row.case_id)
    case_uuid = (await connection.execute(found)).scalar_one_or_none()
    return Pass(row.caller_id, row.case_id, row.role), case_uuid


async def drop_reusable_links(connection: AsyncConnection) -> None:
    await connection.execute(delete(sign_in_links).where(~sign_in_links.c.once))


async def store_session(connection: AsyncConnection, digest: bytes, opened: Pass, expires_at: datetime) -> None:
    await connection.execute(
        insert(sessions).values(
            digest=digest,
            caller_id=opened.caller_id,
            case_id=opened.case_id,
            role=opened.role,
            expires_at=expires_at,
        )
    )


async def drop_session(connection: AsyncConnection, digest: bytes) -> None:
    await connection.execute(delete(sessions).where(sessions.c.digest == digest))


async def clear_expired(connection: AsyncConnection, now: datetime) -> None:
    """Removes some of what has expired, leaving alone what another sign-in is removing."""
    for table in (sessions, sign_in_links):
        some = (
            select(table.c.digest)
            .where(table.c.expires_at <= now)
            .limit(CLEARED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        await connection.execute(delete(table).where(table.c.digest.in_(some)))


async def store_language(connection: AsyncConnection, caller_id: int, language: Language) -> None:
    await connection.execute(update(callers).where(callers.c.caller_id == caller_id).values(language=language))

"""Getting in: links that are made once, and the sessions they open, bound to a case and a person (A1, A2)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.domain.sessions import LINK_LIFE, SESSION_LIFE, LinkRefusal, Session, token_language, token_of
from app.domain.texts import check_text
from app.services.keys import digest
from app.services.ports import Ports
from app.storage import sessions as stored
from app.storage.cases import find_case
from app.storage.keys import store_caller

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


async def make_link(
    ports: Ports,
    *,
    case_uuid: UUID,
    user: str,
    role: Role,
    language: Language | None,
    secret: Callable[[], str],
    life: timedelta | None = LINK_LIFE,
) -> str | LinkRefusal:
    """The token of a link that lets the user into the case. language: until the user chooses one (E1).

    The link works once within its life. life None: any number of times, until `drop_reusable_links` or the next one of
    its kind. A user is a caller of the case's organization: who enters under one name is one actor in the ledger, and a
    person never is one with a program.
    """
    if check_text("user", user) is not None or not user.isprintable():
        return LinkRefusal.UNUSABLE_NAME
    if role is Role.OPERATOR:
        return LinkRefusal.NOT_FOR_OPERATORS
    token = token_of(secret(), language)
    async with ports.database.writing() as connection:
        case = await find_case(connection, case_uuid)
        if case is None:
            return LinkRefusal.NO_SUCH_CASE
        # This locks the caller, as making a key does: of a link and a key at the same time the later sees the other.
        caller_id = await store_caller(connection, user, case.organization.organization_id)
        if await stored.is_client(connection, caller_id):
            return LinkRefusal.NAME_OF_A_CLIENT
        if life is None:
            await stored.drop_reusable_links(connection)
        await stored.store_link(
            connection,
            digest(token),
            stored.Pass(caller_id, case.terms.case_id, role),
            once=life is not None,
            expires_at=_NEVER if life is None else ports.clock() + life,
        )
    return token


async def make_operator_link(
    ports: Ports, *, user: str, language: Language | None, secret: Callable[[], str], life: timedelta = LINK_LIFE
) -> str | LinkRefusal:
    """The token of a link that lets an operator into the pages of all organizations, once within its life.

    An operator's session opens no panel of a case, and a session of a case none of these pages.
    """
    if check_text("user", user) is not None or not user.isprintable():
        return LinkRefusal.UNUSABLE_NAME
    token = token_of(secret(), language)
    async with ports.database.writing() as connection:
        caller_id = await store_caller(connection, user, None)
        if await stored.is_client(connection, caller_id):
            return LinkRefusal.NAME_OF_A_CLIENT
        opens = stored.Pass(caller_id, None, Role.OPERATOR)
        await stored.store_link(connection, digest(token), opens, once=True, expires_at=ports.clock() + life)
    return token


async def drop_reusable_links(ports: Ports) -> None:
    """From now on none of them lets anybody in; whoever is in stays."""
    async with ports.database.writing() as connection:
        await stored.drop_reusable_links(connection)


async def enter(ports: Ports, link: str, *, secret: Callable[[], str]) -> tuple[str, UUID | None] | None:
    """The token of a new session and its case, or none for an operator. None: no such link, used up, or too old."""
    now = ports.clock()
    async with ports.database.writing() as connection:
        opened = await stored.use_link(connection, digest(link), now)
        if opened is None:
            return None
        given, case_uuid = opened
        token = token_of(secret(), token_language(link))
        await stored.clear_expired(connection, now)
        await stored.store_session(connection, digest(token), given, now + SESSION_LIFE)
    return token, case_uuid


async def find_session(ports: Ports, token: str, fallback: Language) -> Session | None:
    """Whose session this is, in one statement. The language is the person's choice, else the link's, else fallback."""
    language = token_language(token) or fallback
    return await stored.find_session(ports.database, digest(token), language, ports.clock())


async def find_operator(ports: Ports, token: str, fallback: Language) -> Viewer | None:
    """Which operator's session this is; the language as for `find_session`."""
    language = token_language(token) or fallback
    return await stored.find_operator(ports.database, digest(token), language, ports.clock())


async def choose_language(ports: Ports, viewer: Viewer, language: Language) -> None:
    """For the person, in every session and case of the organization from now on (E1)."""
    async with ports.database.writing() as connection:
        await stored.store_language(connection, viewer.caller_id, language)


async def end_session(ports: Ports, token: str) -> None:
    """At once; other sessions of the person go on."""
    async with ports.database.writing() as connection:
        await stored.drop_session(connection, digest(token))

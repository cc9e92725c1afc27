"""How people and programs get into the demonstration."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from app.domain.callers import Role
from app.domain.languages import Language
from app.domain.sessions import LinkRefusal
from app.runtime.demonstration.cases import FIRST
from app.services import keys, sessions
from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable

CALLER = "Demonstration"


async def new_operator_key(ports: Ports) -> str:
    """The key of this run; the one of the run before is revoked."""
    return await keys.create_key(
        ports,
        name=CALLER,
        role=Role.OPERATOR,
        organization_id=None,
        secret=lambda: secrets.token_urlsafe(32),
        revoke_others=True,
    )


@asynccontextmanager
async def panel_link(ports: Ports) -> AsyncIterator[str]:
    """The token of a link into the first case as its admin, which works any number of times while the block runs."""
    token = await sessions.make_link(
        ports,
        case_uuid=FIRST.uuid,
        user=CALLER,
        role=Role.CASE_ADMIN,
        language=Language.EN,
        secret=lambda: secrets.token_urlsafe(32),
        life=None,
    )
    assert not isinstance(token, LinkRefusal), token
    try:
        yield token
    finally:
        with suppress(DatabaseUnavailable):  # after a kill, too, the next run drops it
            await sessions.drop_reusable_links(ports)

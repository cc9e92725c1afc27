"""Who acts in the demonstration: the program that scans for a firm, and the person who changes its plans."""

import secrets
from dataclasses import dataclass

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.contracts import Contract
from app.runtime.demonstration.firms import Firm
from app.services import keys, sessions
from app.services.ports import Ports
from app.storage.organizations import store_contract

SCANNER = "Claira"


@dataclass(frozen=True, slots=True)
class People:
    """Of one firm."""

    scanner: Viewer
    admin: Viewer


async def people_of(ports: Ports, firm: Firm, case: Case) -> People:
    """The same callers whenever it is asked, once there is a contract with the firm. case: one of the firm's."""
    contract = Contract(firm.contract is not None, firm.contract, firm.tax)
    async with ports.database.writing() as connection:  # not by the service, which would log it on a newcomer's screen
        await store_contract(connection, case.organization.organization_id, contract)
    return People(await _scanner(ports, case), await _admin(ports, firm, case))


async def _scanner(ports: Ports, case: Case) -> Viewer:
    """A caller of its own, as any program; nobody is told its key, and the key is revoked at once."""
    given = await keys.create_key(
        ports, name=SCANNER, role=Role.MEMBER, organization_id=case.organization.organization_id,
        secret=_secret, revoke_others=True,
    )  # fmt: skip
    viewer = await keys.authenticate(ports, given)
    assert viewer is not None
    for key in await keys.list_keys(ports):
        if key.caller == SCANNER and key.organization == case.organization.name and key.revoked_at is None:
            await keys.revoke_key(ports, key.api_key_id)
    return viewer


async def _admin(ports: Ports, firm: Firm, case: Case) -> Viewer:
    """As if signed in to the panel, in the language of the firm."""
    link = await sessions.make_link(
        ports, case_uuid=case.terms.uuid, user=firm.admin, role=Role.CASE_ADMIN, language=firm.language, secret=_secret
    )
    assert isinstance(link, str), link
    entered = await sessions.enter(ports, link, secret=_secret)
    assert entered is not None
    token, _ = entered
    session = await sessions.find_session(ports, token, firm.language)
    assert session is not None
    await sessions.choose_language(ports, session.viewer, firm.language)
    await sessions.end_session(ports, token)
    return session.viewer


def _secret() -> str:
    return secrets.token_urlsafe(32)

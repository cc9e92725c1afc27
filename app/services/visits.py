"""Visits to the panel: noted as people come, and what was added to the tank since they last did."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.visits import Visit, seen
from app.services.ports import Ports
from app.storage import visits as stored


@dataclass(frozen=True, slots=True)
class Presence:
    """A person has the panel open. now: in the time of the case, which may live on a test clock."""

    case_id: int
    now: datetime
    visit: Visit


async def note_visit(ports: Ports, viewer: Viewer, uuid: UUID) -> Presence | None:
    """Notes that the viewer, who sees the case, has its panel open. None: the case does not exist."""
    async with ports.database.reading() as connection:
        opened = await stored.find_visit(connection, uuid, viewer.caller_id)
    if opened is None:
        return None
    now = opened.clock or ports.clock()
    visit = seen(opened.last, now, opened.entries)
    if visit != opened.last:
        await stored.store_visit(ports.database, opened.case_id, viewer.caller_id, visit, opened.last)
    return Presence(opened.case_id, now, visit)


async def added_since(ports: Ports, presence: Presence) -> int:
    """Tokens that daily refills added since the opening before; 0 at the first."""
    return await _added(ports, presence.case_id, presence.visit)


async def added_since_last_visit(ports: Ports, viewer: Viewer, case: Case) -> int:
    """The same without noting anything; 0 for whoever never had the panel open."""
    async with ports.database.reading() as connection:
        opened = await stored.find_visit(connection, case.terms.uuid, viewer.caller_id)
    return 0 if opened is None or opened.last is None else await _added(ports, opened.case_id, opened.last)


async def _added(ports: Ports, case_id: int, visit: Visit) -> int:
    if visit.previous_entry is None:
        return 0
    async with ports.database.reading() as connection:
        return await stored.refilled_after(connection, case_id, visit.previous_entry)

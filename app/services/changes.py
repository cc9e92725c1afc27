"""A change of one case: the key, the right, the lock, what is due, and then the change, all in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Viewer
from app.domain.cases import Case, Terms
from app.domain.idempotency import Request
from app.domain.refusals import Forbidden, IdempotencyConflict, NotFound, Refusal
from app.domain.texts import check_key
from app.services.due import catch_up
from app.services.ports import Ports
from app.storage import cases as stored
from app.storage.clocks import hold_clock
from app.storage.idempotency import recall, remember

Right = Callable[[Viewer, Terms], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """The case under its lock, with everything done that was due, and who changes it when."""

    connection: AsyncConnection
    case: Case
    viewer: Viewer
    now: datetime

    @property
    def case_id(self) -> int:
        return self.case.terms.case_id


Effect = Callable[[Change], Awaitable[Refusal | None]]


def administers(viewer: Viewer, _: Terms) -> bool:
    """The right to change a case (A1)."""
    return viewer.administers


async def change_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    request: Request,
    case_uuid: UUID | None,
    effect: Effect,
    right: Right = administers,
) -> Case | Refusal:
    """Makes a change once (K1) and answers the case as it stands, or says why not and changes nothing.

    What is due on the case is done first (C10), and stays done when the change is refused.
    """
    if flaw := check_key(key):
        return flaw
    terms = None if case_uuid is None else await ports.terms(case_uuid, viewer, fresh=True)
    if terms is None:
        return NotFound()
    if not right(viewer, terms):
        return Forbidden()
    async with ports.database.writing() as connection:
        now = ports.clock() if terms.clock_id is None else await hold_clock(connection, terms.clock_id)
        locked, at = await stored.lock_case(connection, terms.case_id, now)
        case = await catch_up(connection, locked, at)
        known = await recall(connection, terms.case_id, request)
        if known is False:
            return IdempotencyConflict()
        if known is None:
            refusal = await effect(Change(connection, case, viewer, at))
            if refusal is not None:
                return refusal
            await remember(connection, terms.case_id, request)
        changed = await stored.read_case(connection, terms.case_id)
    ports.nudges.nudge()
    return changed

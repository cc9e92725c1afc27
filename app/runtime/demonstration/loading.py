"""Loads the year of the demonstration: lived through on a test clock, then released into real time.

Cut short anywhere, the next start goes on where the clock stands. It moves on only when all that belongs to a moment is
done, and what is asked for again at the present one has the same key (K1).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.clocks import TestClock
from app.domain.cycles import EASTERN, eastern_date
from app.runtime.demonstration.bookkeeping import pay_invoices
from app.runtime.demonstration.cards import PastCards
from app.runtime.demonstration.cases import LIVED, NEVER_ACTIVATED, Known
from app.runtime.demonstration.firms import FIRMS, PORTAL
from app.runtime.demonstration.people import people_of
from app.runtime.demonstration.performing import Performer
from app.runtime.demonstration.planning import plan_case
from app.runtime.demonstration.steps import Step
from app.runtime.demonstration.timetable import timetable
from app.services import cases, clocks
from app.services.ports import Ports
from app.storage.clocks import release_clock

DAYS = 365
_OPENING = time(8)
"""In New York, before the first 09:00."""

_NO_STEPS: Mapping[UUID, Sequence[Step]] = {}

Heard = Callable[[float], None]
"""Hears how much is done, from 0 to 1."""


async def load_history(ports: Ports, operator: Viewer, *, heard: Heard, days: int = DAYS) -> None:
    """Unless it is there. days: how long before the present it begins."""
    known = [found for case in LIVED if (found := await cases.find_case(ports, operator, case.uuid))]
    if any(case.clock is None for case in known):
        return
    cards = PastCards()
    past = replace(ports, test_clocks=True, payments=cards, seen={})
    clock = known[0].clock if known else await _new_clock(past, operator, days)
    assert clock is not None
    registered = [await register(past, operator, case, clock) for case in LIVED]
    performers = await _performers(past, registered)
    began_at, now, present = registered[0].registered_at, clock.now, max(ports.clock(), clock.now)
    planned = [plan_case(case, eastern_date(began_at), eastern_date(present)) for case in LIVED]
    for at, steps in [*timetable(planned, since=now, until=present), (present, _NO_STEPS)]:
        cards.declined = {each.case.uuid for each in planned if each.is_declined_between(now, at)}
        await _advance(past, operator, clock, at)
        now = at
        await asyncio.gather(*(performers[case].perform(theirs) for case, theirs in steps.items()))
        await pay_invoices(past, operator, now)
        heard((at - began_at) / (present - began_at))
    async with ports.database.writing() as connection:
        await release_clock(connection, clock.clock_id)


async def register_others(ports: Ports, operator: Viewer) -> None:
    """The cases that nothing happened in, in real time. One that stands is left as it is."""
    for case in NEVER_ACTIVATED:
        if await cases.find_case(ports, operator, case.uuid) is None:
            await register(ports, operator, case, None)


async def _advance(ports: Ports, operator: Viewer, clock: TestClock, to: datetime) -> None:
    moved = await clocks.advance_test_clock(ports, operator, key=f"demonstration {to}", clock=clock.uuid, to=to)
    assert isinstance(moved, TestClock), moved


async def register(ports: Ports, operator: Viewer, wanted: Known, clock: TestClock | None) -> Case:
    """Once. clock None: in real time."""
    case = await cases.register_case(
        ports,
        operator,
        key=f"demonstration-{wanted.uuid}",
        uuid=wanted.uuid,
        name=wanted.name,
        organization_nuix_id=wanted.firm.nuix_id,
        organization_name=wanted.firm.name,
        portal_url=PORTAL,
        test_clock=None if clock is None else clock.uuid,
    )
    assert isinstance(case, Case), case
    return case


async def _new_clock(ports: Ports, operator: Viewer, days: int) -> TestClock:
    first = eastern_date(ports.clock()) - timedelta(days=days)
    begins_at = datetime.combine(first, _OPENING, EASTERN)
    clock = await clocks.create_test_clock(ports, operator, key=f"demonstration {begins_at}", now=begins_at)
    assert isinstance(clock, TestClock), clock
    return clock


async def _performers(ports: Ports, registered: Sequence[Case]) -> Mapping[UUID, Performer]:
    """By case."""
    organizations = {case.organization.nuix_id: case for case in registered}
    people = {firm: await people_of(ports, firm, organizations[firm.nuix_id]) for firm in FIRMS}
    return {case.uuid: Performer(ports, case, people[case.firm]) for case in LIVED}

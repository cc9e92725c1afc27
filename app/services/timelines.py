"""What happened to the plan of a case (C1-C3)."""

from app.domain.cases import Case
from app.domain.subscriptions import TimelineEvent
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import subscriptions as stored


async def page_of_timeline(ports: Ports, case: Case, *, after: int | None, size: int) -> Page[TimelineEvent]:
    """What happened to the plan, newest first. The case was found for the viewer."""
    async with ports.database.reading() as connection:
        rows = await stored.page_of_timeline(connection, case.terms.case_id, after=after, limit=size + 1)
    return Page.of(rows, size)


async def count_timeline(ports: Ports, case: Case) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_timeline(connection, case.terms.case_id)

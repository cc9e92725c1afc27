"""What a case used, by month (C4, C5)."""

from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.months import UsageMonth
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import cycles as stored
from app.storage.reads import Reader


async def find_month(ports: Ports, case: Case, month: Month | None) -> UsageMonth | None:
    """The month, or that of the latest cycle. None: no cycle began in it, or the case was never activated."""
    async with ports.database.reading() as connection:
        return await month_of(connection, case.terms.case_id, month)


async def month_of(connection: Reader, case_id: int, month: Month | None) -> UsageMonth | None:
    """As `find_month`, among other reads."""
    return await stored.usage_of_month(connection, case_id, month)


async def page_of_months(ports: Ports, case: Case, *, after: Month | None, size: int) -> Page[UsageMonth]:
    """Newest first."""
    async with ports.database.reading() as connection:
        return Page(*await stored.page_of_months(connection, case.terms.case_id, after=after, size=size))


async def count_months(ports: Ports, case: Case) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_months(connection, case.terms.case_id)

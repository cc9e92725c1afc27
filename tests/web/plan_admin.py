"""An admin who changes the plan of a case by its pages, and what they read there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.stage import Clock, active_case, reread
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import events_of

CHANGE = "/plan/change"


@asynccontextmanager
async def admin(ports: Ports, case: Case) -> AsyncIterator[Person]:
    async with visiting(build_app(ports, Settings()), ports, case.terms.uuid, Role.CASE_ADMIN) as person:
        yield person


async def on_pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    """Pro from 31 January 2026, 10:00 in New York; it is 10 February."""
    clock.now = datetime(2026, 1, 31, 15, tzinfo=UTC)
    case = await active_case(ports, operator, PlanTier.PRO)
    clock.now = datetime(2026, 2, 10, 15, tzinfo=UTC)
    return case


async def tier_of(ports: Ports, operator: Viewer, case: Case) -> PlanTier | None:
    return (await reread(ports, operator, case)).terms.tier


async def events(person: Person) -> list[str]:
    return events_of(await person.read("/plan/history"))


def headline(page: Element) -> str:
    return page.one("h2", look="big").words

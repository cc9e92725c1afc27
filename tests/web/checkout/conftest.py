"""A shop with the simulated processor, and people who pay in it (C8)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.payment_events import EVENTS
from app.services.ports import Ports
from app.services.simulated_payments import SimulatedPayments
from tests.stage import active_case, reread
from tests.web.page_elements import Element
from tests.web.person import SITE, Person, visiting
from tests.web.plan_forms import previewed, send

SECRET = b"a secret of these tests"
CHANGE = "/plan/change"


class Shop:
    """The application with the simulated processor; what that would send is kept, to be sent when a test does."""

    def __init__(self, ports: Ports) -> None:
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.payments = SimulatedPayments(ports.database, ports.clock, SITE, secret=SECRET, post=self._keep)
        self.ports = replace(ports, payments=self.payments)
        self.app: Starlette = build_app(self.ports, Settings())

    async def _keep(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        assert url == SITE + EVENTS
        self.sent.append((headers, body))
        return True

    async def door(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        async with self.client() as client:
            return await client.post(EVENTS, content=body, headers=headers)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=SITE)


@pytest.fixture
def shop(ports: Ports) -> Shop:
    return Shop(ports)


@pytest.fixture
async def pro(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.PRO)


@asynccontextmanager
async def coming(shop: Shop, case: Case, role: Role = Role.CASE_ADMIN) -> AsyncIterator[Person]:
    async with visiting(shop.app, shop.ports, case.terms.uuid, role) as person:
        yield person


async def begun(person: Person, tier: str = "BUSINESS") -> str:
    """Where the upgrade is waited for, after the case's address."""
    _, form = await previewed(person, f"{CHANGE}?tier={tier}")
    return "/" + (await send(person, CHANGE, form)).target


def payment_of(path: str) -> UUID:
    return UUID(path.split("?")[0].rsplit("/", 1)[1])


def event(payment: UUID, outcome: str = "paid") -> bytes:
    return json.dumps({"payment": str(payment), "outcome": outcome}).encode()


async def tier_of(shop: Shop, operator: Viewer, case: Case) -> PlanTier | None:
    return (await reread(shop.ports, operator, case)).terms.tier


def headline(page: Element) -> str:
    return page.one("section", id_="checkout").one("h2").words

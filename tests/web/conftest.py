"""Every scene of the panel, behind the application and on a running service, and one Chromium for all tests."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.service import build_app
from app.runtime.settings import Settings
from tests.stage import Clock, new_viewer, opened
from tests.web.browser_site import Site, served_site
from tests.web.browser_visits import chromium
from tests.web.invoice_office import Office
from tests.web.invoice_scenes import billed
from tests.web.panel_scenes import NOW, Panel
from tests.web.scenes import all_scenes


@pytest.fixture(scope="session")
async def site(postgres: EmbeddedPostgres) -> AsyncIterator[Site]:
    postgres.create_database("panel", template="template")
    async with served_site(postgres.url("panel")) as served:
        yield served


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
async def scenes(postgres: EmbeddedPostgres) -> AsyncIterator[Panel]:
    name = f"own_{uuid4().hex}"
    postgres.create_database(name, template="template")
    clock = Clock(NOW)
    async with opened(postgres.url(name), clock) as ports:
        viewer, _ = await new_viewer(ports)
        yield Panel(build_app(ports, Settings()), ports, clock, await all_scenes(ports, viewer, clock))
    postgres.drop_database(name)


@pytest.fixture
def panel(scenes: Panel) -> Panel:
    scenes.clock.now = NOW
    return scenes


@pytest.fixture(scope="module")
async def office(postgres: EmbeddedPostgres) -> AsyncIterator[Office]:
    name, clock = f"own_{uuid4().hex}", Clock(NOW)
    postgres.create_database(name, template="template")
    async with opened(postgres.url(name), clock) as ports:
        operator, _ = await new_viewer(ports)
        yield Office(ports, await billed(ports, operator, clock))
    postgres.drop_database(name)

"""One running service with every scene of the panel, and one Chromium, for all tests of pages."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from app.runtime.servers.postgres import EmbeddedPostgres
from tests.web.browser_site import Site, served_site
from tests.web.browser_visits import chromium


@pytest.fixture(scope="session")
async def site(postgres: EmbeddedPostgres) -> AsyncIterator[Site]:
    postgres.create_database("panel", template="template")
    async with served_site(postgres.url("panel")) as served:
        yield served


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started

"""The service of the scenes where cards are charged, by the simulated processor, and pages to pay on are shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from playwright.async_api import Page, expect

from app.adapters.event_posts import post
from app.domain.cases import Case
from app.runtime.service import build_app
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.services.ports import Ports
from app.services.simulated_payments import SimulatedPayments
from app.storage.database import Database
from tests.stage import reread
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit

LATE_AFTER = 1.0  # seconds: longer than a page takes to notice that nothing has happened yet
SECRET = b"a secret of these tests"


@asynccontextmanager
async def paying_site(site: Site, url: str) -> AsyncIterator[Site]:
    """Another service on the database of the site, at the same moment."""
    listener = listen("127.0.0.1", 0)
    database = Database(url)
    payments = SimulatedPayments(
        database, site.clock, address(listener), secret=SECRET, post=post, late_after=LATE_AFTER
    )
    ports = Ports(database, site.clock, payments=payments)
    app = build_app(ports, Settings())
    app.state.streams = site.app.state.streams
    async with serving(app, listener):
        yield replace(site, origin=address(listener), app=app, ports=ports)


async def begin(person: Visit, path: str, button: str) -> Page:
    """Presses the button of a preview: the tab in which is paid opens by itself, and the panel waits."""
    await person.open(path)
    async with person.context.expect_page() as opened:
        await person.page.get_by_role("button", name=button).click()
    tab = await opened.value
    await tab.wait_for_url("**/simulated-checkout/**")
    await expect(person.page.locator("#h-checkout")).to_have_text("Waiting for the payment")
    return tab


async def tier_of(site: Site, case: Case) -> str | None:
    tier = (await reread(site.ports, site.worker, case)).terms.tier
    return None if tier is None else tier.value

"""A desk of operators with everything on it that may lie there, and an operator who comes in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from playwright.async_api import Browser, Page
from sqlalchemy import text

from app.domain.languages import Language
from app.services.invoicing_requests import request_invoicing
from app.services.organizations import change_contract
from app.services.sessions import make_operator_link
from tests.plans import INVOICE, PRO, Life, registered
from tests.services.paying import CLOSED, PAID, hear, paying, upgrading
from tests.web.browser_site import Site
from tests.web.browser_windows import window

_DECLINED = text("""
    update invoices set attempted_at = issued_at where case_id = (select case_id from cases where uuid = :uuid)
""")


async def busy_desk(site: Site) -> Life:
    """A case whose card was declined, whose organization asks for monthly invoicing, and to which a payment that came
    too late is to be given back (C7, C8); beside it one that waits for its monthly invoice."""
    monthly, card = [await registered(site.ports, site.worker, organization=str(uuid4())) for _ in range(2)]
    await change_contract(site.ports, (await monthly.see()).organization, monthly_invoicing=True, contract_id="NX-2")
    await monthly.activate(PRO, INVOICE)
    await card.activate(PRO)
    async with site.ports.database.writing() as connection:
        await connection.execute(_DECLINED, {"uuid": card.uuid})
    begun, till = paying(card)
    payment = await upgrading(begun)
    await hear(begun, till, payment, CLOSED)
    await hear(begun, till, payment, PAID)
    await request_invoicing(site.ports, site.worker, card.uuid)
    return card


async def come_in(page: Page, site: Site, language: Language) -> None:
    """As an operator, who wants nothing to move."""
    link = await make_operator_link(
        site.ports, user=f"Operator {uuid4()}", language=language, secret=lambda: uuid4().hex
    )
    assert isinstance(link, str), link
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"{site.origin}/sign-in/{link}")


@asynccontextmanager
async def seated(browser: Browser, site: Site, language: Language) -> AsyncIterator[Page]:
    """An operator has come in."""
    async with window(browser) as context:
        page = await context.new_page()
        await come_in(page, site, language)
        yield page

"""Monthly invoicing in a browser: the dialog by keyboard, and the pages of operators in every look (C7)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from app.domain.callers import Role
from app.domain.languages import Language
from app.services.invoicing_requests import request_invoicing
from app.services.organizations import change_contract
from tests.plans import INVOICE, PRO, Life, registered
from tests.web.browser_site import Site
from tests.web.browser_visits import overflowing, visit
from tests.web.browser_windows import window
from tests.web.operator_desk import come_in
from tests.web.test_accessibility import check_as_set, findings

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 700, 1200)


async def uncontracted(site: Site) -> Life:
    return await registered(site.ports, site.worker, organization=str(uuid4()))


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_dialog_is_asked_and_left_by_keyboard_alone(browser: Browser, site: Site, scripts: bool) -> None:
    life = await uncontracted(site)
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN, scripts=scripts, width=360) as person:
        page = person.page
        await person.open("/plan/change?tier=PRO")
        await page.get_by_label("Monthly invoice").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Monthly invoicing is not set up for your organization")
        await expect(dialog).to_have_accessible_description(
            re.compile("Nothing was changed. .* the plan that you chose is kept.")
        )
        await page.wait_for_load_state()  # all of it can be reached
        if scripts:
            await expect(dialog.locator("h2").first).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Write to support@claira.to")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Let Claira note it")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(dialog).to_contain_text("Claira has noted it.")
        await page.get_by_role("button", name="Pay $499.00 by card").press("Enter")
        await expect(page.locator("#notice")).to_contain_text("Activated on Pro.")
    assert (await life.subscription()).plan.tier is PRO


async def test_a_request_that_is_pressed_twice_is_one(browser: Browser, site: Site) -> None:
    life = await uncontracted(site)
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN, language=Language.FR) as person:
        await person.open("/plan/invoicing?tier=PRO")
        await person.page.get_by_role("button", name="En faire prendre note par Claira").dblclick()
        await expect(person.page.locator("#noted")).to_contain_text("Claira en a pris note.")
        async with operator_page(browser, site) as page:
            await page.goto(f"{site.origin}/operators/requests")
            request = page.locator("#open li", has_text=str(life.uuid))
            await expect(request).to_have_count(1)
            await request.get_by_role("button", name="Done").click()
            await expect(page.locator("#notice")).to_be_focused()
            await expect(page.locator("#open li", has_text=str(life.uuid))).to_have_count(0)


@pytest.mark.parametrize("upgrade", [False, True])
async def test_the_dialog_is_seen_by_everybody(browser: Browser, site: Site, upgrade: bool) -> None:
    life = await uncontracted(site)
    organization = (await life.see()).organization
    if upgrade:
        await change_contract(site.ports, organization, monthly_invoicing=True)
        await life.activate(PRO, INVOICE)
        await change_contract(site.ports, organization, monthly_invoicing=False)
        await request_invoicing(site.ports, site.worker, life.uuid)
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN, language=Language.FR, still=True) as person:
        await person.open("/plan/invoicing?tier=BUSINESS")
        assert await findings(person.page) == []
        assert await overflowing(person.page, WIDTHS) == []
        await check_as_set(person.page, "dialog")


@asynccontextmanager
async def operator_page(browser: Browser, site: Site, language: Language = Language.EN) -> AsyncIterator[Page]:
    """An operator has come in; at the end no script may have failed."""
    async with window(browser) as context:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await come_in(page, site, language)
        yield page
        assert complaints == []


async def test_pages_of_operators_are_seen_by_everybody(browser: Browser, site: Site) -> None:
    life = await uncontracted(site)
    await request_invoicing(site.ports, site.worker, life.uuid)
    organization = (await life.see()).organization
    await change_contract(site.ports, organization, monthly_invoicing=True, contract_id="NX-1")
    await life.activate(PRO, INVOICE)
    async with operator_page(browser, site, Language.FR) as page:
        await page.goto(f"{site.origin}/operators/invoices?status=OPEN")
        opened = await page.locator("#invoices tbody a").first.get_attribute("href")
        for path in (
            "/operators", "/operators/invoices", "/operators/cards", "/operators/organizations", "/operators/requests",
            f"/operators/organizations/{organization.uuid}", opened,
        ):  # fmt: skip
            await page.goto(f"{site.origin}{path}")
            assert await findings(page) == [], path
            assert await overflowing(page, WIDTHS) == [], path
            await check_as_set(page, str(path))

"""Invoices in a browser: by keyboard to what is behind a line, and as a document on paper (C6)."""

import pytest
from playwright.async_api import Browser, expect

from app.domain.callers import Role
from app.domain.languages import Language
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit, overflowing, visit
from tests.web.test_accessibility import findings

pytestmark = pytest.mark.browser


async def open_invoice(person: Visit) -> None:
    """The one with the most lines of a case by card: a credit, an upgrade, bought tokens."""
    await person.open("/invoices")
    await person.page.get_by_role("row").get_by_role("link").nth(1).click()
    await expect(person.page.locator("table.lines")).to_be_visible()
    await person.page.wait_for_load_state()  # with its styles


@pytest.mark.parametrize("language", Language)
async def test_axe_finds_nothing_on_an_invoice_and_behind_its_lines(
    browser: Browser, site: Site, language: Language
) -> None:
    async with visit(browser, site, "scheduled", language=language, role=Role.CASE_ADMIN, still=True) as person:
        await open_invoice(person)
        assert await findings(person.page) == []
        assert await overflowing(person.page, (320, 360, 700, 1_200)) == []
        await person.page.locator("table.lines th a").first.click()
        await expect(person.page.locator(".amount")).to_be_visible()
        await person.page.wait_for_load_state()
        assert await findings(person.page) == []


async def test_a_line_is_opened_by_keyboard(browser: Browser, site: Site) -> None:
    async with visit(browser, site, "scheduled", language=Language.EN, role=Role.CASE_ADMIN) as person:
        await open_invoice(person)
        line = person.page.locator("table.lines th a").first
        name = await line.inner_text()
        await line.focus()
        await person.page.keyboard.press("Enter")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text(name)


async def test_a_printed_invoice_is_a_document_without_navigation(browser: Browser, site: Site) -> None:
    """Black on white, whatever the screen, with every column."""
    async with visit(browser, site, "scheduled", language=Language.EN, role=Role.CASE_ADMIN) as person:
        await open_invoice(person)
        await person.resize(660)
        await person.page.emulate_media(media="print", color_scheme="dark")
        for hidden in ("header.top", ".glossary", ".stamp", ".how", ".ways-out"):
            await expect(person.page.locator(hidden).first).to_be_hidden()
        await expect(person.page.get_by_text("Dates are Eastern. Amounts in CAD.")).to_be_visible()
        for column in await person.page.locator("table.lines thead th").all():
            await expect(column).to_be_visible()
        colour = await person.page.evaluate("getComputedStyle(document.body).color")
        assert colour == "rgb(0, 0, 0)"


async def test_a_button_prints_the_invoice(browser: Browser, site: Site) -> None:
    async with visit(browser, site, "scheduled", language=Language.FR, role=Role.CASE_ADMIN) as person:
        await open_invoice(person)
        await person.page.evaluate("window.print = () => { document.title = 'printed' }")
        await person.page.get_by_role("button", name="Imprimer").click()
        assert await person.page.title() == "printed"

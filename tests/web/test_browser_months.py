"""Months in a real browser: arrows, addresses, history, and what stays where it is (C4)."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser, FloatRect, Page, Route, expect

from app.domain.languages import Language
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit, visit

pytestmark = pytest.mark.browser

MARKED = ("header.top", "#quote", "footer", "#announcements")
"""What a change of month leaves alone."""


async def mark(page: Page) -> None:
    """So that an element that was replaced is told from one that was not."""
    for selector in MARKED:
        await page.locator(selector).evaluate("element => { element.marked = true; }")


async def unmarked(page: Page) -> list[str]:
    return [name for name in MARKED if not await page.locator(name).evaluate("element => element.marked === true")]


async def box(page: Page, selector: str) -> FloatRect:
    """In one step, as a refresh may replace it at any moment."""
    found: FloatRect = await page.locator(selector).evaluate(
        "each => { const { x, y, width, height } = each.getBoundingClientRect(); return { x, y, width, height }; }"
    )
    assert found["height"] > 0
    return found


async def see_month(person: Visit, label: str, month: str | None) -> None:
    """The month's section, the address and the place that the switch of language comes back to all say the same."""
    page = person.page
    await expect(page.locator("#h-month")).to_have_text(label)
    query = f"?month={month}" if month else ""
    await expect(page).to_have_url(f"{person.site.origin}{person.base}{query}")
    await expect(page.locator("#here")).to_have_value(f"{person.base}{query}")


async def test_an_arrow_changes_the_month_and_nothing_else(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        page = person.page
        await mark(page)
        await page.locator("#q-documents").fill("1,200")
        hero, quote = await box(page, "#hero"), await box(page, "#quote")
        assert hero["y"] < 0, "the page is scrolled"
        await page.locator("#month-prev").click()
        await see_month(person, "October 2026", "2026-10")
        await person.settled()
        assert await unmarked(page) == []
        assert await page.locator("#q-documents").input_value() == "1,200"
        assert await page.evaluate("document.activeElement.id") == "month-prev"
        assert await box(page, "#hero") == hero
        assert (await box(page, "#quote"))["width"] == quote["width"]


async def test_back_and_forward_walk_through_the_months(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        page = person.page
        await page.locator("#month-prev").click()
        await see_month(person, "October 2026", "2026-10")
        await person.settled()
        await page.locator("#month-prev").click()
        await see_month(person, "September 2026", "2026-09")
        await expect(page.locator("#month .arrow.off")).to_contain_text("No earlier month")
        await person.settled()
        await page.go_back()
        await see_month(person, "October 2026", "2026-10")
        await page.go_back()
        await see_month(person, "November 2026", None)
        await page.go_forward()
        await see_month(person, "October 2026", "2026-10")


async def test_who_goes_back_twice_before_the_scripts_have_come_sees_the_month_of_the_address(
    browser: Browser, site: Site
) -> None:
    async with visit(browser, site) as person:
        page, released = person.page, asyncio.Event()
        for label, month in (("October 2026", "2026-10"), ("September 2026", "2026-09")):
            await page.locator("#month-prev").click()
            await see_month(person, label, month)
            await person.settled()

        async def held(route: Route) -> None:
            await released.wait()
            await route.continue_()

        await page.route("**/*.js*", held)
        for query in ("?month=2026-10", ""):
            await page.evaluate("history.back()")
            await expect(page).to_have_url(f"{site.origin}{person.base}{query}")
            await expect(page.locator("#h-month")).to_have_text("October 2026")
        released.set()
        await see_month(person, "November 2026", None)


async def test_a_refresh_keeps_the_month_and_where_the_reader_is(browser: Browser, site: Site) -> None:
    """What was opened stays open, the focus stays, nothing moves."""
    async with visit(browser, site) as person:
        page = person.page
        await person.open("?month=2026-10")
        await page.locator("#why-plan summary").click()
        await page.locator("#t-2 summary").click()
        await page.locator("#why-overage summary").focus()
        before = [await box(page, selector) for selector in ("#hero", "#month", "#tasks", "#ledger")]
        await mark(page)
        for _ in range(2):
            await person.refresh()
            await see_month(person, "October 2026", "2026-10")
            assert await page.locator("#why-plan, #t-2").evaluate_all("all => all.map(each => each.open)") == [True] * 2
            assert await page.locator("#why-overage").evaluate("each => each.open") is False
            assert await unmarked(page) == []
            assert [await box(page, each) for each in ("#hero", "#month", "#tasks", "#ledger")] == before
            assert await page.evaluate("document.activeElement.closest('#why-overage') !== null")


async def test_what_is_pressed_is_not_replaced_before_it_is_let_go(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        await person.page.locator("#month-prev").hover()
        await person.page.mouse.down()
        await person.refresh()
        await person.page.mouse.up()
        await see_month(person, "October 2026", "2026-10")


async def test_a_closed_row_stays_closed_over_a_refresh(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        summary = person.page.locator("#why-total summary")
        await summary.click()
        await person.refresh()
        await summary.click()
        await person.refresh()
        assert await person.page.locator("#why-total").evaluate("each => each.open") is False


@pytest.mark.parametrize("width", [320, 1200])
async def test_the_page_does_not_jump_when_the_zone_becomes_known(browser: Browser, site: Site, width: int) -> None:
    """A first visitor's times are Eastern until the script has told the zone."""
    async with visit(browser, site, zone="America/Halifax", zone_known=False, width=width) as person:
        page = person.page
        await expect(page.locator("#hero .next")).to_contain_text("your time")
        await page.wait_for_load_state()  # with its styles
        after = [await box(page, selector) for selector in ("#hero", "#month")]
    async with visit(browser, site, scripts=False, zone_known=False, width=width) as person:
        assert "your time" not in await person.page.locator("#hero .next").inner_text()
        assert [await box(person.page, selector) for selector in ("#hero", "#month")] == after


async def test_a_month_survives_the_switch_of_language(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        await person.page.locator("#month-prev").click()
        await see_month(person, "October 2026", "2026-10")
        await person.page.get_by_role("button", name="Français").click()
        await see_month(person, "Octobre 2026", "2026-10")


async def test_the_stamp_of_time_moves_with_a_refresh(browser: Browser, site: Site) -> None:
    async with visit(browser, site, language=Language.EN) as person:
        await expect(person.page.locator(".stamp")).to_contain_text("As of 8:42")
        site.clock.now += timedelta(minutes=5)
        try:
            await person.refresh()
            await expect(person.page.locator(".stamp")).to_contain_text("As of 8:47")
        finally:
            site.clock.now -= timedelta(minutes=5)

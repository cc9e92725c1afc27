"""Changes of plan in a browser: preview and confirmation, by keyboard, with and without scripts (C2, C3, C9, L6)."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from app.domain.callers import Role
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from tests.stage import active_case, bulk, created, finish, named, registered_case, report, reread, succeeded
from tests.web.browser_site import MOMENT, Site
from tests.web.browser_visits import visit
from tests.web.scenes import caught_up, upgraded

pytestmark = pytest.mark.browser


async def told(page: Page, text: str) -> None:
    """The notice says so, is what the reader goes on from, and is not said again by the address."""
    notice = page.locator("#notice")
    await expect(notice).to_contain_text(text)
    await expect(notice).to_be_focused()
    await expect(page).not_to_have_url(re.compile("done="))


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_upgrade_is_previewed_and_confirmed(browser: Browser, site: Site, scripts: bool) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.PRO)
    async with visit(
        browser, site, case.terms.uuid, role=Role.CASE_ADMIN, scripts=scripts, width=360, language=Language.FR
    ) as person:
        page = person.page
        await page.get_by_role("link", name="Forfait", exact=True).click()
        await page.locator("#tier-business").get_by_role("link", name="Voir la mise à niveau").click()
        await expect(page.locator("h2.big")).to_have_text("De Pro à Business, maintenant")
        await page.get_by_role("button", name="Mettre à niveau pour").click()
        await expect(page.locator("#notice")).to_contain_text("Mise à niveau de Pro à Business.")
        await expect(page.locator("#notice")).to_be_focused()
        await expect(page.locator(".tier.now h3")).to_have_text("Business")
        await expect(page.locator(".events tbody tr").first).to_contain_text("Mise à niveau de Pro à Business")
    assert (await reread(site.ports, site.worker, case)).terms.tier is PlanTier.BUSINESS


async def test_a_double_click_upgrades_once(browser: Browser, site: Site) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.STARTER)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN) as person:
        await person.open("/plan/change?tier=PRO")
        await person.page.get_by_role("button", name="Upgrade for $499.00").dblclick()
        await told(person.page, "Upgraded from Starter to Pro.")
        await expect(person.page.locator(".events tbody tr")).to_have_count(2)
        await person.page.reload()
        await expect(person.page.locator("#notice")).to_have_count(0)
        await expect(person.page.locator(".events tbody tr")).to_have_count(2)


async def test_a_downgrade_is_scheduled_and_cancelled_by_keyboard(browser: Browser, site: Site) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.BUSINESS)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN) as person:
        page = person.page
        await person.open("/settings")
        await page.locator("#tier-pro a").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Schedule downgrade").focus()
        await page.keyboard.press("Enter")
        await told(page, "Downgrade from Business to Pro scheduled. It takes effect on December 21, 2026.")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Cancel the downgrade")).to_be_focused()
        await person.open()
        await expect(page.locator("#hero")).to_contain_text("Pro from December 21, 2026.")
        await person.open("/settings")
        await page.get_by_role("button", name="Cancel the downgrade").press("Enter")
        await told(page, "Downgrade to Pro cancelled, Business stays.")
        await expect(page.locator("#scheduled")).to_have_count(0)


async def test_a_deactivation_wants_to_be_sure_and_the_case_comes_back(browser: Browser, site: Site) -> None:
    """The browser itself asks for the tick; no dialog is in the way of anybody."""
    case = await active_case(site.ports, site.worker, PlanTier.PRO)
    await created(site.ports, site.worker, case, bulk(ScanMode.TEXT, 400))
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN) as person:
        page = person.page
        await person.open("/settings")
        await page.get_by_role("link", name="Preview deactivation").click()
        button = page.get_by_role("button", name="Deactivate, lose 10,000 tokens")
        await button.click()
        await expect(page.locator("input[name=sure]")).to_be_focused()
        await expect(page).to_have_url(f"{site.origin}{person.base}/plan/deactivate")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await told(page, "Deactivated, Pro ended.")
        await page.locator("#tier-starter a").click()
        await page.get_by_label("Monthly invoice").check()
        await page.get_by_role("button", name="Reactivate on Starter").click()
        await expect(page.locator("#notice")).to_contain_text("Monthly invoicing is not set up")
        await expect(page.locator("#notice")).to_be_focused()
        await page.get_by_role("button", name="Pay $49.00 by card").click()
        await told(page, "Reactivated on Starter. The balance is 1,000 now.")


@pytest.mark.parametrize("width", [360, 1_200])
async def test_the_ring_around_the_heading_of_a_dialog_touches_no_text(
    browser: Browser, site: Site, width: int
) -> None:
    """C7: the heading has the focus when the dialog is opened."""
    case = await registered_case(site.ports, site.worker)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN, width=width, language=Language.FR) as person:
        page = person.page
        await person.open("/plan/change?tier=PRO")
        await page.get_by_label("Facture mensuelle").check()
        await page.get_by_role("button", name="Activer avec Pro").click()
        await expect(page.locator("#notice")).to_be_focused()
        ring, below = await page.evaluate("""() => {
            const heading = document.querySelector("#notice"), style = getComputedStyle(heading);
            const ring = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
            return [heading.getBoundingClientRect().bottom + ring,
                    heading.nextElementSibling.getBoundingClientRect().top];
        }""")
        assert ring < below


async def test_the_switches_act_at_once(browser: Browser, site: Site) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.PRO)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN) as person:
        page = person.page
        await person.open("/settings")
        overage = page.get_by_role("group", name="Overage")
        await expect(overage.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
        await overage.get_by_role("button", name="On").press("Enter")
        await told(page, "Overage is on.")
        await expect(overage.get_by_role("button", name="On")).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("group", name="Allow auto upgrade").get_by_role("button", name="Off").click()
        await told(page, "Auto upgrade is not allowed.")
    terms = (await reread(site.ports, site.worker, case)).terms
    assert (terms.overage_enabled, terms.auto_upgrade_allowed) == (True, False)


async def test_tokens_are_bought_after_their_price_was_shown(browser: Browser, site: Site) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.STARTER)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN, language=Language.FR) as person:
        page = person.page
        await person.open("/settings")
        await page.get_by_role("textbox", name="Jetons", exact=True).fill("2 500")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Acheter pour 250,00 $").click()
        await expect(page.locator("#notice")).to_contain_text("2 500 jetons ont été achetés.".replace(" ", "\u00a0", 1))
        await person.open()
        await expect(page.locator(".balance strong")).to_have_text("3\u00a0500")


async def test_what_changed_meanwhile_is_shown_and_nothing_is_done(browser: Browser, site: Site) -> None:
    case = await active_case(site.ports, site.worker, PlanTier.PRO)
    async with visit(browser, site, case.terms.uuid, role=Role.CASE_ADMIN) as person:
        page = person.page
        await person.open("/plan/change?tier=STARTER")
        await upgraded(site.ports, site.worker, case, PlanTier.BUSINESS)
        person.allowed.add(409)
        await page.get_by_role("button", name="Schedule downgrade").click()
        await expect(page.locator("#notice[role=alert]")).to_contain_text("Nothing was changed.")
        await expect(page.locator("#notice")).to_be_focused()
        await expect(page.locator("h2.big")).to_have_text("Business to Starter, on December 21, 2026")
        await page.get_by_role("button", name="Schedule downgrade").click()
        await told(page, "Downgrade from Business to Starter scheduled.")


async def test_a_member_is_shown_plans_and_no_way_to_change_them(browser: Browser, site: Site) -> None:
    async with visit(browser, site, "scheduled", width=360) as person:
        await person.open("/settings")
        await expect(person.page.locator("#whom")).to_contain_text("ask a case admin")
        await expect(person.page.locator("main form, main .btn, .price")).to_have_count(0)


async def test_tokens_added_since_the_last_visit_are_shown_when_the_panel_is_opened_again(
    browser: Browser, site: Site
) -> None:
    """Also by the figures that the page refreshes by itself; the first opening shows nothing."""
    try:
        site.clock.now = MOMENT - timedelta(days=2)
        case = await active_case(site.ports, site.worker, PlanTier.PRO)
        task = await created(site.ports, site.worker, case, bulk(ScanMode.TEXT, 3_000))
        await report(site.ports, site.worker, task, succeeded(named(3_000)))
        await finish(site.ports, site.worker, task)
        async with visit(browser, site, case.terms.uuid, user="Returning reader") as person:
            await expect(person.page.locator(".added")).to_have_count(0)
            await expect(person.page.locator("#h-balance")).to_be_visible()
        site.clock.now = MOMENT - timedelta(days=1)
        await caught_up(site.ports, site.worker, case)
        async with visit(browser, site, case.terms.uuid, user="Returning reader", width=360) as person:
            await expect(person.page.locator(".added")).to_have_text("+500 tokens added since your last visit")
            site.clock.now = MOMENT - timedelta(hours=23, minutes=45)
            await person.refresh()
            await expect(person.page.locator(".added")).to_have_text("+500 tokens added since your last visit")
    finally:
        site.clock.now = MOMENT

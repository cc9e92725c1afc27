"""Paying in a browser: one click opens the page in a new tab, and the panel notices by itself what is done (C8)."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Browser, Page, expect

from app.domain.callers import Role
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.simulated_payments import SimulatedPayments
from tests.stage import active_case, registered_case
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit, visit
from tests.web.checkout_site import begin, paying_site, tier_of
from tests.web.scenes import upgraded as upgraded_by_others

pytestmark = pytest.mark.browser

UPGRADE = ("/plan/change?tier=BUSINESS", "Upgrade for $4,999.00")


@pytest.fixture(scope="module")
async def shop(site: Site, postgres: EmbeddedPostgres) -> AsyncIterator[Site]:
    async with paying_site(site, postgres.url("panel")) as shop:
        yield shop


@pytest.fixture
async def pro(shop: Site) -> Case:
    return await active_case(shop.ports, shop.worker, PlanTier.PRO)


def admin(
    browser: Browser, shop: Site, case: Case, *, language: Language = Language.EN, width: int = 1200,
    scripts: bool = True,
) -> AbstractAsyncContextManager[Visit]:  # fmt: skip
    return visit(browser, shop, case.terms.uuid, role=Role.CASE_ADMIN, language=language, width=width, scripts=scripts)


async def press(tab: Page, button: str, delivery: str = "At once") -> None:
    await tab.get_by_label(delivery, exact=True).check()
    await tab.get_by_role("button", name=button).click()


async def alone(person: Visit) -> None:
    """Every other tab is closed."""
    for page in person.pages:
        if page is not person.page and not page.is_closed():
            await page.wait_for_event("close")
    assert person.pages == [person.page]


async def upgraded(person: Visit) -> None:
    await expect(person.page.locator("#notice")).to_contain_text("Upgraded from Pro to Business.")
    await expect(person.page.locator("#notice")).to_be_focused()
    await expect(person.page.locator(".tier.now h3")).to_have_text("Business")
    await expect(person.page.locator(".events tbody tr")).to_have_count(2)


async def test_what_is_paid_in_the_new_tab_is_shown_by_the_panel(browser: Browser, shop: Site, pro: Case) -> None:
    """Before the payment nothing has changed; the page says what it is and cannot reach the panel."""
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await expect(tab.locator("main")).to_contain_text("This is a simulation.")
        await expect(tab.locator(".balance")).to_contain_text("$4,999.00")
        assert await tab.evaluate("window.opener") is None
        await expect(person.page.locator("#checkout")).to_contain_text("$4,999.00")
        assert await tier_of(shop, pro) == "PRO"
        await press(tab, "Pay $4,999.00")
        await expect(tab.get_by_role("status")).to_contain_text("Paid.")
        await upgraded(person)
    assert await tier_of(shop, pro) == "BUSINESS"


@pytest.mark.parametrize("delivery", ["After 20 seconds", "At once, and a second time"])
async def test_an_event_may_come_late_or_twice(browser: Browser, shop: Site, pro: Case, delivery: str) -> None:
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await press(tab, "Pay $4,999.00", delivery)
        await expect(tab.get_by_role("status")).to_contain_text("Paid.")
        await upgraded(person)


async def test_events_may_come_out_of_order(browser: Browser, shop: Site, pro: Case) -> None:
    """Declined with one card and paid with another, and told the other way round."""
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await tab.get_by_label("Out of order").check()
        await tab.get_by_role("button", name="Let the card be declined").click()
        await expect(tab.get_by_role("alert")).to_contain_text("The card was declined.")
        await expect(person.page.locator("#h-checkout")).to_have_text("Waiting for the payment")
        await press(tab, "Pay $4,999.00")
        await upgraded(person)


async def test_a_declined_card_is_told_and_another_one_pays(browser: Browser, shop: Site, pro: Case) -> None:
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await press(tab, "Let the card be declined")
        await expect(person.page.locator("#h-checkout")).to_have_text("The card was declined")
        assert await tier_of(shop, pro) == "PRO"
        await press(tab, "Pay $4,999.00")
        await upgraded(person)


async def test_who_leaves_may_begin_again(browser: Browser, shop: Site, pro: Case) -> None:
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await press(tab, "Leave without paying")
        await expect(tab.get_by_role("status")).to_contain_text("This page is closed.")
        await expect(person.page.locator("#h-checkout")).to_have_text("The payment page is closed")
        await person.page.get_by_role("link", name="Begin again").click()
        await expect(person.page.locator("h2.big")).to_have_text("Pro to Business, now")
    assert await tier_of(shop, pro) == "PRO"


async def test_a_payment_is_closed_in_the_panel(browser: Browser, shop: Site, pro: Case) -> None:
    async with admin(browser, shop, pro) as person:
        tab = await begin(person, *UPGRADE)
        await person.page.get_by_role("button", name="Close the payment page").click()
        await expect(person.page.locator("#h-checkout")).to_have_text("The payment page is closed")
        await press(tab, "Pay $4,999.00")
        await expect(tab.get_by_role("status")).to_contain_text("This page is closed.")
    assert await tier_of(shop, pro) == "PRO"


async def test_another_start_leads_to_the_payment_that_waits(browser: Browser, shop: Site, pro: Case) -> None:
    """For something else it opens no page by itself: it says that one is open already."""
    async with admin(browser, shop, pro) as person:
        await begin(person, *UPGRADE)
        waiting = person.page.url
        await person.open("/settings")
        await expect(person.page.locator("#waiting")).to_contain_text("A payment waits: the Business plan.")
        await person.open("/plan/change?tier=ENTERPRISE")
        await person.page.get_by_role("button", name="Upgrade for").click()
        await expect(person.page).to_have_url(re.compile(re.escape(waiting.split("?")[0])))
        await expect(person.page.locator("#notice")).to_contain_text("Another payment waits already.")
        await expect(person.page.locator("#checkout")).to_contain_text("The Business plan")


async def test_a_panel_in_a_frame_opens_the_tab_as_well(browser: Browser, shop: Site, pro: Case) -> None:
    """As inside Discover: the frame goes on to where it waits, and finds its tab again."""
    async with admin(browser, shop, pro) as person:
        host = f"{shop.origin}/host"
        framed = f'<iframe src="{person.base}{UPGRADE[0]}" width="380" height="800"></iframe>'
        await person.page.route(host, lambda route: route.fulfill(body=framed, content_type="text/html"))
        await person.page.goto(host)
        panel = person.page.frame_locator("iframe")
        async with person.context.expect_page() as opened:
            await panel.get_by_role("button", name=UPGRADE[1]).click()
        tab = await opened.value
        await tab.wait_for_url("**/simulated-checkout/**")
        await press(tab, "Pay $4,999.00")
        await expect(panel.locator("#notice")).to_contain_text("Upgraded from Pro to Business.")
        assert len(person.pages) == 2


async def test_a_refusal_closes_the_tab_again(browser: Browser, shop: Site, pro: Case) -> None:
    async with admin(browser, shop, pro) as person:
        await person.open(UPGRADE[0])
        await upgraded_by_others(shop.ports, shop.worker, pro, PlanTier.ENTERPRISE)
        person.allowed |= {409, 422}
        await person.page.get_by_role("button", name=UPGRADE[1]).click()
        await expect(person.page.locator("#notice")).to_contain_text("Nothing was changed.")
        await alone(person)


async def test_without_scripts_a_link_leads_to_the_page(browser: Browser, shop: Site, pro: Case) -> None:
    async with admin(browser, shop, pro, scripts=False) as person:
        await person.open(UPGRADE[0])
        await person.page.get_by_role("button", name=UPGRADE[1]).click()
        async with person.context.expect_page() as opened:
            await person.page.get_by_role("link", name="Open the payment page").click()
        tab = await opened.value
        await press(tab, "Pay $4,999.00")
        await expect(tab.get_by_role("status")).to_contain_text("Paid.")
        assert isinstance(shop.ports.payments, SimulatedPayments)
        await shop.ports.payments.delivered()
        await person.page.reload()
        await expect(person.page.locator("#notice")).to_contain_text("Upgraded from Pro to Business.")


async def test_an_activation_and_tokens_in_french_by_keyboard(browser: Browser, shop: Site) -> None:
    case = await registered_case(shop.ports, shop.worker)
    async with admin(browser, shop, case, language=Language.FR, width=360) as person:
        page = person.page
        await person.open("/plan/change?tier=STARTER")
        async with person.context.expect_page() as opened:
            await page.get_by_role("button", name="Activer avec Starter").press("Enter")
        tab = await opened.value
        await tab.wait_for_url("**/simulated-checkout/**")
        await expect(tab.locator("html")).to_have_attribute("lang", "fr-CA")
        await tab.get_by_role("button", name=re.compile("^Payer ")).press("Enter")
        await expect(page.locator("#notice")).to_contain_text("Starter")
        await expect(page.locator(".tier.now h3")).to_have_text("Starter")
        await tab.close()
        await person.open("/plan/tokens?tokens=250")
        async with person.context.expect_page() as opened:
            await page.get_by_role("button", name="Acheter pour 25,00 $").press("Enter")
        tab = await opened.value
        await tab.wait_for_url("**/simulated-checkout/**")
        await expect(tab.locator("h2.big")).to_have_text("Claira, 250 jetons")
        await tab.get_by_role("button", name=re.compile("^Payer ")).press("Enter")
        await expect(page.locator("#notice")).to_contain_text("250 jetons ont été achetés.")


async def test_a_monthly_invoice_opens_no_tab(browser: Browser, shop: Site) -> None:
    case = await registered_case(shop.ports, shop.worker, organization="no contract")
    async with admin(browser, shop, case) as person:
        await person.open("/plan/change?tier=PRO")
        await person.page.get_by_label("Monthly invoice").check()
        person.allowed.add(422)
        await person.page.get_by_role("button", name="Activate on Pro").click()
        await expect(person.page.locator("h1, #notice").first).to_be_visible()
        await expect(person.page).not_to_have_url(re.compile("checkout"))
        assert len(person.pages) == 1

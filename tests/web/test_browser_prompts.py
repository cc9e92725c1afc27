"""The prompt of a refused task in a real browser: one click, and the same task runs (C8, C9, T5)."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from app.domain.callers import Role
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from tests.plans import Life, begun
from tests.web.browser_site import Site
from tests.web.browser_visits import visit

pytestmark = pytest.mark.browser


async def short(site: Site, tier: PlanTier = PlanTier.PRO, balance: int = 4_000) -> Life:
    life = await begun(site.ports, site.worker, tier)
    await life.spend_to(balance)
    return life


async def ask(page: Page, documents: str, mode: str, button: str) -> None:
    await page.get_by_role("radio", name=mode, exact=True).check()
    await page.locator("#q-documents").fill(documents)
    await page.get_by_role("button", name=button).click()


async def kept(page: Page, documents: str, mode: str) -> None:
    """The form still holds what was asked, also in its address, which forgets what was told."""
    await expect(page.locator("#q-documents")).to_have_value(documents)
    await expect(page.get_by_role("radio", name=mode, exact=True)).to_be_checked()
    await expect(page).to_have_url(re.compile(r"documents=1"))


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_member_upgrades_from_the_prompt_and_runs_the_same_task(
    browser: Browser, site: Site, scripts: bool
) -> None:
    """C9: at 360 px, in French, by keyboard."""
    life = await short(site)
    assert not isinstance(await life.try_task(1_200, ScanMode.IMAGE), Task)
    async with visit(
        browser, site, life.uuid, width=360, language=Language.FR, scripts=scripts, zone_known=True
    ) as person:
        page = person.page
        await ask(page, "1200", "Image", "Vérifier")
        await expect(page.locator("#prompt")).to_contain_text("4 999,00 $".replace(" ", "\u00a0"))
        await page.get_by_role("button", name="Mettre à niveau pour").press("Enter")
        notice = page.locator("#notice")
        await expect(notice).to_contain_text("Mise à niveau de Pro à Business.")
        await expect(notice).to_be_focused()
        await expect(page.locator("#verdict")).to_contain_text("Acceptée")
        await kept(page, "1200", "Image")
        if scripts:
            await expect(page).not_to_have_url(re.compile("done="))
    assert isinstance(await life.try_task(1_200, ScanMode.IMAGE), Task)


async def test_with_the_switch_off_the_prompt_explains_and_offers_nothing(browser: Browser, site: Site) -> None:
    """C9: also where the page was open before; an admin is pointed to the plans."""
    life = await short(site)
    async with visit(browser, site, life.uuid) as person:
        page = person.page
        await ask(page, "1200", "Image", "Check")
        button = page.get_by_role("button", name="Upgrade for $4,999.00")
        await expect(button).to_be_visible()
        await life.set(prompts=False)
        person.allowed.add(403)
        await button.click()
        await expect(page.locator("#notice[role=alert]")).to_contain_text("Upgrades from here are switched off")
        await expect(page.locator("#notice")).to_be_focused()
        await expect(page.locator("#prompt")).to_contain_text("A case admin can change the plan in the settings.")
        await expect(page.locator("#prompt form, #prompt .btn")).to_have_count(0)
        await expect(page.locator("#verdict")).not_to_contain_text("$")
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN) as person:
        await person.open("?mode=IMAGE&documents=1200")
        await expect(person.page.locator("#prompt form")).to_have_count(0)
        await person.page.locator("#prompt").get_by_role("link", name="See plans").click()
        await expect(person.page).to_have_url(re.compile(r"/settings#plans$"))
    assert (await life.see()).terms.tier is PlanTier.PRO


async def test_an_admin_buys_what_is_missing_and_comes_back_to_the_task(browser: Browser, site: Site) -> None:
    life = await short(site)
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN) as person:
        page = person.page
        await ask(page, "1200", "Image", "Check")
        await page.get_by_role("button", name="Buy for $200.00").dblclick()
        await expect(page.locator("#notice")).to_contain_text("2,000 tokens were bought.")
        await expect(page.locator("#verdict")).to_contain_text("Would run: holds 6,000 of 6,000 tokens")
        await kept(page, "1200", "Image")
    assert (await life.tank()).balance == 6_000


async def test_an_admin_raises_the_ceiling_and_the_same_task_runs(browser: Browser, site: Site) -> None:
    """T5: from the refusal to the field that helps, and back."""
    life = await short(site, PlanTier.STARTER, 0)
    await life.set(overage=True, ceiling=1_000)
    async with visit(browser, site, life.uuid, role=Role.CASE_ADMIN, width=360) as person:
        page = person.page
        await ask(page, "1200", "Text", "Check")
        await expect(page.locator("#verdict")).to_contain_text("Would not run: 1,200 documents in one task")
        await ask(page, "1001", "Text", "Check")
        await expect(page.locator("#verdict")).to_contain_text("Would not run: 1,001 documents in one task")
        await ask(page, "101", "Audio", "Check")
        await expect(page.locator("#verdict")).to_contain_text("Would not run: 10 tokens beyond the ceiling on overage")
        await page.get_by_role("link", name="See the ceiling").click()
        field = page.get_by_role("textbox", name="Ceiling in a cycle, in tokens (optional)")
        await expect(field).to_have_value("1,000")
        await field.fill("1,010")
        await field.press("Enter")
        await expect(page.locator("#notice")).to_contain_text("Overage stops at 1,010 tokens in a cycle.")
        await person.open("?mode=AUDIO&documents=101")
        await expect(page.locator("#verdict")).to_contain_text("Would run: 1,010 of 1,010 tokens as overage")
    assert isinstance(await life.try_task(101, ScanMode.AUDIO), Task)

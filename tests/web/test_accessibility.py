"""Every page in every look, judged by axe: WCAG 2.0 to 2.2, A and AA, and best practices."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from app.domain.callers import Role
from app.domain.languages import Language
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.payment_events import take_event
from tests.stage import active_case
from tests.web.browser_pages import KINDS, OPERATORS, ROLES
from tests.web.browser_site import Site
from tests.web.browser_visits import OPEN_ALL, Scheme, overflowing, visit
from tests.web.browser_windows import HEIGHT, window
from tests.web.checkout_site import begin, paying_site
from tests.web.operator_desk import busy_desk, seated
from tests.web.scenes import SCENES

pytestmark = pytest.mark.browser

AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
RUN = """options => axe.run(document, options).then(
  results => results.violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html.slice(0, 200)}`)))"""
"""Script whose answer is only what is wrong: all that is right is fifty thousand letters a page."""

Looks = Sequence[tuple[Scheme, int]]
LIGHT: Looks = [("light", 360)]
DARK: Looks = [("dark", 1200)]
LOOKS: Looks = [*LIGHT, *DARK]
"""Colours do not depend on the width, nor what stands where on the colours."""


async def findings(page: Page, looks: Looks = LOOKS) -> list[str]:
    """What axe finds on the page that is open, with everything opened."""
    found = []
    await page.evaluate(OPEN_ALL)
    await page.evaluate(AXE)
    for scheme, width in looks:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{scheme} {width} {violation}" for violation in await page.evaluate(RUN, OPTIONS)]
    return found


LARGE = "html { font-size: 200% }"
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-bottom: 2em !important }"""
"""Readers' own settings: twice the size of text, and the spacing of WCAG 1.4.12."""

SET = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
HIDDEN = """() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest(".vh, .skip, script, title") || !element.checkVisibility()) {
      continue;
    }
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const line of range.getClientRects()) {
      const inset = line.height * 0.3; // lines of one text may touch, and the box of a line is higher than its letters
      lines.push([texts.currentNode.data.trim(), line.left + 1, line.right - 1, line.top + inset, line.bottom - inset]);
    }
  }
  lines.forEach(([text, left, right, top, bottom], index) => {
    for (const [other, otherLeft, otherRight, otherTop, otherBottom] of lines.slice(index + 1)) {
      if (left < otherRight && otherLeft < right && top < otherBottom && otherTop < bottom) {
        found.push(`"${text}" over "${other}"`);
      }
    }
  });
  for (const field of document.querySelectorAll(".field, .btn, .arrow")) {
    if (field.scrollHeight > field.clientHeight + 1 || field.scrollWidth > field.clientWidth + 1) {
      found.push(`cut: ${field.outerHTML}`);
    }
  }
  return found;
}"""
"""Script that finds texts that stand over one another, and controls that cut theirs off."""


async def check_as_set(page: Page, place: str) -> None:
    """In every setting and width nothing stands out, over something else, or is cut off."""
    await page.evaluate(OPEN_ALL)
    for css in (LARGE, SPACED):
        await page.evaluate(SET, css)
        for width in (320, 1200):
            assert await overflowing(page, [width]) == [], (place, css)
            assert await page.evaluate(HIDDEN) == [], (place, width, css)


async def look_at(page: Page, place: str, looks: Looks = LOOKS) -> None:
    """The page that is open is for every reader; a click may have led there just now."""
    await page.wait_for_load_state()  # with its styles
    assert await findings(page, looks) == [], place
    await check_as_set(page, place)


@pytest.mark.parametrize("scene", SCENES)
async def test_pages_of_a_scene_are_for_every_reader(browser: Browser, site: Site, scene: str) -> None:
    for role in ROLES:
        async with visit(browser, site, scene, language=Language.FR, role=role, still=True) as person:
            places = [place for place in KINDS if (place.scene, place.role) == (scene, role)]
            for number, place in enumerate(places):
                await person.open(place.path, status=place.status)
                # What the scenes show differs little: one is looked at in every way, the others each in one.
                looks = LOOKS if scene == "working" else (LOOKS[number % len(LOOKS)],)
                await look_at(person.page, str(place), looks)


async def test_axe_finds_nothing_on_notices(browser: Browser, site: Site) -> None:
    async with window(browser) as context:
        page = await context.new_page()
        await page.emulate_media(reduced_motion="reduce")
        for address in (
            site.origin + site.base("working"), f"{site.origin}/sign-in/used", f"{site.broken}/sign-in/any",
        ):  # fmt: skip
            await page.goto(address)
            assert await findings(page) == [], address


async def test_pages_of_a_payment_are_for_every_reader(
    browser: Browser, site: Site, postgres: EmbeddedPostgres
) -> None:
    """C8: in the panel and where it is paid; while it waits, declined, closed, and paid too late."""
    async with paying_site(site, postgres.url("panel")) as shop:
        case = await active_case(shop.ports, shop.worker, PlanTier.PRO)
        async with visit(browser, shop, case.terms.uuid, role=Role.CASE_ADMIN, still=True) as person:
            panel = person.page
            tab = await begin(person, "/plan/change?tier=BUSINESS", "Upgrade for $4,999.00")
            await tab.emulate_media(reduced_motion="reduce")
            assert await findings(panel, LIGHT) + await findings(tab, LIGHT) == []
            await panel.get_by_role("button", name="Français").press("Enter")
            await tab.get_by_role("link", name="Français").click()
            for page in (panel, tab):
                await expect(page.locator("html")).to_have_attribute("lang", "fr-CA")
                await look_at(page, "waiting", DARK)
            await tab.locator("[value=declined]").click()
            await expect(tab.get_by_role("alert")).to_be_visible()
            await look_at(tab, "declined", LIGHT)
            waiting = panel.url
            await panel.goto(f"{waiting}?instead=other")
            await expect(panel.locator("#notice")).to_be_visible()
            await look_at(panel, "another one waits", LIGHT)
            await panel.locator("#checkout button").press("Enter")
            await expect(panel.locator("#pay-page")).to_have_count(0)
            await look_at(panel, "closed", DARK)
            await tab.reload()
            await expect(tab.get_by_role("status")).to_be_visible()
            await look_at(tab, "closed", DARK)
            await take_event(shop.ports, PaymentEvent(UUID(waiting.rpartition("/")[2]), PaymentOutcome.PAID))
            await panel.goto(waiting)
            await look_at(panel, "given back", LIGHT)
            await tab.goto(f"{shop.origin}/simulated-checkout/{uuid4()}")
            await look_at(tab, "of no payment", DARK)


async def test_pages_of_operators_are_for_every_reader(browser: Browser, site: Site) -> None:
    """C6-C8: with everything on them that may be there, and what a form answers."""
    organization = (await (await busy_desk(site)).see()).organization
    async with seated(browser, site, Language.EN) as page:
        for path, status in OPERATORS.items():
            answer = await page.goto(f"{site.origin}/operators{path}")
            assert answer is not None
            assert answer.status == status, path
            await look_at(page, f"/operators{path}", LIGHT if status == 200 else DARK)
        await page.goto(f"{site.origin}/operators/requests")
        await page.locator("#open li", has_text=organization.name).get_by_role("button", name="Done").click()
        await expect(page.locator("#done")).to_contain_text(organization.name)
        await look_at(page, "a request is done", LIGHT)
        await page.goto(f"{site.origin}/operators/organizations/{organization.uuid}")
        await page.get_by_label("Tax, in percent").fill("much")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".flaw")).to_be_visible()
        await look_at(page, "a field is flawed", DARK)
        await page.goto(f"{site.origin}/operators/invoices?status=PENDING")
        await page.locator("#invoices tbody a").first.click()
        await look_at(page, "a pending invoice", LIGHT)
        await page.locator("table.lines th a").first.click()
        await expect(page.locator("#figure")).to_be_visible()
        await look_at(page, "a line explained", DARK)
        await page.goto(f"{site.origin}/operators/invoices?organization={organization.uuid}")
        await page.locator("#invoices tbody a").first.click()
        await expect(page.locator("#mark")).to_be_visible()
        await look_at(page, "an open invoice", DARK)
        await page.get_by_label("I know that nothing of it will be paid").check()
        await page.get_by_role("button", name="Make it void").click()
        await expect(page.locator("#notice")).to_be_focused()
        await look_at(page, "a void invoice", LIGHT)

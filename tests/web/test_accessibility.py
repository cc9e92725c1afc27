"""Every page in every look, judged by axe: WCAG 2.0 to 2.2, A and AA, and best practices."""

from collections.abc import Sequence

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from app.domain.languages import Language
from tests.web.browser_pages import KINDS, ROLES
from tests.web.browser_site import Site
from tests.web.browser_visits import OPEN_ALL, Scheme, overflowing, visit
from tests.web.browser_windows import HEIGHT, window
from tests.web.scenes import SCENES

pytestmark = pytest.mark.browser

AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
RUN = """options => axe.run(document, options).then(
  results => results.violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html.slice(0, 200)}`)))"""
"""Script whose answer is only what is wrong: all that is right is fifty thousand letters a page."""

LOOKS: tuple[tuple[Scheme, int], ...] = (("light", 360), ("dark", 1200))
"""Colours do not depend on the width, nor what stands where on the colours."""


async def findings(page: Page, looks: Sequence[tuple[Scheme, int]] = LOOKS) -> list[str]:
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


@pytest.mark.parametrize("scene", SCENES)
async def test_pages_of_a_scene_are_for_every_reader(browser: Browser, site: Site, scene: str) -> None:
    for role in ROLES:
        async with visit(browser, site, scene, language=Language.FR, role=role, still=True) as person:
            places = [place for place in KINDS if (place.scene, place.role) == (scene, role)]
            for number, place in enumerate(places):
                await person.open(place.path, status=place.status)
                # What the scenes show differs little: one is looked at in every way, the others each in one.
                looks = LOOKS if scene == "working" else (LOOKS[number % len(LOOKS)],)
                assert await findings(person.page, looks) == [], str(place)
                await check_as_set(person.page, str(place))


async def test_axe_finds_nothing_on_notices(browser: Browser, site: Site) -> None:
    async with window(browser) as context:
        page = await context.new_page()
        await page.emulate_media(reduced_motion="reduce")
        for address in (
            site.origin + site.base("working"), f"{site.origin}/sign-in/used", f"{site.broken}/sign-in/any",
        ):  # fmt: skip
            await page.goto(address)
            assert await findings(page) == [], address

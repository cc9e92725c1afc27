"""How people use the panel: by keyboard, in their language, without scripts, without motion (E1, A1)."""

import pytest
from playwright.async_api import Browser, expect

from app.domain.languages import Language
from tests.stage import active_case, bulk, created, finish
from tests.web.browser_site import Site
from tests.web.browser_visits import visit

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const seen = element.closest("label")?.querySelector("input + span") ?? element;
  const outline = getComputedStyle(seen);
  const name = element.type === "radio" ? element.value : element.id || element.innerText;
  return [
    name.trim(),
    box.width > 0 && box.bottom > 0 && box.top < innerHeight && outline.outlineStyle === "solid",
  ];
}"""
"""What has the focus, and whether that can be seen."""

IDS = "rows => rows.map(row => row.id)"


async def test_the_panel_is_used_by_keyboard_alone(browser: Browser, site: Site) -> None:
    """Every stop can be seen; the first skips to the content; rows open and the form is sent with Enter."""
    async with visit(browser, site) as person:
        page = person.page
        stops = []
        for _ in range(24):
            await page.keyboard.press("Tab")
            name, seen = await page.evaluate(FOCUSED)
            assert seen, name
            stops.append(name)
        tabs = ["Skip to content", "Français", "Usage", "Tasks", "Ledger", "Plan", "how\n, Token balance", "Refresh"]
        tank = ["2,400 held by 2 running tasks", "how\n, Held", "how\n, Next refill"]
        assert stops[:12] == [*tabs, *tank, "month-prev"]
        assert stops[-3:] == ["SCAN", "AUTO", "q-documents"]
        await page.keyboard.type("300")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("ArrowLeft")
        assert (await page.evaluate(FOCUSED))[0] == "VIDEO"
        await page.keyboard.press("Enter")
        await expect(page.locator(".verdict h3").first).to_contain_text("Would not run")
        assert (await page.evaluate(FOCUSED))[0] == "VIDEO"


async def test_the_skip_link_arrows_and_rows_work_by_keyboard(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        page = person.page
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert (await page.evaluate(FOCUSED))[0] == "how\n, Token balance"
        await page.locator("#month-prev").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#h-month")).to_have_text("October 2026")
        await person.settled()
        assert (await page.evaluate(FOCUSED))[0] == "month-prev"
        await page.locator("#why-total summary").focus()
        await page.keyboard.press("Space")
        await expect(page.locator("#why-total .why")).to_be_visible()
        await page.keyboard.press("Space")
        await expect(page.locator("#why-total .why")).to_be_hidden()


async def test_a_chosen_language_is_kept_for_the_person(browser: Browser, site: Site) -> None:
    """Over a new session and whatever the link says, until it is changed again."""
    async with visit(browser, site, user="Bilingual reader") as person:
        await person.open("/ledger?kind=refunds")
        await person.page.get_by_role("button", name="Français").click()
        await expect(person.page).to_have_url(f"{site.origin}{person.base}/ledger?kind=refunds")
        await expect(person.page.locator("html")).to_have_attribute("lang", "fr-CA")
    async with visit(browser, site, "fresh", user="Bilingual reader", language=Language.EN) as person:
        await expect(person.page.locator("#h-balance")).to_have_text("Solde de jetons")
        await person.page.get_by_role("button", name="English").click()
        await expect(person.page.locator("#h-balance")).to_have_text("Token balance")


async def test_everything_works_without_scripts(browser: Browser, site: Site) -> None:
    async with visit(browser, site, scripts=False) as person:
        page = person.page
        await page.locator("#month-prev").click()
        await expect(page.locator("#h-month")).to_have_text("October 2026")
        await page.locator("#q-documents").fill("1 200")
        await page.get_by_role("radio", name="Image").check()
        await page.get_by_role("button", name="Check").click()
        await expect(page.locator(".verdict")).to_contain_text("Would not run")
        await expect(page.locator("#h-month")).to_have_text("October 2026")
        await expect(page.locator("#q-documents")).to_have_value("1 200")
        await page.get_by_role("button", name="Français").click()
        await expect(page.locator("#h-month")).to_have_text("Octobre 2026")
        await page.locator("#why-plan summary").click()
        await expect(page.locator("#why-plan .why")).to_be_visible()
        await page.get_by_role("link", name="Tâches").first.click()
        await page.get_by_role("link", name="Annulées").click()
        await expect(page.locator("details.done")).to_have_count(1)
        await page.get_by_role("link", name="Grand livre").first.click()
        await page.get_by_role("link", name="Remboursements").click()
        await expect(page.locator("tr[id]").first).to_contain_text("Remboursement")


async def test_long_lists_are_paged_without_scripts(browser: Browser, site: Site) -> None:
    """Every entry and every task is met once, and there is a way back to the newest."""
    case = await active_case(site.ports, site.worker)
    for _ in range(30):
        task = await created(site.ports, site.worker, case, bulk())
        await finish(site.ports, site.worker, task)
    async with visit(browser, site, case.terms.uuid, scripts=False) as person:
        page = person.page
        for path, row, kind, expected in (
            ("/ledger", "tr[id]", "entries", [f"e-{number}" for number in range(61, 0, -1)]),
            ("/tasks", "details.done", "tasks", [f"t-{number}" for number in range(30, 0, -1)]),
        ):
            await person.open(path)
            seen = await page.locator(row).evaluate_all(IDS)
            while await page.get_by_role("link", name=f"Older {kind}").count():
                async with page.expect_navigation():  # all of the page is there
                    await page.get_by_role("link", name=f"Older {kind}").click()
                seen += await page.locator(row).evaluate_all(IDS)
            assert seen == expected
            await page.get_by_role("link", name=f"Newest {kind}").click()
            await expect(page.locator(row).first).to_have_attribute("id", expected[0])


async def test_nothing_moves_for_those_who_want_no_motion(browser: Browser, site: Site) -> None:
    moving = """() => [...document.querySelectorAll("*")].flatMap(each => [null, "::before", "::after"].map(part => {
      const style = getComputedStyle(each, part);
      return style.transitionDuration + " " + style.animationDuration;
    })).filter(durations => durations.split(/[ ,]+/).some(duration => parseFloat(duration) > 0)).length"""
    async with visit(browser, site, still=True) as still:
        assert await still.page.evaluate(moving) == 0
        await still.page.emulate_media(reduced_motion="no-preference")
        assert await still.page.evaluate(moving) > 0


@pytest.mark.parametrize(("locale", "heading"), [("en-CA", "No access"), ("fr-CA", "Aucun accès")])
async def test_who_is_not_let_in_is_told_in_their_language(
    browser: Browser, site: Site, locale: str, heading: str
) -> None:
    """A case without a session, a used link, and a page that fails: nothing of the case is in any of them."""
    context = await browser.new_context(locale=locale)
    page = await context.new_page()
    path = await site.link(site.scenes["working"], "Somebody")
    await page.goto(site.origin + path)
    await context.clear_cookies()
    for address, status in (
        (site.origin + site.base("working"), 401),
        (site.origin + path, 410),
        (f"{site.broken}{path}", 503),
        (site.broken + site.base("working"), 401),
    ):
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == status, address
        await expect(page.locator("html")).to_have_attribute("lang", locale)
        assert "Tremblay" not in await page.content()
        if status == 401:
            await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    await context.close()

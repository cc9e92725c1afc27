"""The form that tells whether a task would run, in a real browser (T1, P2, P3)."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from app.domain.languages import Language
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit, visit

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody fills in, and what they read then."""

    mode: str
    documents: str
    told: tuple[str, ...]
    fields: str | None = None


ON_PRO = [
    Asked("Text", "1,200", ("Would run", "Held at start", "1,200")),
    Asked("Auto", "12", ("Would run", "Held at start", "276"), fields="4"),
    Asked("Video", "300", ("Would not run: 2,285 tokens missing", "6,000", "Refills", "185 documents would run now")),
    Asked("Text", "40 000", ("Would not run", "Business would run it now")),
    Asked("Image", "a lot", ("Cannot be judged", "This is not a whole number.")),
    Asked("Image", "0", ("Cannot be judged", "at least one document")),
    Asked("Text", "5", ("Cannot be judged", "1 to 8"), fields="9"),
]


async def ask(person: Visit, asked: Asked) -> None:
    page = person.page
    await page.get_by_role("radio", name="Multi-Code" if asked.fields else "Scan").check()
    await page.get_by_role("radio", name=asked.mode).check()
    await page.locator("#q-documents").fill(asked.documents)
    if asked.fields:
        await page.locator("#q-fields").fill(asked.fields)
    else:
        await expect(page.locator("#q-fields")).to_be_hidden()
    async with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "verdict"):
        await page.get_by_role("button", name="Check").click()


async def test_a_quote_says_whether_it_runs_and_every_way_out(browser: Browser, site: Site) -> None:
    """Asked one after the other; the form and what was typed stay, the headline is told to a screen reader."""
    async with visit(browser, site) as person:
        page = person.page
        await page.locator("#ask").evaluate("element => { element.marked = true; }")
        for asked in ON_PRO:
            await ask(person, asked)
            for words in asked.told:
                await expect(page.locator("#verdict .verdict")).to_contain_text(words)
            await expect(page.locator("#q-documents")).to_have_value(asked.documents)
            headline = await page.locator("#verdict h3").first.inner_text()
            if headline != "Cannot be judged":
                await expect(page.locator("#announcements")).to_have_text(headline)
        assert await page.locator("#ask").evaluate("element => element.marked") is True


async def test_a_plan_that_is_too_low_is_named(browser: Browser, site: Site) -> None:
    async with visit(browser, site, "starter") as person:
        await ask(person, Asked("Text", "30", (), fields="2"))
        verdict = person.page.locator(".verdict")
        await expect(verdict).to_contain_text("Would not run: Multi-Code needs Pro")
        await expect(verdict).to_contain_text("Pro would run it now")
        await ask(person, Asked("Video", "300", ()))
        await expect(verdict).to_contain_text("No daily refill on Starter")


async def test_a_verdict_stays_over_a_refresh(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        await ask(person, ON_PRO[0])
        await person.refresh()
        await expect(person.page.locator(".verdict")).to_contain_text("Would run")
        await person.page.reload()
        await expect(person.page.locator(".verdict")).to_contain_text("Would run")
        await person.page.go_back()
        await expect(person.page.locator(".verdict")).to_have_count(0)


async def test_numbers_are_typed_as_the_language_writes_them(browser: Browser, site: Site) -> None:
    async with visit(browser, site, language=Language.FR) as person:
        page = person.page
        await page.locator("#q-documents").fill("1\u00a0200")
        await page.get_by_role("button", name="Vérifier").click()
        await expect(page.locator(".verdict")).to_contain_text("Refusée")
        await expect(page.locator(".verdict")).to_contain_text("24\u00a0000")

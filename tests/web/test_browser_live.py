"""The page while things happen: tasks of programs, a server that is gone, a session that ended (T3, T6, A1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import httpx2
import pytest
from playwright.async_api import Browser, Error, Route, expect

from app.domain.languages import Language
from tests.api.conftest import Api, group
from tests.stage import named
from tests.web.browser_site import Site
from tests.web.browser_visits import Visit, visit

pytestmark = pytest.mark.browser

BUSY, QUIET = 3_000, 20_000
"""Milliseconds after which the page looks again by itself, while tasks run and otherwise."""


@pytest.fixture
async def program(site: Site) -> AsyncIterator[Api]:
    """A client of the API, over the network."""
    async with httpx2.AsyncClient(base_url=site.origin, timeout=30) as client:
        yield Api(client, site.key)


@pytest.mark.parametrize("path", ["", "/tasks", "/tasks/1"])
async def test_a_task_of_a_program_is_seen_live(browser: Browser, site: Site, program: Api, path: str) -> None:
    """Its progress rises and its end is told, in words too, without the page being loaded again."""
    case = await program.active("PRO")
    task = await program.task(case, "TEXT", 10, name="Mailbox")
    async with visit(browser, site, UUID(case["uuid"])) as person:
        page = person.page
        await page.clock.install()
        await person.open(path)
        await page.evaluate("window.loaded = true")
        await expect(page.locator(".live")).to_have_text("Running, 0%")
        await program.report(task, group("SUCCEEDED", *named(4)))
        await page.clock.fast_forward(BUSY)
        await expect(page.locator(".live")).to_have_text("Running, 40%")
        await expect(page.locator("#announcements")).to_have_text("")
        await program.report(task, group("SUCCEEDED", *named(3, 4)), group("FAILED", *named(2, 7)))
        await program.finish(task)
        await page.clock.fast_forward(BUSY)
        receipt = page.locator("#t-1 .receipt, #task .receipt")
        await expect(receipt).to_contain_text("3 of 10 tokens came back: 2 failed, 1 never run.")
        await expect(page.locator("#announcements")).to_contain_text("Mailbox: 3 of 10 tokens came back")
        assert await page.evaluate("window.loaded") is True


async def test_a_task_that_begins_is_seen_before_long(browser: Browser, site: Site, program: Api) -> None:
    case = await program.active("PRO")
    async with visit(browser, site, UUID(case["uuid"])) as person:
        page = person.page
        await page.clock.install()
        await person.open()
        await expect(page.locator("#hero .key")).to_contain_text("No task is running")
        await program.task(case, "IMAGE", 20, name="Photos")
        await page.clock.fast_forward(QUIET)
        await expect(page.locator("#hero .key")).to_contain_text("100 held by 1 running task")
        await expect(page.locator("#hero .balance strong")).to_have_text("9,900")
        await expect(page.locator("#ledger tbody")).to_contain_text("Reserve: 20 documents")


class Held:
    """The first answer of the server to a part of the page, which waits."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.asked = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        if route.request.headers.get("hx-target") == self.part and not self.asked.is_set():
            self.asked.set()
            await self.released.wait()
        with suppress(Error):  # the page has given it up
            await route.continue_()


ACTS = [("verdict", "#ask button"), ("month", "#month-prev")]


@pytest.mark.parametrize(("part", "button"), ACTS)
async def test_what_a_person_asks_goes_before_a_refresh_on_its_way(
    browser: Browser, site: Site, part: str, button: str
) -> None:
    """The answer of the refresh, which knows less, is not put over it."""
    async with visit(browser, site) as person:
        page, held = person.page, Held("hero")
        await page.locator("#q-documents").fill("1,200")
        await page.route("**/cases/**", held)
        await page.evaluate("htmx.trigger(document.body, 'refresh')")
        await held.asked.wait()
        async with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == part):
            await page.locator(button).click()
        await person.settled()
        held.released.set()
        await _see(person, part)
        await person.refresh()
        await _see(person, part)


@pytest.mark.parametrize(("part", "button"), ACTS)
async def test_what_a_person_asks_is_answered_whatever_refreshes_meanwhile(
    browser: Browser, site: Site, part: str, button: str
) -> None:
    async with visit(browser, site) as person:
        page, held = person.page, Held(part)
        await page.locator("#q-documents").fill("1,200")
        await page.route("**/cases/**", held)
        await page.locator(button).click()
        await held.asked.wait()
        await page.evaluate("htmx.trigger(document.body, 'refresh')")
        await page.wait_for_timeout(500)
        held.released.set()
        await _see(person, part)


@pytest.mark.parametrize(("first", "second"), [ACTS, ACTS[::-1]])
async def test_of_two_things_asked_at_once_both_are_answered(
    browser: Browser, site: Site, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """A verdict is never that of another task than the form holds."""
    async with visit(browser, site) as person:
        page, held = person.page, Held(first[0])
        await page.locator("#q-documents").fill("1,200")
        await page.route("**/cases/**", held)
        await page.locator(first[1]).click()
        await held.asked.wait()
        await page.locator(second[1]).click()
        held.released.set()
        for part in ("verdict", "month"):
            await _see(person, part)
        await person.refresh()
        for part in ("verdict", "month"):
            await _see(person, part)


async def _see(person: Visit, part: str) -> None:
    if part == "verdict":
        await expect(person.page.locator("#verdict .verdict")).to_contain_text("1,200")
    else:
        await expect(person.page.locator("#h-month")).to_have_text("October 2026")


async def test_paused_updates_are_told_and_so_is_their_return(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        page, person.troubled = person.page, True
        note = page.get_by_text("Updates paused.")
        await expect(note).to_be_hidden()
        await page.route("**/cases/**", lambda route: route.abort())
        await page.evaluate("htmx.trigger(document.body, 'refresh')")
        await expect(note).to_be_visible()
        await expect(page.locator("#hero .balance strong")).to_have_text("3,715")
        await page.unroute("**/cases/**")
        await person.refresh()
        await expect(note).to_be_hidden()


async def test_updates_are_paused_while_the_service_cannot_answer(browser: Browser, site: Site) -> None:
    async with visit(browser, site) as person:
        page, person.troubled = person.page, True
        person.allowed.add(503)
        await page.route("**/cases/**", lambda route: route.fulfill(status=503, body="no database"))
        await page.evaluate("htmx.trigger(document.body, 'refresh')")
        await expect(page.get_by_text("Updates paused.")).to_be_visible()
        await expect(page.locator("#hero .balance strong")).to_have_text("3,715")
        await page.unroute("**/cases/**")
        await person.refresh()
        await expect(page.get_by_text("Updates paused.")).to_be_hidden()


@pytest.mark.parametrize("language", Language)
async def test_who_is_signed_out_meanwhile_is_told(browser: Browser, site: Site, language: Language) -> None:
    """By the next look of the page, whoever ended the session."""
    async with visit(browser, site, language=language) as person:
        person.troubled = True
        person.allowed.add(401)
        await person.context.clear_cookies(name="claira_session")
        await person.page.evaluate("htmx.trigger(document.body, 'refresh')")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("No access")
        await expect(person.page.locator("main")).to_contain_text("Nuix Discover")
        assert "Tremblay" not in await person.page.content()

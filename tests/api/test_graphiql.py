"""The page for people who write queries: all its files are ours, and it works in a browser."""

import asyncio
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.api.small_schema import DOOR, JSON, KEY, client, code

PATIENCE = 20_000  # milliseconds, for a busy machine
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


async def test_a_browser_gets_the_page_without_a_key() -> None:
    async with client(key=None) as asking:
        response = await asking.get("/graphql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert KEY not in response.text


async def test_the_page_may_run_and_reach_nothing_but_this_server() -> None:
    async with client(key=None) as asking:
        response = await asking.get("/graphql", headers={"Accept": "text/html"})
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=", response.text)


async def test_every_file_of_the_page_is_served_here_and_names_no_other_place() -> None:
    async with client(key=None) as asking:
        page = (await asking.get("/graphql", headers={"Accept": "text/html"})).text
        names = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page)
        assert len(names) == 6
        for name in names:
            file = await asking.get("/" + name)
            assert file.status_code == 200, name
            if name.endswith(".css"):
                assert not re.search(r"@import|url\(\s*[\"']?(?!data:)", file.text)


async def test_a_program_is_not_shown_the_page() -> None:
    async with client(key=None) as asking:
        for accept in ("*/*", JSON, "text/*", "text/html;q=0"):
            response = await asking.get("/graphql", headers={"Accept": accept})
            assert response.status_code in (401, 406)
        query = await asking.get("/graphql", params={"query": "{ hello }"}, headers={"Accept": "text/html, */*"})
    assert code(query) == "UNAUTHENTICATED"


def test_the_package_of_the_files_is_not_imported() -> None:
    assert not {"django", "graphene_django_graphiql_static"} & set(sys.modules)


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The door on a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(DOOR, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        try:
            yield started
        finally:
            await started.close()


async def fetches_schema(page: Page) -> bool:
    """Whether the page may read it with the key that it knows now."""
    async with page.expect_response(lambda answer: answer.url.endswith("/graphql")) as answered:
        await page.get_by_role("button", name="Re-fetch GraphQL schema").click()
    return (await answered.value).ok


@pytest.mark.browser
async def test_a_person_pastes_a_key_and_runs_a_query(tmp_path: Path) -> None:
    async with served() as origin, browser() as chromium:
        page = await chromium.new_page(viewport={"width": 1200, "height": 800})
        requested: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def listen(message: ConsoleMessage) -> None:
            if message.type == "error" and "401" not in message.text:
                complaints.append(message.text)

        page.on("console", listen)
        await page.goto(f"{origin}/graphql")
        result = page.locator(".result-window")
        # Answers to the page's own questions are awaited: a late one would replace what the person asked for.
        await expect(result).to_contain_text("UNAUTHENTICATED", timeout=PATIENCE)
        await page.locator("section[aria-label=Headers] .CodeMirror-lines:visible").click()
        await page.keyboard.press("Control+A")
        await page.keyboard.insert_text(f'{{"Authorization": "Bearer {KEY}"}}')
        await page.get_by_text("plans").first.click()
        await page.keyboard.press("Control+A")
        await page.keyboard.insert_text("{ hello viewer }")
        # GraphiQL takes up edited headers a moment later; a person who was too fast asks again, and so does this one.
        async with asyncio.timeout(PATIENCE / 1_000):
            while not await fetches_schema(page):
                pass
        await page.get_by_role("button", name="Show Documentation Explorer").click()
        await page.get_by_role("link", name="Query", exact=True).click()
        await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("notFound", timeout=PATIENCE)
        await page.get_by_role("button", name="Execute query").click()
        await expect(result).to_contain_text('"viewer": "Ada"', timeout=PATIENCE)
        await page.screenshot(path=tmp_path / "graphiql.png")
        await page.get_by_role("button", name="Open settings dialog").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        stored = await page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert KEY not in stored
    assert complaints == []
    assert all(url.startswith((f"{origin}/", "data:")) for url in requested)

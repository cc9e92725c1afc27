"""A real Chromium, and people who open the panel in it."""

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, Page, Request, Response, async_playwright, expect

from app.domain.callers import Role
from app.domain.languages import Language
from tests.web.browser_site import Site
from tests.web.browser_windows import HEIGHT, PATIENCE, ZONE, window

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_people = count(1)
_LET_GO = re.compile(r"htmx:(afterRequest|sendAbort),")
"""A refresh that made way for what a person asked; one that failed has said something else before afterRequest."""

_HTMX = re.compile("htmx:|Response Status Error Code")

Scheme = Literal["light", "dark"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The installed one; tests without it are left out."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_QUIET)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Visit:
    """A person's browser in a case. complaints: errors of scripts, policy and network.

    allowed: statuses that are meant; troubled: the test disturbs the network, which htmx may then say.
    """

    site: Site
    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)
    troubled: bool = False

    @property
    def pages(self) -> list[Page]:
        """The tabs of this person."""
        return self.context.pages[1:]

    async def open(self, path: str = "", *, status: int = 200) -> None:
        """A page of the case, with everything that it loads."""
        self.allowed.add(status)
        answer = await self.page.goto(f"{self.site.origin}{self.base}{path}")
        assert answer is not None
        assert answer.status == status, (path, answer.status)

    async def resize(self, width: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": HEIGHT})

    async def refresh(self) -> None:
        """What the page does by itself after a while, at once."""
        async with self.page.expect_response(lambda answer: "hx-request" in answer.request.headers):
            await self.page.wait_for_function(_REFRESH)
        await self.settled()

    async def settled(self) -> None:
        """htmx has put everything in its place."""
        await expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)

    def listen(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)

    def _console(self, kind: str, text: str) -> None:
        # What the network says is heard where its answer is.
        heard = (
            text.startswith("Failed to load resource") or _LET_GO.match(text) or (self.troubled and _HTMX.match(text))
        )
        if kind in ("error", "warning") and not heard:
            self.complaints.append(f"console: {text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED" and not self.troubled:  # aborted: its page was left
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400 and answer.status not in self.allowed:
            self.complaints.append(f"{answer.status}: {answer.url}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in (urlsplit(self.site.origin).netloc, urlsplit(self.site.broken).netloc):
            self.complaints.append(f"elsewhere: {request.url}")


@asynccontextmanager
async def visit(
    browser: Browser,
    site: Site,
    case: str | UUID = "working",
    *,
    language: Language | None = Language.EN,
    user: str | None = None,
    role: Role = Role.MEMBER,
    width: int = 1200,
    scheme: Scheme = "light",
    zone: str = ZONE,
    zone_known: bool = True,
    scripts: bool = True,
    still: bool = False,
) -> AsyncIterator[Visit]:
    """A person, new unless named, enters a case by a fresh link; at the end nothing may have gone wrong.

    case: a scene's name or a uuid; zone_known: the panel was open in this browser before; still: reduced motion.
    """
    uuid = site.scenes[case] if isinstance(case, str) else case
    async with window(browser, zone=zone, scripts=scripts) as context:
        if zone_known:
            await context.add_cookies([{"name": "zone", "value": zone, "url": f"{site.origin}/cases"}])
        entered = Visit(site, f"/cases/{uuid}", context, await context.new_page())
        entered.listen()
        await entered.resize(width)
        await entered.page.emulate_media(color_scheme=scheme, reduced_motion="reduce" if still else "no-preference")
        await entered.page.goto(
            site.origin + await site.link(uuid, user or f"Reader {next(_people)}", language=language, role=role)
        )
        yield entered
        assert entered.complaints == [], entered.complaints


async def overflowing(page: Page, widths: Sequence[int]) -> list[str]:
    """At which of the widths the page would have to be scrolled sideways, and what stands out there."""
    found = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        outside = await page.evaluate(_OUTSIDE)
        found += [f"{width}: {each}" for each in outside]
    return found


_REFRESH = """() => {
  if (document.querySelector(".htmx-request")) {
    return false;  // what is on its way was asked before, and is let go first
  }
  htmx.trigger(document.body, "refresh");
  return true;
}"""

OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
"""Script that opens everything that a tap opens."""

_OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > width ? ["page " + document.documentElement.scrollWidth] : [];
  for (const each of document.querySelectorAll("body *:not(.vh, .vh *, .skip)")) {
    const box = each.getBoundingClientRect();
    if (box.width && (box.right > width + 0.5 || box.left < -0.5)) {
      found.push(`${each.tagName}.${each.getAttribute("class")} ${box.left} to ${box.right}`);
    }
  }
  return found;
}"""

"""Windows of Chromium, kept for who comes next: to open one takes as long as to open ten pages in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, BrowserContext

PATIENCE = 15_000
"""Milliseconds, for a busy machine."""

HEIGHT = 900
ZONE = "America/Vancouver"
"""Not that of the refills, so that both times are told."""

_left: WeakKeyDictionary[Browser, dict[tuple[str, bool], list[BrowserContext]]] = WeakKeyDictionary()


@asynccontextmanager
async def window(browser: Browser, *, zone: str = ZONE, scripts: bool = True) -> AsyncIterator[BrowserContext]:
    """A window 1,200 px wide in which nobody is known, with an empty page that keeps it open."""
    alike = _left.setdefault(browser, {}).setdefault((zone, scripts), [])
    context = alike.pop() if alike else await _opened(browser, zone, scripts)
    try:
        yield context
    except BaseException:
        await context.close()  # in whatever state it is
        raise
    for page in context.pages[1:]:
        await page.close()
    await context.clear_cookies()
    alike.append(context)


async def _opened(browser: Browser, zone: str, scripts: bool) -> BrowserContext:
    context = await browser.new_context(
        viewport={"width": 1200, "height": HEIGHT}, locale="en-CA", timezone_id=zone, java_script_enabled=scripts
    )
    context.set_default_timeout(PATIENCE)
    await context.new_page()
    return context

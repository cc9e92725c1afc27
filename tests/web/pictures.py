"""Pictures of every page of every scene, to be looked at: `python -m tests.web.pictures FOLDER [PART OF A NAME]`."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page

from app.domain.languages import Language
from app.runtime.migrating import migrate
from app.runtime.servers.postgres import EmbeddedPostgres
from tests.web.browser_pages import PLACES, ROLES
from tests.web.browser_site import Site, served_site
from tests.web.browser_visits import OPEN_ALL, Scheme, chromium, visit
from tests.web.scenes import SCENES

WIDTHS = (360, 1200)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@asynccontextmanager
async def temporary_site() -> AsyncIterator[Site]:
    """On a PostgreSQL that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder), settings={"fsync": "off"}) as server:
        server.create_database("panel")
        await asyncio.to_thread(migrate, server.url("panel"))
        async with served_site(server.url("panel")) as site:
            yield site


async def take(page: Page, folder: Path, name: str, language: Language) -> None:
    """The page that is open, as it is and with everything opened, in every width and scheme."""
    for opened in ("", "-opened"):
        if opened and not await page.locator("details").count():
            break
        if opened:
            await page.evaluate(OPEN_ALL)
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 600})
                path = folder / f"{name}{opened}-{language.value[:2]}-{width}-{scheme}.png"
                await page.screenshot(path=path, full_page=True)


async def take_scene(browser: Browser, site: Site, scene: str, language: Language, folder: Path, part: str) -> None:
    for role in ROLES:
        places = [place for place in PLACES if (place.scene, place.role) == (scene, role) and part in str(place)]
        if not places:
            continue
        async with visit(browser, site, scene, language=language, role=role, still=True) as person:
            for place in places:
                await person.open(place.path, status=place.status)
                await take(person.page, folder, str(place), language)


async def take_notices(browser: Browser, site: Site, language: Language, folder: Path) -> None:
    """What is shown to those who are not let in, and where nothing can be shown."""
    context = await browser.new_context(locale=language.replace("_", "-"), reduced_motion="reduce")
    page = await context.new_page()
    for name, address in {
        "no-rights": f"{site.origin}{site.base('working')}",
        "refused-link": f"{site.origin}/sign-in/used",
        "failed": f"{site.broken}/sign-in/any",
        "home": f"{site.origin}/",
    }.items():
        await page.goto(address)
        await take(page, folder, name, language)
    await context.close()


async def take_all(folder: Path, part: str) -> None:
    async with temporary_site() as site, chromium() as browser:
        for language in Language:
            for scene in SCENES:
                await take_scene(browser, site, scene, language, folder, part)
            if not part:
                await take_notices(browser, site, language, folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.web.pictures", description="Photographs the panel.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("part", nargs="?", default="", help="only pages with this in their name, as `working-usage`")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_all(given.folder, given.part))
    sys.stdout.write(f"{len(list(given.folder.glob('*.png')))} pictures in {given.folder}\n")


if __name__ == "__main__":
    main()

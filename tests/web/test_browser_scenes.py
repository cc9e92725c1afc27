"""Every page of every scene in a real browser: it opens without a complaint and fits every width."""

import pytest
from playwright.async_api import Browser

from app.domain.languages import Language
from tests.web.browser_pages import PLACES, ROLES
from tests.web.browser_site import Site
from tests.web.browser_visits import OPEN_ALL, overflowing, visit
from tests.web.scenes import SCENES

WIDTHS = (320, 360, 1200)


@pytest.mark.browser
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("scene", SCENES)
async def test_every_page_of_a_scene_opens_and_fits(
    browser: Browser, site: Site, scene: str, language: Language
) -> None:
    """Without errors of scripts, policy or network; at no width is anything beside the window."""
    for role in ROLES:
        async with visit(browser, site, scene, language=language, role=role) as person:
            for place in PLACES:
                if (place.scene, place.role) == (scene, role):
                    await person.open(place.path, status=place.status)
                    await person.page.evaluate(OPEN_ALL)
                    assert await overflowing(person.page, WIDTHS) == [], str(place)
                    assert await person.page.evaluate("document.documentElement.lang") == language.replace("_", "-")

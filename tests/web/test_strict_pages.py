"""What every page keeps to, without a browser: the policy, its size, its outline, its references (look.md, E1)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.languages import Language
from app.web.pages import POLICY
from tests.web.browser_pages import PLACES, ROLES
from tests.web.browser_site import Site
from tests.web.page_elements import Element, parsed
from tests.web.scenes import SCENES

LARGEST_PAGE = 40_000
"""Bytes."""

REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list")
TARGETS = ("hx-target", "hx-select", "hx-indicator")
FORBIDDEN = r"<style|\sstyle=|<script(?![^>]* src=)|\son[a-z]+=|javascript:"


@asynccontextmanager
async def reading(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://service") as client:
        yield client


async def pages(site: Site, scene: str, language: Language) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Every page of a scene, as a new person reads it."""
    for role in ROLES:
        async with reading(site.app) as client:
            user = f"Strict {scene} {language} {role}"
            await client.get(await site.link(site.scenes[scene], user, language=language, role=role))
            for place in PLACES:
                if (place.scene, place.role) == (scene, role):
                    answer = await client.get(site.base(scene) + place.path)
                    assert answer.status_code == place.status, str(place)
                    yield str(place), answer


async def notices(site: Site, language: Language) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """What is shown to those who are not let in, and where nothing can be shown."""
    headers = {"Accept-Language": language.replace("_", "-")}
    async with reading(site.app) as client:
        yield "no rights", await client.get(site.base("working"), headers=headers)
        yield "refused link", await client.get("/sign-in/used", headers=headers)
        yield "not done", await client.post(f"{site.base('working')}/language", headers=headers)
    async with reading(site.broken_app) as client:
        failed = await client.get("/sign-in/any", headers=headers)
        assert failed.status_code == 503
        yield "failed", failed


def check(name: str, answer: httpx2.Response, framed_by: str, language: Language) -> None:
    """Everything that is the same for all pages."""
    assert answer.headers["content-security-policy"] == POLICY + framed_by, name
    assert answer.headers["cache-control"] == "no-store", name
    assert len(answer.content) <= LARGEST_PAGE, (name, len(answer.content))
    assert not re.search(FORBIDDEN, answer.text, re.IGNORECASE), name
    markup = parsed(answer.text)
    assert markup.one("html").attributes["lang"] == language.replace("_", "-"), name
    levels = [int(each.tag[1]) for each in markup.all() if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1, (name, levels)
    assert levels.count(1) == 1, (name, levels)
    assert all(level <= before + 1 for before, level in pairwise(levels)), (name, levels)
    ids = {each.attributes["id"] for each in markup.all() if "id" in each.attributes}
    assert references(markup) <= ids, (name, references(markup) - ids)
    assert unlabelled(markup) == [], name
    assert len(markup.one("title").text.split()) > 1, name


def references(page: Element) -> set[str]:
    """The ids that something names: labels, attributes of ARIA, links within the page, targets of its script."""
    named = {word for each in page.all() for name in REFERENCES for word in each.attributes.get(name, "").split()}
    links = {link.attributes.get("href", "") for link in page.all("a")}
    named |= {link[1:] for link in links if link.startswith("#")}
    targets = {each.attributes[name] for each in page.all() for name in TARGETS if name in each.attributes}
    assert all(re.fullmatch(r"#[\w-]+", target) for target in targets), targets
    return named | {target[1:] for target in targets}


def unlabelled(page: Element) -> list[Element]:
    """Controls that no label stands around or names."""
    within = [id(each) for label in page.all("label") for each in label.all("input")]
    named = {label.attributes.get("for") for label in page.all("label")}
    return [
        control
        for control in page.all("input")
        if control.attributes.get("type") != "hidden"
        and id(control) not in within
        and control.attributes.get("id", "") not in named
    ]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("scene", SCENES)
async def test_pages_keep_to_what_is_promised(site: Site, scene: str, language: Language) -> None:
    async for name, answer in pages(site, scene, language):
        check(name, answer, "'self' https://portal.example.com", language)


@pytest.mark.parametrize("language", Language)
async def test_notices_keep_to_what_is_promised(site: Site, language: Language) -> None:
    async for name, answer in notices(site, language):
        check(name, answer, "*", language)

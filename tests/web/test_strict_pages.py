"""What every page keeps to, without a browser: the policy, its size, its outline, its references (look.md, E1)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.languages import Language
from app.web.pages import POLICY
from tests.web.browser_pages import PLACES
from tests.web.browser_site import Site
from tests.web.markup import Element, Markup
from tests.web.scenes import SCENES

LARGEST_PAGE = 40_000
"""Bytes."""

REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list")
FORBIDDEN = r"<style|\sstyle=|<script(?![^>]* src=)|\son[a-z]+=|javascript:"


@asynccontextmanager
async def reading(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://service") as client:
        yield client


async def pages(site: Site, scene: str, language: Language) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Every page of a scene, as a new person reads it."""
    async with reading(site.app) as client:
        await client.get(await site.link(site.scenes[scene], f"Strict {scene} {language}", language=language))
        for place in PLACES:
            if place.scene == scene:
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
        yield "failed", await client.get("/sign-in/any", headers=headers)


def check(name: str, answer: httpx2.Response, framed_by: str, language: Language) -> None:
    """Everything that is the same for all pages."""
    assert answer.headers["content-security-policy"] == POLICY + framed_by, name
    assert answer.headers["cache-control"] == "no-store", name
    assert len(answer.content) <= LARGEST_PAGE, (name, len(answer.content))
    assert not re.search(FORBIDDEN, answer.text, re.IGNORECASE), name
    markup = Markup(answer.text)
    assert markup.elements[0].attributes["lang"] == language.replace("_", "-"), name
    levels = [int(heading.tag[1]) for heading in markup.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1, (name, levels)
    assert levels.count(1) == 1, (name, levels)
    assert all(level <= before + 1 for before, level in zip(levels, levels[1:], strict=False)), (name, levels)
    ids = markup.ids()
    assert len(ids) == len(set(ids)), (name, sorted(ids))
    assert references(markup) <= set(ids), (name, references(markup) - set(ids))
    for control in markup.all("input", "select", "textarea"):
        assert control.attributes.get("type") == "hidden" or labelled(markup, control), name
    [title] = markup.all("title")
    assert len("".join(title.texts).split()) > 1, name


def references(markup: Markup) -> set[str]:
    """The ids that something names: labels, attributes of ARIA, links within the page, targets of its script."""
    named = {word for each in markup.elements for name in REFERENCES for word in each.attributes.get(name, "").split()}
    links = {link.attributes.get("href", "") for link in markup.all("a")}
    named |= {link[1:] for link in links if link.startswith("#")}
    for each in markup.elements:
        for name in ("hx-target", "hx-select", "hx-indicator"):
            target = each.attributes.get(name, "")
            assert not target or re.fullmatch(r"#[\w-]+", target), target
            named |= {target[1:]} - {""}
    return named


def labelled(markup: Markup, control: Element) -> bool:
    own_id = control.attributes.get("id", "")
    return control.within("label") is not None or own_id in {
        label.attributes.get("for") for label in markup.all("label")
    }


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("scene", SCENES)
async def test_pages_keep_to_what_is_promised(site: Site, scene: str, language: Language) -> None:
    async for name, answer in pages(site, scene, language):
        check(name, answer, "'self' https://portal.example.com", language)


@pytest.mark.parametrize("language", Language)
async def test_notices_keep_to_what_is_promised(site: Site, language: Language) -> None:
    async for name, answer in notices(site, language):
        check(name, answer, "*", language)

"""The panel as a person's browser without JavaScript has it: signed in, pages fetched, links followed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from app.domain.callers import Role
from app.domain.cases import Case
from app.domain.languages import Language
from app.services import sessions
from app.services.ports import Ports
from app.web.routes import web_routes

SITE = "http://service"


@asynccontextmanager
async def panel(ports: Ports, case: Case, language: Language = Language.EN) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of a member of the case, whose addresses begin at the site."""
    token = await sessions.make_link(
        ports, case_uuid=case.terms.uuid, user=f"Ana {uuid4()}", role=Role.MEMBER, language=language,
        secret=lambda: uuid4().hex,
    )  # fmt: skip
    app = Starlette(routes=web_routes(ports, "0"))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as browser:
        entered = await browser.get(f"/sign-in/{token}")
        assert entered.status_code == 303, entered.text
        yield browser


async def read(browser: httpx2.AsyncClient, address: str, status: int = 200) -> str:
    """The page, which must hold nothing that the strict policy forbids."""
    response = await browser.get(address)
    assert response.status_code == status, (address, response.status_code, response.text)
    html = response.text
    for forbidden in (r"<style", r"\sstyle=", r"\son[a-z]+=", r"<script(?![^>]*\ssrc=)", r"javascript:"):
        assert not re.search(forbidden, html), (address, forbidden)
    return html


def shown(html: str) -> str:
    """All words of the page in their order, spaces made plain."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def ids(html: str, letter: str) -> list[int]:
    """Numbers of the elements that are named like `t-7`, in their order."""
    return [int(number) for number in re.findall(rf'\sid="{letter}-(\d+)"', html)]


def links(html: str, text: str | None = None) -> list[str]:
    """Where the links go; only those that say exactly the text, if one is given."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [unescape(address) for address, inner in found if text is None or shown(inner) == text]

"""The panel as a person's browser without JavaScript has it: signed in, pages fetched, links followed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.rates import ScanMode
from app.domain.tasks import Task, TaskEnd
from app.services import sessions, tasks
from app.services.ports import Ports
from app.web.routes import web_routes
from tests.stage import bulk, failed, finish, report, succeeded

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


async def follow(browser: httpx2.AsyncClient, page: str, address: str) -> str:
    """What a link of the page leads to."""
    return await read(browser, str(browser.build_request("GET", page).url.join(address)))


async def walk(browser: httpx2.AsyncClient, address: str, letter: str, older: str) -> list[list[int]]:
    """The numbers on each page, by the links that say `older`."""
    pages = []
    while True:
        html = await read(browser, address)
        pages.append(ids(html, letter))
        following = links(html, older)
        if not following:
            return pages
        address = str(browser.build_request("GET", address).url.join(following[0]))


async def exhibits(ports: Ports, operator: Viewer, case: Case) -> Task:
    """One text and one image succeed, one document fails, one is never run: 74 of 80 tokens come back (T3).

    In a case without other tasks it is task 1 with the entries 2 to 6.
    """
    task = await tasks.create_task(
        ports, operator, key="exhibits", case_uuid=case.terms.uuid, task=bulk(ScanMode.AUTO, 4), name="Exhibits <41>"
    )
    assert isinstance(task, Task)
    await report(
        ports, operator, task,
        succeeded(["41"], ScanMode.TEXT), succeeded(["42"], ScanMode.IMAGE), failed(["43"]),
    )  # fmt: skip
    await finish(ports, operator, task, TaskEnd.CANCELLED)
    return task

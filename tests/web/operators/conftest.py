"""An operator at the desk, and what they look at."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import sessions
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import INVOICE, PRO, Life, eastern, registered, work
from tests.stage import Clock, new_viewer
from tests.web.page_elements import Element, parsed
from tests.web.person import SITE
from tests.web.plan_forms import OURS

PAGES = ("", "/invoices", "/cards", "/organizations", "/requests")


@dataclass
class Operator:
    """A browser in which an operator has come in."""

    client: httpx2.AsyncClient

    async def get(self, path: str = "") -> httpx2.Response:
        return await self.client.get(f"/operators{path}")

    async def read(self, path: str = "") -> Element:
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2_000:])
        return parsed(answer.text)

    async def send(self, path: str, **form: str) -> httpx2.Response:
        return await self.client.post(f"/operators{path}", data=form, headers=OURS)


async def link(ports: Ports, *, language: Language | None = None, user: str | None = None) -> str:
    token = await sessions.make_operator_link(
        ports, user=user or f"Ops {uuid4()}", language=language, secret=lambda: uuid4().hex
    )
    assert isinstance(token, str), token
    return f"/sign-in/{token}"


@pytest.fixture
def app(own_ports: Ports) -> Starlette:
    return build_app(own_ports, Settings())


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        yield client


@pytest.fixture
async def desk(own_ports: Ports, browser: httpx2.AsyncClient) -> Operator:
    entered = await browser.get(await link(own_ports))
    assert (entered.status_code, entered.headers["location"]) == (303, "/operators")
    return Operator(browser)


@pytest.fixture
async def worker(own_ports: Ports) -> Viewer:
    return (await new_viewer(own_ports))[0]


@pytest.fixture
async def life(own_ports: Ports, worker: Viewer, clock: Clock) -> Life:
    """A case whose invoice of March is open and that of April waits."""
    life = await registered(own_ports, worker, organization="1")
    await change_contract(own_ports, (await life.see()).organization, monthly_invoicing=True)
    await life.activate(PRO, INVOICE)
    clock.now = eastern(2026, 4, 5)
    await work(own_ports)
    return life


def rows(page: Element, id_: str) -> list[list[str]]:
    """The words of a table's rows."""
    [table] = page.one("section", id_=id_).all("table")
    return [[cell.words for cell in row.all() if cell.tag in ("th", "td")] for row in table.one("tbody").all("tr")]


def links(page: Element, beginning: str) -> list[str]:
    """Paths below the operators' pages."""
    found = [each.attributes["href"].removeprefix("/operators") for each in page.one("main").all("a")]
    return [path for path in found if path.startswith(beginning)]

"""Somebody who has come in through a link, and reads pages of one case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin
from uuid import UUID, uuid4

import httpx2
from starlette.applications import Starlette

from app.domain.callers import Role
from app.services import sessions
from app.services.ports import Ports
from tests.web.page_elements import Element, parsed

SITE = "http://service"


class Person:
    """Reads in the language asked for, as long as none was chosen (E1)."""

    def __init__(self, client: httpx2.AsyncClient, uuid: UUID, user: str = "") -> None:
        self.client = client
        self.user = user
        self.home = f"/cases/{uuid}"

    async def get(self, path: str = "", *, language: str = "en", **headers: str) -> httpx2.Response:
        """An address, or what follows that of the case. Names of headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("/cases/") else self.home + path
        return await self.client.get(address, headers={"Accept-Language": language, **named})

    async def read(self, path: str = "", *, language: str = "en", **headers: str) -> Element:
        """A page that must be there, its links as a browser follows them."""
        answer = await self.get(path, language=language, **headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2_000:])
        page = parsed(answer.text)
        for link in page.all("a"):
            link.attributes["href"] = urljoin(answer.url.raw_path.decode(), link.attributes["href"])
        return page


async def come_in(client: httpx2.AsyncClient, ports: Ports, uuid: UUID, role: Role = Role.MEMBER) -> Person:
    """In through a link of its own, under a name of its own."""
    user = f"Ana {uuid4()}"
    token = await sessions.make_link(
        ports, case_uuid=uuid, user=user, role=role, language=None, secret=lambda: uuid4().hex
    )
    assert isinstance(token, str), token
    entered = await client.get(f"/sign-in/{token}")
    assert entered.headers["location"] == f"/cases/{uuid}"
    return Person(client, uuid, user)


@asynccontextmanager
async def visiting(app: Starlette, ports: Ports, uuid: UUID, role: Role = Role.MEMBER) -> AsyncIterator[Person]:
    """A browser of its own, until the block ends."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        yield await come_in(client, ports, uuid, role)

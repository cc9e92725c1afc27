"""The service over all scenes of the panel at one moment: what browser tests open and pictures show."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.applications import Starlette

from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.runtime.service import build_app
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.services.keys import authenticate, create_key
from app.services.ports import Ports
from app.services.sessions import make_link
from app.storage.database import Database
from app.web.routes import web_routes
from tests.stage import Clock, opened
from tests.web.scenes import all_scenes

MOMENT = datetime(2026, 11, 21, 16, 42, tzinfo=UTC)
"""When every scene is looked at: a Saturday, 11:42 in New York."""

NO_DATABASE = "postgresql://127.0.0.1:1/none"
"""Nothing listens there."""

WORKER = "Scan worker"
"""Who runs the tasks of the scenes: the actor of their entries."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running service. origin: its address; broken: that of one without a database; scenes: cases by name."""

    origin: str
    broken: str
    app: Starlette
    broken_app: Starlette
    ports: Ports
    clock: Clock
    worker: Viewer
    key: str
    scenes: Mapping[str, UUID]

    def base(self, scene: str) -> str:
        """The path of a scene's case."""
        return f"/cases/{self.scenes[scene]}"

    async def link(self, case: UUID, user: str, *, language: Language | None = None, role: Role = Role.MEMBER) -> str:
        """The path of a fresh sign-in link."""
        token = await make_link(
            self.ports, case_uuid=case, user=user, role=role, language=language,
            secret=lambda: secrets.token_urlsafe(32),
        )  # fmt: skip
        assert isinstance(token, str), token
        return f"/sign-in/{token}"


@asynccontextmanager
async def served_site(url: str) -> AsyncIterator[Site]:
    """The service on an empty migrated database, which is filled with all scenes first."""
    clock = Clock(MOMENT)
    async with opened(url, clock) as ports:
        key = await create_key(
            ports, name=WORKER, role=Role.OPERATOR, organization_id=None, secret=lambda: secrets.token_urlsafe(32)
        )
        worker = await authenticate(ports, key)
        assert worker is not None
        scenes = await all_scenes(ports, worker, clock)
        app = build_app(Ports(Database(url), clock), Settings())
        broken_app = Starlette(routes=web_routes(Ports(Database(NO_DATABASE), clock), ""))
        broken_app.state.streams = app.state.streams  # which end together
        listener, deaf = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
        async with serving(app, listener), serving(broken_app, deaf):
            yield Site(address(listener), address(deaf), app, broken_app, ports, clock, worker, key, scenes)

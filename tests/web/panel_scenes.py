"""Every scene of the panel behind the application, without a browser."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.applications import Starlette

from app.domain.callers import Role
from app.services.ports import Ports
from tests.stage import Clock
from tests.web.person import visiting

NOW = datetime(2026, 11, 21, 16, 42, tzinfo=UTC)
"""Saturday, 11:42 in New York."""


@dataclass
class Panel:
    """Every scene in one database, seen at NOW unless a test moves the clock."""

    app: Starlette
    ports: Ports
    clock: Clock
    cases: dict[str, UUID]

    def visited(self, scene: str, role: Role = Role.MEMBER) -> Any:
        return visiting(self.app, self.ports, self.cases[scene], role)

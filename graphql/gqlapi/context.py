"""What every resolver sees: the services, who asks, in which language, and loaders that batch."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from starlette.requests import HTTPConnection
from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from app.adapters.announcements import Wakeups
from app.adapters.languages import Words, accepted_language, words
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.refusals import Refusal
from app.domain.tasks import Task
from app.services import cases, tasks
from app.services.ports import Ports
from gqlapi.errors import RequestError
from gqlapi.refusals import error


class Context:
    """One per request, or per stream."""

    def __init__(self, ports: Ports, request: HTTPConnection, viewer: Viewer, wakeups: Wakeups) -> None:
        self.ports = ports.for_request()
        self.viewer = viewer
        self.wakeups = wakeups
        self._accept_language = request.headers.get("accept-language")

    @cached_property
    def words(self) -> Words:
        """An API client has no stored choice of language, so that its header decides (E1)."""
        return words(accepted_language(self._accept_language))

    @cached_property
    def cases(self) -> DataLoader[UUID, Case | None]:
        async def load(wanted: list[UUID]) -> Sequence[Case | None]:
            return await cases.find_cases(self.ports, self.viewer, wanted)

        return DataLoader(load)

    @cached_property
    def tasks(self) -> DataLoader[tuple[UUID, int], Task | None]:
        async def load(wanted: list[tuple[UUID, int]]) -> Sequence[Task | None]:
            return await tasks.find_tasks(self.ports, self.viewer, wanted)

        return DataLoader(load)

    def failure(self, refusal: Refusal) -> RequestError:
        """A refusal of a query, which has no union to be a member of."""
        told = error(refusal, self.words)
        return RequestError(told.code, told.message)


Info = StrawberryInfo[Context, Any]

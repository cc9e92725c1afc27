"""A page of a case being asked for: by whom, in which session, and how it is answered."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.adapters import languages
from app.domain.cases import Case
from app.domain.sessions import Session
from app.services.cases import find_case
from app.services.plan_overview import PlanOverview, find_plan_overview
from app.services.ports import Ports
from app.services.visits import Presence, note_visit
from app.web.origins import framed_by
from app.web.pages import page, reader_zone
from app.web.readers import Reader
from app.web.sessions import allowed_to_change, signed_in


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person asks for a page of their case."""

    request: Request
    session: Session
    ports: Ports
    reader: Reader
    presence: Presence

    @property
    def administers(self) -> bool:
        """Whether the person may change the plan and its settings, and so may see money (A2, C9)."""
        return self.session.viewer.administers

    @property
    def replaces_parts(self) -> bool:
        """Whether our own script asks, for parts of a page that is already there."""
        return "hx-request" in self.request.headers

    async def case(self) -> Case:
        """The case as it stands."""
        found = await find_case(self.ports, self.session.viewer, self.session.case_uuid)
        assert found is not None, "a session is bound to a case"
        return found

    async def plan_overview(self, *, events: int = 1, before: int | None = None, bought: bool = False) -> PlanOverview:
        """What the pages of the plan show, as `find_plan_overview`."""
        found = await find_plan_overview(
            self.ports, self.session.viewer, self.session.case_uuid, events=events, before=before, bought=bought
        )
        assert found is not None, "a session is bound to a case"
        return found

    def page(
        self, template: str, *, tab: str, reader: Reader | None = None, status: int = 200, blocks: Sequence[str] = (),
        **values: Any,
    ) -> Response:  # fmt: skip
        """The page in the person's language, framed by their portal alone. blocks: only these parts of it."""
        return page(
            self.request, template, language=self.session.viewer.language, framed_by=framed_by(self.session),
            status=status, blocks=blocks, reader=reader or self.reader, tab=tab, administers=self.administers, **values,
        )  # fmt: skip

    async def absent(self, *, tab: str, way_out: str, headline: str, reason: str, status: int = 404) -> Response:
        """What the address names is not there; way_out leads to what is."""
        return self.page(
            "absent.html", tab=tab, status=status, case=await self.case(), here=way_out, way_out=way_out,
            headline=headline, reason=reason,
        )  # fmt: skip

    async def not_understood(self, *, tab: str, way_out: str) -> Response:
        """A value of the address means nothing; the way out is the same page without any."""
        words = self.reader.words
        reason = words.say("A filter in this address has a value that does not exist.")
        return await self.absent(
            tab=tab, way_out=way_out, status=400, headline=words.say("Not understood"), reason=reason
        )


Handler = Callable[[Visit], Awaitable[Response]]
"""What answers a visit."""


async def visit(request: Request, ports: Ports, *, changes: bool) -> Visit | Response:
    """The visit, or the page that says that nobody is signed in to this case. changes: only a page of ours may ask."""
    session = await (allowed_to_change if changes else signed_in)(request, ports)
    if isinstance(session, Response):
        return session
    presence = await note_visit(ports, session.viewer, session.case_uuid)
    assert presence is not None, "a session is bound to a case"
    words = languages.words(session.viewer.language)
    reader = Reader(words, reader_zone(request), presence.now, session.case_uuid)
    return Visit(request, session, ports, reader, presence)


async def no_such_page(visit: Visit) -> Response:
    """For addresses of a case that lead nowhere."""
    words = visit.reader.words
    return await visit.absent(
        tab="",
        way_out=visit.reader.base,
        headline=words.say("No such page"),
        reason=words.say("This address leads nowhere in this case."),
    )

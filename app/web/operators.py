"""Pages of operators: who asks for one, and how it is answered. Nobody else finds anything here (A1, A2)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.adapters import languages
from app.adapters.amounts import amount
from app.adapters.languages import Words
from app.domain.callers import Viewer
from app.domain.cycles import EASTERN, eastern_date
from app.domain.money import cad
from app.services import sessions
from app.services.ports import Ports
from app.web.addresses import address
from app.web.notices import Notice
from app.web.origins import FRAMED_BY_ANYONE, from_our_page
from app.web.pages import HEADERS, page, reader_language
from app.web.readers import Reader
from app.web.sessions import COOKIE, OPERATORS


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator asks for a page. Days and times are Eastern, as invoices are."""

    request: Request
    viewer: Viewer
    ports: Ports

    @property
    def words(self) -> Words:
        return languages.words(self.viewer.language)

    @property
    def reader(self) -> Reader:
        """By whom parts of pages that cases have, too, are read: of no case, with links among these pages."""
        return Reader(self.words, EASTERN, self.ports.clock(), UUID(int=0), near=f"{OPERATORS}/")

    def money(self, cents: int) -> str:
        return amount(cad(cents).amount, self.words)

    def day(self, instant: datetime) -> str:
        return self.words.full_day(eastern_date(instant))

    def moment(self, instant: datetime) -> str:
        return self.words.say("%(day)s, %(time)s", day=self.day(instant), time=self.words.clock(instant))

    def page(
        self, template: str, *, tab: str, notice: Notice | None = None, status: int = 200, **values: Any
    ) -> Response:
        """The page in the operator's language, in nobody's frame."""
        return page(
            self.request, f"operators/{template}", language=self.viewer.language, status=status, desk=self, tab=tab,
            home=OPERATORS, notice=notice, **{"here": here(self.request), **values},
        )  # fmt: skip

    def absent(self) -> Response:
        """What the address names is not there."""
        return absent(self.request, self.viewer)

    def not_understood(self, tab: str, way_out: str) -> Response:
        """A value of the address means nothing."""
        said = Notice(
            self.words.say("Not understood."),
            self.words.say("A filter in this address has a value that does not exist."),
            "bad", href=way_out, action=self.words.say("Show all"),
        )  # fmt: skip
        return self.page("notice.html", tab=tab, notice=said, status=400, here=way_out)


Handler = Callable[[Desk], Awaitable[Response]]


async def operator_desk(request: Request, ports: Ports) -> Desk | Response:
    """The desk of the operator whose session this is, else the page that says that there is nothing.

    What changes something is taken from our own pages alone.
    """
    if request.method == "POST" and not from_our_page(request):
        return page(request, "not_done.html", status=403, framed_by=FRAMED_BY_ANYONE)
    token = request.cookies.get(COOKIE)
    viewer = token and await sessions.find_operator(ports, token, reader_language(request))
    return Desk(request, viewer, ports) if viewer else absent(request)


def absent(request: Request, viewer: Viewer | None = None) -> Response:
    """The same for whoever is no operator, whatever the address, as for what does not exist (A2)."""
    return page(
        request, "operators/absent.html", language=None if viewer is None else viewer.language, status=404,
        framed_by=FRAMED_BY_ANYONE,
    )  # fmt: skip


def here(request: Request) -> str:
    """The address of the page, but for what was just done, to come back to in the other language."""
    return address(request.url.path, {name: value for name, value in request.query_params.items() if name != "done"})


def see_other(path: str) -> Response:
    """Away from a form, so that it is not sent again."""
    return RedirectResponse(path, 303, headers=HEADERS)

"""Where the pages of operators are, with their language switch and the way out."""

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.languages import Language
from app.services import sessions
from app.services.ports import Ports
from app.web import operators_explain, operators_invoices, operators_organizations, operators_work
from app.web.forms import form_of
from app.web.operators import Desk, Handler, operator_desk, see_other
from app.web.sessions import COOKIE, OPERATORS, session_cookie

_WITHIN = re.compile(rf"{OPERATORS}([/?][!-\[\]-~]*)?")
_CLIMBS = re.compile(r"/\.|%2e", re.IGNORECASE)


async def choose_language(desk: Desk) -> Response:
    """For the operator, in every session from now on (E1)."""
    form = await form_of(desk.request)
    try:
        chosen = Language(form.get("language", ""))
    except ValueError:
        return desk.absent()
    await sessions.choose_language(desk.ports, desk.viewer, chosen)
    path = form.get("next", "")
    return see_other(path if _WITHIN.fullmatch(path) and not _CLIMBS.search(path) else OPERATORS)


async def sign_out(desk: Desk) -> Response:
    await sessions.end_session(desk.ports, desk.request.cookies[COOKIE])
    response = see_other(OPERATORS)
    response.headers["Set-Cookie"] = session_cookie(desk.request, OPERATORS, "", 0)
    return response


async def nowhere(desk: Desk) -> Response:
    return desk.absent()


PAGES: tuple[tuple[str, Handler], ...] = (
    *operators_work.PAGES,
    *operators_explain.PAGES,
    *operators_invoices.PAGES,
    *operators_organizations.PAGES,
    ("/{rest:path}", nowhere),
)
CHANGES: tuple[tuple[str, Handler], ...] = (
    ("/language", choose_language),
    ("/sign-out", sign_out),
    *operators_work.CHANGES,
    *operators_invoices.CHANGES,
    *operators_organizations.CHANGES,
)


def operator_routes(ports: Ports) -> list[Route]:
    """Every page of operators, and what its forms are sent to."""
    return [
        *(Route(OPERATORS + path, partial(_answered, handler, ports), methods=["POST"]) for path, handler in CHANGES),
        *(Route(OPERATORS + path, partial(_answered, handler, ports)) for path, handler in PAGES),
    ]


async def _answered(handler: Handler, ports: Ports, request: Request) -> Response:
    desk = await operator_desk(request, ports.for_request())
    return desk if isinstance(desk, Response) else await handler(desk)

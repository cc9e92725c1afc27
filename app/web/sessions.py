"""Getting in and out: sign-in links, the cookie of a session, and whose session a page is asked in (A1, A2, E1)."""

import re
import secrets
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.domain.languages import Language
from app.domain.sessions import SESSION_LIFE, Session
from app.services import sessions
from app.services.ports import Ports
from app.web.forms import form_of
from app.web.origins import FRAMED_BY_ANYONE, framed_by, from_our_page
from app.web.pages import HEADERS, page, reader_language

COOKIE = "claira_session"
OPERATORS = "/operators"
"""Where the pages of operators begin."""


async def signed_in(request: Request, ports: Ports) -> Session | Response:
    """The session of this browser in the case that the path names as `uuid`, else the page that says there is none.

    That page is the same for a case of others and for one that does not exist (A2).
    """
    token = request.cookies.get(COOKIE)
    session = token and await sessions.find_session(ports, token, reader_language(request))
    if not session or session.case_uuid != _case(request):
        return page(request, "no_rights.html", status=401, framed_by=FRAMED_BY_ANYONE)
    return session


def session_routes(ports: Ports) -> list[Route]:
    async def sign_in(request: Request) -> Response:
        """Uses the link up; a HEAD, by which programs look at links, does not."""
        if request.method == "HEAD":
            return Response(headers=HEADERS)
        entered = await sessions.enter(ports, request.path_params["token"], secret=_secret)
        if entered is None:
            refused = page(request, "sign_in_refused.html", status=410, framed_by=FRAMED_BY_ANYONE)
            refused.headers["Referrer-Policy"] = "no-referrer"  # the address holds the token
            return refused
        token, case_uuid = entered
        home = OPERATORS if case_uuid is None else f"/cases/{case_uuid}"
        response = _see_other(home)
        response.headers["Set-Cookie"] = session_cookie(request, home, token, SESSION_LIFE.total_seconds())
        return response

    async def language(request: Request) -> Response:
        session = await allowed_to_change(request, ports)
        if isinstance(session, Response):
            return session
        form = await form_of(request)
        try:
            chosen = Language(form.get("language", ""))
        except ValueError:
            return page(request, "not_done.html", status=400, framed_by=framed_by(session))
        await sessions.choose_language(ports, session.viewer, chosen)
        return _see_other(_within_case(session.case_uuid, form.get("next", "")))

    async def sign_out(request: Request) -> Response:
        session = await allowed_to_change(request, ports)
        if isinstance(session, Response):
            return session
        await sessions.end_session(ports, request.cookies[COOKIE])
        home = f"/cases/{session.case_uuid}"
        response = _see_other(home)
        response.headers["Set-Cookie"] = session_cookie(request, home, "", 0)
        return response

    return [
        Route("/sign-in/{token}", sign_in),
        Route("/cases/{uuid}/language", language, methods=["POST"]),
        Route("/cases/{uuid}/sign-out", sign_out, methods=["POST"]),
    ]


async def allowed_to_change(request: Request, ports: Ports) -> Session | Response:
    """As `signed_in`, for a request that changes something, which only a page of ours may send."""
    if not from_our_page(request):
        return page(request, "not_done.html", status=403, framed_by=FRAMED_BY_ANYONE)
    return await signed_in(request, ports)


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _case(request: Request) -> UUID | None:
    try:
        return UUID(str(request.path_params["uuid"]))
    except ValueError:
        return None


def session_cookie(request: Request, home: str, token: str, seconds: float) -> str:
    """Only for the pages below home: those of one case, so that two cases in two tabs do not disturb each other.

    Inside Discover's page the panel is another site's frame, where browsers keep only partitioned cookies of https.
    Nobody frames the pages of operators.
    """
    secure = request.url.scheme == "https"
    if home == OPERATORS:
        reach = "SameSite=Lax; Secure" if secure else "SameSite=Lax"
    else:
        reach = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    return f"{COOKIE}={token}; Path={home}; Max-Age={seconds:.0f}; HttpOnly; {reach}"


def _see_other(path: str) -> Response:
    return RedirectResponse(path, 303, headers=HEADERS)


def _within_case(case_uuid: UUID, path: str) -> str:
    """The path if it is one of the case's pages, else the case."""
    inside = re.fullmatch(rf"/cases/{case_uuid}([/?][!-\[\]-~]*)?", path)
    climbs = re.search(r"/\.|%2e", path, re.IGNORECASE)
    return path if inside and not climbs else f"/cases/{case_uuid}"

"""Other sites: what they may frame, and that they may change nothing."""

from starlette.requests import Request

from app.domain.sessions import Session

FRAMED_BY_ANYONE = "*"
"""For pages with nothing to read and nothing to press, which is what framing could steal.

Whoever is not signed in sees one inside Discover, for one after a night: with `'none'` they would see the browser's own
error instead of what to do, and the case's portal would tell a stranger whose case it is (A2).
"""


def framed_by(session: Session) -> str:
    """For `frame-ancestors`: ourselves, and the portal of the case's organization."""
    return f"'self' {session.portal_origin}"


def from_our_page(request: Request) -> bool:
    """Whether a page of ours sent this: a session's cookie alone would follow the requests of any site.

    Browsers tell by Sec-Fetch-Site on https and on this machine, elsewhere by Origin. Who sends neither is no browser
    that a person uses.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    host = request.headers.get("host", "").lower()
    return request.headers.get("origin", "").lower() in {f"http://{host}", f"https://{host}"}

"""GraphiQL, for people who write queries: a page and its files, all from this server.

The files of GraphiQL and React come out of an installed package, which is found but never imported.
"""

from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

_STATIC = Path(__file__).parent / "static"
_VENDOR = ("graphene_django_graphiql_static", "static/graphene_django_graphiql_static")

# GraphiQL writes <style> elements while a dialog is open and has its fonts and pictures in its style sheet; it needs
# no script beyond its own files, and nothing is fetched but from here.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-elem 'self' 'unsafe-inline'",
        "font-src data:",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def graphiql_routes() -> list[Mount]:
    """What the page loads. It names these files relative to itself, so the view belongs one level above them."""
    return [Mount("/graphiql", StaticFiles(directory=_STATIC / "graphiql", packages=[_VENDOR]))]


def page_response() -> HTMLResponse:
    """The page itself. It holds no key: the person pastes one into the headers editor."""
    return HTMLResponse(
        (_STATIC / "graphiql.html").read_text("utf-8"),
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )

"""Every page, and the two questions that machines ask: alive, ready?"""

from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.services.health import is_ready
from app.services.ports import Ports
from app.web import (
    checkouts,
    explain,
    invoices,
    invoicing_requests,
    plan_changes,
    plan_history,
    prompts,
    purchases,
    settings,
)
from app.web.failures import guarded
from app.web.ledger import ledger
from app.web.operators_routes import operator_routes
from app.web.pages import STATIC, page
from app.web.payment_events import payment_routes
from app.web.sessions import session_routes
from app.web.simulated_checkout import simulated_routes
from app.web.tasks import task, tasks
from app.web.usage import usage
from app.web.visits import Handler, no_such_page, visit

KEPT = "public, max-age=31536000, immutable"
"""For files whose address changes with their content."""

PAGES: tuple[tuple[str, Handler], ...] = (
    ("/cases/{uuid}", usage),
    ("/cases/{uuid}/tasks", tasks),
    ("/cases/{uuid}/tasks/{number}", task),
    ("/cases/{uuid}/ledger", ledger),
    *settings.PAGES,
    *plan_history.PAGES,
    *plan_changes.PAGES,
    *purchases.PAGES,
    *checkouts.PAGES,
    *invoicing_requests.PAGES,
    *prompts.PAGES,
    *explain.PAGES,
    *invoices.PAGES,
    ("/cases/{uuid}/{rest:path}", no_such_page),
)

CHANGES: tuple[tuple[str, Handler], ...] = (
    *settings.CHANGES,
    *plan_changes.CHANGES,
    *purchases.CHANGES,
    *checkouts.CHANGES,
    *invoicing_requests.CHANGES,
    *prompts.CHANGES,
    *invoices.CHANGES,
)
"""What forms of these pages are sent to."""


class OwnFiles(StaticFiles):
    """Our files; asked for by the address that names their content, browsers keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = KEPT
        return response


def web_routes(ports: Ports, revision: str) -> list[BaseRoute]:
    """revision: the migration that the code was written for."""

    async def home(request: Request) -> Response:
        return page(request, "home.html", graphql=str(request.base_url) + "graphql")

    async def alive(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(_: Request) -> Response:
        """503 while the database cannot be reached or is not migrated: send traffic elsewhere."""
        if await is_ready(ports, revision):
            return PlainTextResponse("ready\n")
        return PlainTextResponse("not ready\n", status_code=503, headers={"Retry-After": "1"})

    return [
        Route("/", home),
        Route("/health/live", alive),
        Route("/health/ready", ready),
        *map(guarded, session_routes(ports)),
        *map(guarded, operator_routes(ports)),
        *payment_routes(ports),
        *simulated_routes(ports),
        *(guarded(Route(path, partial(_shown, handler, ports), methods=["POST"])) for path, handler in CHANGES),
        *(guarded(Route(path, partial(_shown, handler, ports))) for path, handler in PAGES),
        Mount("/static", OwnFiles(directory=STATIC), name="static"),
        Mount("/htmx", StaticFiles(packages=[("django_htmx", "static")]), name="htmx"),
    ]


async def _shown(handler: Handler, ports: Ports, request: Request) -> Response:
    visited = await visit(request, ports.for_request(), changes=request.method == "POST")
    return visited if isinstance(visited, Response) else await handler(visited)

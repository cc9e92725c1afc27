"""Every page, and the two questions that machines ask: alive, ready?"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.services.health import is_ready
from app.services.ports import Ports
from app.web.pages import page

STATIC = Path(__file__).parent / "static"


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
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]

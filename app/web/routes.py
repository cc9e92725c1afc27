"""Every page, and the two questions that machines ask: alive, ready?"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable
from app.web.pages import page

STATIC = Path(__file__).parent / "static"


def web_routes(ports: Ports) -> list[BaseRoute]:
    async def home(request: Request) -> Response:
        return page(request, "home.html", graphql=str(request.base_url) + "graphql")

    async def alive(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(_: Request) -> Response:
        """503 while the database cannot be reached: send traffic elsewhere."""
        try:
            await ports.database.call("select 1", ())
        except DatabaseUnavailable:
            return PlainTextResponse("no database\n", status_code=503, headers={"Retry-After": "1"})
        return PlainTextResponse("ready\n")

    return [
        Route("/", home),
        Route("/health/live", alive),
        Route("/health/ready", ready),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]

"""What a person sees when a page cannot be shown: what is known, and what to do."""

import secrets

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.services.ports import PaymentUnavailable
from app.storage.database import DatabaseUnavailable
from app.web.origins import FRAMED_BY_ANYONE
from app.web.pages import page

log = structlog.get_logger()


def guarded(route: Route) -> Route:
    """The same route, whose failures are pages."""

    async def answer(request: Request) -> Response:
        try:
            response: Response = await route.endpoint(request)
        except Exception as error:  # a person gets a page, whatever went wrong
            return failed_page(request, error)
        return response

    return Route(route.path, answer, methods=sorted(route.methods or ()))


def failed_page(request: Request, error: Exception) -> Response:
    """503 where the database or the processor of cards cannot be reached, else 500; the log has its reference."""
    reference = f"{secrets.randbits(32):08X}"
    reference = f"{reference[:4]}-{reference[4:]}"
    lost = isinstance(error, DatabaseUnavailable | PaymentUnavailable)
    if lost:
        log.warning("page_failed", reference=reference, kind=type(error).__name__)
    else:
        log.error("page_failed", reference=reference, kind=type(error).__name__, exc_info=error)
    response = page(
        request, "failed.html", status=503 if lost else 500, framed_by=FRAMED_BY_ANYONE, reference=reference,
        again=request.url.path,
    )  # fmt: skip
    if lost:
        response.headers["Retry-After"] = "1"
    return response

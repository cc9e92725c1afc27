"""Where the processor of cards tells what has happened to a payment (C8): signed, or not heard."""

from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from app.services.payment_events import EVENTS, take_event
from app.services.ports import Payments, Ports
from app.storage.database import DatabaseUnavailable

LARGEST_EVENT = 65_536
"""Bytes."""


def payment_routes(ports: Ports) -> list[BaseRoute]:
    """Nowhere, where no card can be charged."""
    if ports.payments is None:
        return []
    return [Route(EVENTS, partial(_take, ports, ports.payments), methods=["POST"])]


async def _take(ports: Ports, payments: Payments, request: Request) -> Response:
    """Answers 204 once what is told is stored; before that, and of anybody else, nothing has changed.

    400: it is not the processor's, or too old. 404: no such payment. 503: to be told again.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_EVENT:
            return PlainTextResponse("too large\n", status_code=413)
    event = payments.read_event(request.headers, body)
    if event is None:
        return PlainTextResponse("not signed\n", status_code=400)
    try:
        known = await take_event(ports.for_request(), event)
    except DatabaseUnavailable:
        return PlainTextResponse("not now\n", status_code=503, headers={"Retry-After": "1"})
    return Response(status_code=204) if known else PlainTextResponse("no such payment\n", status_code=404)

"""GraphQL over HTTP on one route: who asks, what is read, and with which status and words it is answered."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

import strawberry
from graphql import ExecutionResult
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gqlapi.body import from_body, from_query, read_body
from gqlapi.errors import (
    INTERNAL_ERROR,
    MASKED_MESSAGE,
    METHOD_NOT_ALLOWED,
    UNAUTHENTICATED,
    Refusal,
    caused_by,
    formatted,
    log,
    log_unexpected,
    unavailable,
)
from gqlapi.execution import Operations
from gqlapi.graphiql import page_response
from gqlapi.limits import DocumentCache
from gqlapi.media import GRAPHQL_RESPONSE, JSON, accepted, wants_page

Viewer = TypeVar("Viewer")

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


NO_KEY = "Send your key as the header Authorization: Bearer KEY."
KEY_NOT_IN_FORCE = (
    "This key is not in force: it is mistyped or was revoked, as `make run` does with that of the run before."
)


class GraphQLView(Generic[Viewer]):
    """The endpoint of `Route("/graphql", GraphQLView(...))`: GET and POST, queries and mutations.

    `authenticate` gets the bearer key and answers None for an unknown one; `context` makes what resolvers see;
    `outage` are the exceptions that mean that the database is lost; `max_body` is in bytes.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        authenticate: Callable[[str], Awaitable[Viewer | None]],
        context: Callable[[Request, Viewer], object],
        outage: tuple[type[BaseException], ...],
        max_body: int,
        cache: DocumentCache | None = None,
    ) -> None:
        self._operations = Operations(schema._schema, cache or DocumentCache())
        self._authenticate = authenticate
        self._context = context
        self._outage = outage
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            response = _refused(request, refusal)
        except Exception as error:
            response = _refused(request, self._failed(error))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            raise Refusal(405, METHOD_NOT_ALLOWED, "Only GET and POST are served here.", {"Allow": "GET, POST"})
        if request.method == "GET" and "query" not in request.query_params and wants_page(request.headers):
            return page_response()
        media_type = accepted(request.headers)
        context = self._context(request, await self._viewer(request))
        if request.method == "GET":
            asked = from_query(request.query_params)
        else:
            asked = from_body(request.headers, await read_body(request, self._max_body))
        body = self._answer(await self._operations.run(asked, request.method, context))
        return _response(body, _status(body, media_type), media_type)

    async def _viewer(self, request: Request) -> Viewer:
        """Asked for before anything of the request is read."""
        token = _bearer(request.headers)
        viewer = await self._authenticate(token) if token else None
        if viewer is None:
            message = KEY_NOT_IN_FORCE if token else NO_KEY
            raise Refusal(401, UNAUTHENTICATED, message, {"WWW-Authenticate": "Bearer"})
        return viewer

    def _answer(self, result: ExecutionResult) -> dict[str, Any]:
        """Without `data` when nothing was executed; 503 instead of any answer when the database is lost."""
        errors = result.errors or []
        for error in errors:
            if caused_by(error, self._outage):
                log.warning("graphql_unavailable", error=type(error.original_error).__name__)
                raise unavailable()
        answer: dict[str, Any] = {"errors": formatted(errors)} if errors else {}
        if result.data is not None or any(error.path for error in errors):
            answer["data"] = result.data
        return answer

    def _failed(self, error: Exception) -> Refusal:
        """An exception outside of resolvers, from `authenticate` or `context` for one."""
        if caused_by(error, self._outage):
            log.warning("graphql_unavailable", error=type(error).__name__)
            return unavailable()
        log_unexpected(error)
        return Refusal(500, INTERNAL_ERROR, MASKED_MESSAGE)


def _bearer(headers: Headers) -> str | None:
    """The key of the one Authorization header; None for none, several or another form."""
    values = headers.getlist("authorization")
    found = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return found[1] if found else None


def _status(answer: Mapping[str, Any], media_type: str) -> int:
    """A request that was not executed is a 400, which application/json may not say of a well-formed request."""
    if "data" in answer:
        return 200
    if any(error["extensions"]["code"] == INTERNAL_ERROR for error in answer["errors"]):
        return 500
    return 400 if media_type == GRAPHQL_RESPONSE else 200


def _refused(request: Request, refusal: Refusal) -> Response:
    try:
        media_type = accepted(request.headers)
    except Refusal:
        media_type = JSON
    return _response(refusal.body, refusal.status, media_type, refusal.headers)


def _response(body: object, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    # Not executed again from a cache, not read as anything else; escaped to ASCII, so that every text can be sent.
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    content = json.dumps(body, separators=(",", ":"), allow_nan=False)
    return Response(content, status, sent, f"{media_type}; charset=utf-8")

"""GraphQL over HTTP on one route: who asks, what is read, and with which status and words it is answered."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar, cast

import strawberry
from cross_web import AsyncHTTPRequestAdapter
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from typing_extensions import override

from gqlapi.body import BoundedRequestAdapter, from_body, from_query
from gqlapi.errors import (
    INTERNAL_ERROR,
    MASKED_MESSAGE,
    METHOD_NOT_ALLOWED,
    OPERATION_NOT_SUPPORTED,
    UNAUTHENTICATED,
    Refusal,
    caused_by,
    formatted,
    log,
    log_unexpected,
    unavailable,
)
from gqlapi.graphiql import page_response
from gqlapi.limits import Executor
from gqlapi.media import GRAPHQL_RESPONSE, JSON, accepted, wants_page

Viewer = TypeVar("Viewer")

# Strawberry lets a subscription through as if it were a query.
_ALLOWED = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


class GraphQLView(GraphQL[object, None], Generic[Viewer]):
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
    ) -> None:
        super().__init__(schema, subscription_protocols=())
        # How variables are refused belongs to the door; a schema built without it would suggest names.
        schema.execution_context_class = Executor
        # A class is asked for, and only ever called with the request.
        self.request_adapter_class = partial(BoundedRequestAdapter, limit=max_body)  # type: ignore[assignment]
        self._authenticate = authenticate
        self._context = context
        self._outage = outage

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
        return await self.run(request)

    def _failed(self, error: Exception) -> Refusal:
        """An exception outside of execution, from `authenticate` or `context` for one."""
        if caused_by(error, self._outage):
            log.warning("graphql_unavailable", error=type(error).__name__)
            return unavailable()
        log_unexpected(error)
        return Refusal(500, INTERNAL_ERROR, MASKED_MESSAGE)

    @override
    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        return Response(media_type=accepted(request.headers))

    @override
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> object:
        assert isinstance(request, Request)
        token = _bearer(request.headers)
        viewer = await self._authenticate(token) if token else None
        if viewer is None:
            message = "Send your key as the header Authorization: Bearer KEY."
            raise Refusal(401, UNAUTHENTICATED, message, {"WWW-Authenticate": "Bearer"})
        return self._context(request, viewer)

    @override
    def should_render_graphql_ide(self, request: object) -> bool:
        return False  # the page was served before anybody was asked for a key

    @override
    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        assert isinstance(request, BoundedRequestAdapter)
        if request.method == "GET":
            return from_query(request.source.query_params)
        return from_body(request.source.headers, await request.get_body())

    @override
    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: object,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        try:
            return await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=_ALLOWED[request.method],
                operation_extensions=request_data.extensions,
            )
        except InvalidOperationTypeError:
            if request.method == "GET":
                message = "Only queries may be sent by GET. Send this operation by POST."
                raise Refusal(405, METHOD_NOT_ALLOWED, message, {"Allow": "POST"}) from None
            raise Refusal(400, OPERATION_NOT_SUPPORTED, "Subscriptions are not served by POST.") from None

    @override
    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Without `data` when nothing was executed; 503 instead of any answer when the database is lost."""
        errors = result.errors or []
        for error in errors:
            if caused_by(error, self._outage):
                log.warning("graphql_unavailable", error=type(error.original_error).__name__)
                raise unavailable()
        response: GraphQLHTTPResponse = {}
        if errors:
            response["errors"] = list[object](formatted(errors))
        if result.data is not None or any(error.path for error in errors):
            response["data"] = result.data
        return response

    @override
    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        assert isinstance(response_data, dict)
        media_type = sub_response.media_type or JSON
        return _response(response_data, _status(response_data, media_type), media_type)


def _bearer(headers: Headers) -> str | None:
    """The key of the one Authorization header; None for none, several or another form."""
    values = headers.getlist("authorization")
    found = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return found[1] if found else None


def _status(response: GraphQLHTTPResponse, media_type: str | None) -> int:
    """A request that was not executed is a 400, which application/json may not say of a well-formed request."""
    if "data" in response:
        return 200
    errors = cast("list[dict[str, Any]]", response["errors"])
    if any(error["extensions"]["code"] == INTERNAL_ERROR for error in errors):
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

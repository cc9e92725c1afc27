"""GraphQL over HTTP on one route: what is read, and with which status and words it is answered."""

from typing import Generic, TypeVar

from graphql import ExecutionResult
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gqlapi.body import from_body, from_query, read_body
from gqlapi.door import Door, bearer
from gqlapi.errors import METHOD_NOT_ALLOWED, Refusal
from gqlapi.graphiql import page_response
from gqlapi.media import EVENT_STREAM, accepted, accepts_stream, wants_page
from gqlapi.responses import answered, refused
from gqlapi.sse import EventStream, alone

Viewer = TypeVar("Viewer")


class GraphQLView(Generic[Viewer]):
    """The endpoint of `Route("/graphql", GraphQLView(door))`: GET and POST, queries and mutations, and subscriptions
    as a stream of events."""

    def __init__(self, door: Door[Viewer]) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: ASGIApp
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Exception as error:
            response = refused(request.headers, self._door.failed(error))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.method not in ("GET", "POST"):
            raise Refusal(405, METHOD_NOT_ALLOWED, "Only GET and POST are served here.", {"Allow": "GET, POST"})
        if request.method == "GET" and "query" not in request.query_params and wants_page(request.headers):
            return page_response()
        media_type, streams = accepted(request.headers), accepts_stream(request.headers)
        key = bearer(request.headers)
        viewer = await self._door.viewer(key)  # before anything of the request is read
        context = self._door.context(request, viewer)
        if request.method == "GET":
            asked = from_query(request.query_params)
        else:
            asked = from_body(request.headers, await read_body(request, self._door.max_body))
        result = await self._door.operations.run(asked, request.method, context, streams=streams)
        if isinstance(result, ExecutionResult) and media_type != EVENT_STREAM:
            return answered(self._door.answer(result), media_type)
        results = alone(result) if isinstance(result, ExecutionResult) else result
        return EventStream(self._door, key or "", viewer, results)

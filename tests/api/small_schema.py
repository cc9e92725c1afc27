"""A schema of a few fields behind the real door, for the tests of the transport."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import httpx2
import strawberry
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from strawberry.schema.config import StrawberryConfig

from app.domain.cycles import Month
from gqlapi.door import Door
from gqlapi.errors import RequestError
from gqlapi.execution import Operations
from gqlapi.graphiql import graphiql_routes
from gqlapi.limits import DocumentCache
from gqlapi.scalars import SCALAR_MAP, BigInt
from gqlapi.sockets import GraphQLSockets
from gqlapi.streams import Streams
from gqlapi.view import GraphQLView

KEY = "demo-key.1~2_3-4+5/6="
GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
# Names of resolvers that ran, so that a test can say that none did.
ran: list[str] = []


class DatabaseLostError(Exception):
    """What the tests call an outage."""


@strawberry.enum
class Tier(Enum):
    STARTER = "STARTER"
    PRO = "PRO"


@strawberry.input
class Order:
    tier: Tier
    tokens: BigInt = 1
    names: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class Item:
    id: strawberry.ID = strawberry.ID("1")
    name: str = "é"

    @strawberry.field
    def children(self, first: int | None = None) -> "ItemConnection":
        return ItemConnection(edges=[ItemEdge(node=Item(), cursor="c")], total_count=1)

    @strawberry.field
    def tags(self) -> list["Item"]:
        return []

    @strawberry.field
    def parent(self) -> "Item":
        return Item()


@strawberry.type
class ItemEdge:
    node: Item
    cursor: str


@strawberry.type
class ItemConnection:
    edges: list[ItemEdge]
    total_count: BigInt


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        ran.append("hello")
        return f"hello {name}"

    @strawberry.field
    def viewer(self, info: strawberry.Info) -> str:
        return str(info.context["viewer"])

    @strawberry.field
    def item(self) -> Item:
        return Item()

    @strawberry.field
    def items(self, first: int = 20) -> ItemConnection:
        ran.append("items")
        return ItemConnection(edges=[ItemEdge(node=Item(), cursor="c")], total_count=1)

    @strawberry.field
    def echo(
        self,
        big: BigInt | None = None,
        decimal: Decimal | None = None,
        instant: datetime | None = None,
        uuid: UUID | None = None,
        month: Month | None = None,
        tier: Tier | None = None,
    ) -> "Echo":
        return Echo(big=big, decimal=decimal, instant=instant, uuid=uuid, month=month)

    @strawberry.field
    def price(self, order: Order) -> BigInt:
        return order.tokens

    @strawberry.field
    def not_found(self) -> str | None:
        raise RequestError("NOT_FOUND", "This case does not exist.")

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("secret of the house")

    @strawberry.field
    def careless(self) -> str | None:
        raise GraphQLError("internal detail", extensions={"code": "SOME_CODE"})

    @strawberry.field
    def lost(self) -> str | None:
        raise DatabaseLostError("connection refused at 10.0.0.7")

    @strawberry.field
    def lost_below(self) -> str | None:
        raise RuntimeError("wrapped") from DatabaseLostError("gone")

    @strawberry.field
    async def slow(self, info: strawberry.Info) -> str:
        info.context["events"].append("started")
        try:
            await asyncio.sleep(60)
        finally:
            info.context["events"].append("closed")
        return "done"


@strawberry.type
class Echo:
    big: BigInt | None
    decimal: Decimal | None
    instant: datetime | None
    uuid: UUID | None
    month: Month | None


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        ran.append("change")
        return "changed"


@strawberry.type
class Events:
    @strawberry.subscription
    async def changes(self) -> AsyncGenerator[str, None]:
        ran.append("changes")
        yield "changed"

    @strawberry.subscription
    async def count(self, upto: int) -> AsyncGenerator[int, None]:
        for number in range(upto):
            yield number

    @strawberry.subscription
    async def waiting(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
        """Nothing comes after the first."""
        try:
            yield "waiting"
            await asyncio.Event().wait()
        finally:
            info.context["events"].append("closed")

    @strawberry.subscription
    async def flood(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
        try:
            while True:
                info.context["events"].append("flooded")
                yield "x" * 10_000
        finally:
            info.context["events"].append("closed")

    @strawberry.subscription
    async def not_found(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
        if info.context["viewer"]:
            raise RequestError("NOT_FOUND", "This case does not exist.")
        yield "found"

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[str, None]:
        yield "fine"
        raise ValueError("secret of the house")

    @strawberry.subscription
    async def loses(self) -> AsyncGenerator[str, None]:
        yield "fine"
        raise DatabaseLostError("connection refused at 10.0.0.7")


def small_door(
    cache: DocumentCache | None = None,
    events: list[str] | None = None,
    max_body: int = 10_000,
    streams: Streams | None = None,
    keys: set[str] | None = None,
) -> Starlette:
    """The application with the small schema: one key is known unless `keys` names them, "lost" and "broken" make
    `authenticate` fail."""
    schema = strawberry.Schema(Query, Mutation, Events, config=StrawberryConfig(scalar_map=SCALAR_MAP))._schema

    async def authenticate(key: str) -> str | None:
        if key == "lost":
            raise DatabaseLostError
        if key == "broken":
            raise ValueError("secret of the house")
        return "Ada" if key in (keys if keys is not None else {KEY}) else None

    def context(connection: HTTPConnection, viewer: str) -> object:
        return {"viewer": viewer, "events": events}

    door = Door(
        Operations(schema, cache or DocumentCache()),
        authenticate=authenticate,
        context=context,
        outage=(DatabaseLostError,),
        max_body=max_body,
        streams=streams or Streams(),
    )
    routes = [Route("/graphql", GraphQLView(door)), WebSocketRoute("/graphql", GraphQLSockets(door))]
    app = Starlette(routes=[*routes, *graphiql_routes()])
    app.state.streams = door.streams
    return app


DOOR = small_door()


def client(app: Starlette = DOOR, key: str | None = KEY) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://door", headers=headers)


async def post(
    query: str, variables: Mapping[str, Any] | None = None, accept: str = GRAPHQL, app: Starlette = DOOR
) -> httpx2.Response:
    async with client(app) as asking:
        body = {"query": query, "variables": variables}
        return await asking.post("/graphql", json=body, headers={"Accept": accept})


async def send(content: bytes, content_type: str | None = JSON, **headers: str) -> httpx2.Response:
    """A POST of exactly these bytes."""
    async with client() as asking:
        named = {"Content-Type": content_type} if content_type else {}
        return await asking.post("/graphql", content=content, headers={"Accept": GRAPHQL, **named, **headers})


def code(response: httpx2.Response) -> str:
    """The code of the only error."""
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])

"""The schema, put together; `make schema` writes it to graphql/schema.graphql."""

import strawberry
from graphql import print_schema
from strawberry.schema.config import StrawberryConfig

from gqlapi import enums  # noqa: F401 - registers the enums of the domain
from gqlapi.events import Events
from gqlapi.mutations import Mutation
from gqlapi.queries import Query
from gqlapi.scalars import SCALAR_MAP


def build_schema() -> strawberry.Schema:
    """The types and their resolvers."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Events,
        config=StrawberryConfig(scalar_map=SCALAR_MAP),
    )


def schema_text() -> str:
    """The schema as SDL."""
    return print_schema(build_schema()._schema) + "\n"

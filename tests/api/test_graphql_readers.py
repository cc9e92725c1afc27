"""What is read instead of executed: the same answers and the same errors, in the same places."""

from enum import StrEnum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from strawberry.schema.config import StrawberryConfig

from gqlapi.body import Parameters
from gqlapi.execution import Operations
from gqlapi.limits import DocumentCache
from gqlapi.scalars import SCALAR_MAP, BigInt


@strawberry.enum
class Colour(StrEnum):
    GREEN = "green"
    RED = "red"


@strawberry.interface
class Named:
    name: str | None


@strawberry.type
class Leaf(Named):
    size: BigInt
    colour: Colour = Colour.GREEN


@strawberry.type
class Bud(Named):
    pass


@strawberry.type
class Twig:
    leaves: list[Leaf]
    largest: Leaf | None
    rows: list[list[int]] | None = None
    any: Named | None = None

    @strawberry.field
    def count(self) -> int:
        return len(self.leaves)


@strawberry.type
class Query:
    @strawberry.field
    def twig(self, size: int = 3) -> Twig:
        leaves = [Leaf(name=None, size=2), Leaf(name="b", size=size, colour=Colour.RED)]
        return Twig(leaves=leaves, largest=leaves[1], rows=[[1, 2], []], any=leaves[0])

    @strawberry.field
    def broken(self, what: str) -> Twig | None:
        leaf: Any = {
            "null": Leaf(name="n", size=None),  # type: ignore[arg-type]  # what no type allows
            "refused": Leaf(name="n", size=2**60),
            "other type": Bud(name="n"),
            "unknown": Leaf(name="n", size=1, colour="blue"),  # type: ignore[arg-type]  # likewise
        }[what]
        return Twig(leaves=[Leaf(name="first", size=1), leaf], largest=leaf)


SCHEMA = strawberry.Schema(Query, types=[Leaf, Bud], config=StrawberryConfig(scalar_map=SCALAR_MAP))._schema
LEAF = "n: name size colour __typename"
PLAIN = f"largest {{ {LEAF} }} leaves {{ ...Leaf }} rows __typename"
FRAGMENT = "fragment Leaf on Leaf { ... on Named { n: name } size colour __typename }"
# A directive that changes nothing, and with it everything is executed in the ordinary way.
ORDINARY = " query Other($yes: Boolean = true) { __typename @include(if: $yes) }"


async def asked(query: str, cache: DocumentCache | None = None, **variables: Any) -> ExecutionResult:
    parameters = Parameters(query, "Q", variables)
    result = await Operations(SCHEMA, cache or DocumentCache()).run(parameters, "POST", None, streams=False)
    assert isinstance(result, ExecutionResult)
    return result


@pytest.mark.parametrize(
    "selection", [PLAIN, f"count {PLAIN}", f"any {{ name }} {PLAIN}", f"{PLAIN} leaves {{ name }}"]
)
async def test_what_is_read_is_what_is_executed(selection: str) -> None:
    query = f"query Q {{ twig {{ {selection} }} }} {FRAGMENT}"
    read, executed = await asked(query), await asked(query + ORDINARY)
    assert read.errors is None
    assert read == executed
    assert list(read.data or {}) == list(executed.data or {})


@pytest.mark.parametrize("what", ["null", "refused", "other type", "unknown"])
@pytest.mark.parametrize("field", ["largest", "leaves"])
async def test_what_cannot_be_read_is_told_in_its_place(what: str, field: str) -> None:
    query = f"query Q($what: String!) {{ broken(what: $what) {{ {field} {{ {LEAF} }} }} }}"
    read, executed = await asked(query, what=what), await asked(query + ORDINARY, what=what)
    assert read.errors
    assert [error.formatted for error in read.errors] == [error.formatted for error in executed.errors or ()]
    assert read.data == executed.data


async def test_a_reader_is_made_once_for_a_document_and_serves_every_request() -> None:
    cache = DocumentCache()
    query = f"query Q($size: Int!) {{ twig(size: $size) {{ {PLAIN} }} }} {FRAGMENT}"
    for size in (3, 4):
        data = (await asked(query, cache, size=size)).data or {}
        assert data["twig"]["largest"]["size"] == size
    readers = cache.documents[query].readers or {}
    assert [key[0] for key, reader in readers.items() if reader is not None] == ["Twig"]


async def test_a_resolver_or_a_type_that_its_value_tells_leaves_the_rest_to_be_read() -> None:
    cache = DocumentCache()
    query = f"query Q {{ twig {{ count any {{ name }} {PLAIN} }} }} {FRAGMENT}"
    assert (await asked(query, cache)).errors is None
    readers = cache.documents[query].readers or {}
    assert {key[0]: reader is not None for key, reader in readers.items()} == {"Twig": False, "Leaf": True}

"""Every limit, one under and one over, and the caches that still hit with all of them on."""

import time
from collections.abc import Callable

import pytest
from graphql import get_introspection_query

from gqlapi.cost import MAX_COST
from gqlapi.limits import MAX_CHARACTERS, MAX_TOKENS, DocumentCache
from gqlapi.shape import MAX_ALIASES, MAX_CHANGES, MAX_DEPTH, MAX_DIRECTIVES
from tests.api.small_schema import client, code, post, ran, small_door

NESTED = "{ items(first: %s) { edges { node { children(first: %s) { edges { node { id name } cursor } } } } } }"

# Each fragment spreads the next one twice: 2^150 fields.
DOUBLED = "{ ...F0 }" + "".join(f" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(150))
DOUBLED += " fragment F150 on Query { hello }"
# Each of the fragments has to be compared with every other.
MERGED = "{" + "".join(f"...F{i} " for i in range(140)) + "}"
MERGED += "".join(f" fragment F{i} on Query {{ hello item {{ id }} }}" for i in range(140))


def _deep(levels: int) -> str:
    return "{ item " + "{ parent " * (levels - 2) + "{ id " + "}" * levels


def _aliases(number: int) -> str:
    return "{" + " ".join(f"a{index}: hello" for index in range(number)) + "}"


def _directives(number: int) -> str:
    return "{" + " ".join("... @include(if: true) { hello }" for _ in range(number)) + "}"


def _changes(number: int) -> str:
    return "mutation {" + " ".join(f"c{index}: change" for index in range(number)) + "}"


def _tokens(number: int) -> str:
    """`{ hello(name: "...") }` in as many tokens, most of them comments."""
    return "#\n" * (number - 8) + '{ hello(name: "x") }'


def _characters(number: int) -> str:
    return "{ hello }".ljust(number)


@pytest.mark.parametrize(
    ("make", "allowed", "refused_as"),
    [
        (_deep, MAX_DEPTH, "QUERY_TOO_DEEP"),
        (_aliases, MAX_ALIASES, "TOO_MANY_ALIASES"),
        (_directives, MAX_DIRECTIVES, "TOO_MANY_DIRECTIVES"),
        (_changes, MAX_CHANGES, "TOO_MANY_CHANGES"),
        (_tokens, MAX_TOKENS, "QUERY_TOO_LONG"),
        (_characters, MAX_CHARACTERS, "QUERY_TOO_LONG"),
    ],
)
async def test_a_limit_may_be_reached_and_not_passed(make: Callable[[int], str], allowed: int, refused_as: str) -> None:
    door = small_door(max_body=100_000)
    within, beyond = await post(make(allowed), app=door), await post(make(allowed + 1), app=door)
    assert "errors" not in within.json()
    assert (beyond.status_code, code(beyond)) == (400, refused_as)
    assert beyond.json()["errors"][0]["message"].endswith(".")


async def test_fragments_count_towards_depth_and_changes() -> None:
    deep = "{ item { ...A } } fragment A on Item { parent { ...B } } fragment B on Item " + _deep(MAX_DEPTH)[7:-1]
    wide = "mutation { c: change ...M } fragment M on Mutation {" + _changes(MAX_CHANGES)[10:]
    assert code(await post(deep)) == "QUERY_TOO_DEEP"
    assert code(await post(wide)) == "TOO_MANY_CHANGES"


@pytest.mark.parametrize(("outer", "inner", "passes"), [(100, 1, True), (20, 20, True), (100, 100, False)])
async def test_pages_multiply(outer: int, inner: int, passes: bool) -> None:
    literal = await post(NESTED % (outer, inner))
    variables = await post("query Q($o: Int!, $i: Int = 1) " + NESTED % ("$o", "$i"), {"o": outer, "i": inner})
    default = await post(f"query Q($o: Int = {outer}, $i: Int = {inner}) " + NESTED % ("$o", "$i"))
    for response in (literal, variables, default):
        assert ("errors" not in response.json()) is passes
        assert passes or code(response) == "QUERY_TOO_COSTLY"


async def test_nothing_of_a_query_that_costs_too_much_runs() -> None:
    ran.clear()
    response = await post("{ hello " + NESTED[1:] % (100, 100))
    assert (response.status_code, code(response)) == (400, "QUERY_TOO_COSTLY")
    assert ran == []


async def test_a_page_without_a_number_counts_as_twenty_and_one_too_large_as_a_hundred() -> None:
    """What the resolver answers to `first: 1000000` is INVALID_INPUT, so the cost may not be in its way."""
    unbounded = NESTED.replace("(first: %s)", "")
    assert "errors" not in (await post(unbounded)).json()
    assert "errors" not in (await post("{ items(first: 1000000) { edges { node { id name } } } }")).json()
    assert "errors" not in (await post("{ items(first: -5) { edges { node { id name } } } }")).json()


async def test_a_plain_list_counts_as_ten_and_a_fragment_counts_where_it_is_spread() -> None:
    # item 1, four levels of tags 1 + 10 + 100 + 1,000, and 10,000 for each field of the last
    query = "{ item { tags { tags { ...T } } } } fragment T on Item { tags { tags { id %s } } }"
    assert "errors" not in (await post(query % "")).json()
    assert code(await post(query % "name n: name")) == "QUERY_TOO_COSTLY"


async def test_the_schema_may_be_read_once_in_a_query() -> None:
    full = get_introspection_query(descriptions=True, input_value_deprecation=True, schema_description=True)
    assert "errors" not in (await post(full)).json()
    assert code(await post("{ a: __schema { types { name } } b: __schema { types { name } } }")) == "QUERY_TOO_COSTLY"


@pytest.mark.parametrize(
    "attack",
    [
        "{ ...A } fragment A on Query { item { id } ...B } fragment B on Query { ...A }",
        "{ item { ...A } } fragment A on Item { parent { ...A } }",
        DOUBLED,
        "{" + "hello " * 1_900 + "}",
        "{" + "item { id } " * 450 + "}",
        MERGED,
        "{" + " ".join(f"unknown{i}" for i in range(1_900)) + "}",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ item " + "{ parent " * 1_000 + "{ id }" + "}" * 1_001,
        "{ hello" + " @no" * 900 + "}",
        "{ hello(name: " + "[" * 150 + "1" + "]" * 150 + ") }",
        "query Q($a: ID = " + "9" * 5_000 + ") { hello }",
    ],
)  # fmt: skip
async def test_a_hostile_document_is_refused_in_a_moment(attack: str) -> None:
    ran.clear()
    door = small_door(max_body=100_000)
    started = time.process_time()
    response = await post(attack, app=door)
    # Some ten milliseconds of work; the bound leaves room for a busy machine. Some take for ever when unbounded.
    assert time.process_time() - started < 0.5
    assert response.status_code == 400
    assert len(response.content) < 10_000
    assert ran == []


async def test_both_caches_hit_with_every_limit_on() -> None:
    cache = DocumentCache()
    door = small_door(cache)
    async with client(door) as asking:
        for number in range(300):
            body = {"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": str(number)}}
            response = await asking.post("/graphql", json=body)
            assert response.json() == {"data": {"hello": f"hello {number}"}}
    assert cache.parse_hits >= 299
    assert cache.validation_hits >= 299


async def test_a_cached_document_is_still_refused_by_what_its_variables_cost() -> None:
    door = small_door()
    query = "query Q($o: Int!, $i: Int!) " + NESTED % ("$o", "$i")
    assert "errors" not in (await post(query, {"o": 2, "i": 2}, app=door)).json()
    assert code(await post(query, {"o": 100, "i": 100}, app=door)) == "QUERY_TOO_COSTLY"


async def test_a_cached_refusal_is_the_same_every_time() -> None:
    door = small_door()
    first, second = await post("{ nothing }", app=door), await post("{ nothing }", app=door)
    assert first.json() == second.json()
    assert code(second) == "GRAPHQL_VALIDATION_FAILED"


def test_the_cache_forgets_the_oldest_and_never_keeps_a_huge_document() -> None:
    cache = DocumentCache(characters=1_000, largest=100)
    for number in range(500):
        cache.prepare(f"{{ hello(name: {number}) }}")
    assert cache.held == sum(len(text) for text in cache.documents) <= 1_000
    assert "{ hello(name: 499) }" in cache.documents
    assert "{ hello(name: 0) }" not in cache.documents
    cache.prepare("{ hello }".ljust(101))
    assert max(map(len, cache.documents)) <= 100


def test_the_cost_limit_admits_one_full_page() -> None:
    assert 100 * 150 < MAX_COST < 100 * 100 * 3

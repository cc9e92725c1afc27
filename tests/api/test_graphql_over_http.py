"""GraphQL over HTTP: media types, methods, parameters and statuses."""

import json

import pytest

from tests.api.small_schema import GRAPHQL, JSON, client, code, post, ran, send


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("Application/JSON; charset=UTF-8", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON}", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        ("text/html, */*;q=0.8", JSON),
    ],
)
async def test_the_accept_header_chooses_the_media_type(accept: str | None, answered: str) -> None:
    async with client() as asking:
        del asking.headers["accept"]
        headers = {"Accept": accept} if accept else {}
        response = await asking.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize("accept", ["text/html", "application/xml, image/*", f"{JSON};q=0"])
async def test_an_accept_header_without_a_type_of_ours_is_not_acceptable(accept: str) -> None:
    response = await post("{ hello }", accept=accept)
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...Nowhere }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($name: String!) { hello(name: $name) }", {"name": None}, "BAD_USER_INPUT"),
        ("fragment F on Query { hello }", None, "OPERATION_UNKNOWN"),
    ],
)
async def test_a_request_that_is_not_executed_has_no_data(
    query: str, variables: dict[str, None], expected: str
) -> None:
    new, old = await post(query, variables), await post(query, variables, accept=JSON)
    assert (new.status_code, old.status_code) == (400, 200)
    assert new.json() == old.json()
    assert "data" not in new.json()
    assert code(new) == expected


async def test_every_answer_stays_out_of_caches() -> None:
    for response in (await post("{ hello }"), await post("{"), await send(b"{")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_an_error_in_a_field_leaves_the_rest_of_the_data() -> None:
    response = await post("{ hello notFound }")
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "hello world", "notFound": None}


async def test_a_query_by_get_takes_variables_operation_name_and_extensions() -> None:
    parameters = {
        "query": "query A { viewer } query B($name: String!) { hello(name: $name) }",
        "operationName": "B",
        "variables": json.dumps({"name": "Zoë 🏃"}),
        "extensions": "{}",
    }
    async with client() as asking:
        response = await asking.get("/graphql", params=parameters, headers={"Accept": GRAPHQL})
    assert response.json() == {"data": {"hello": "hello Zoë 🏃"}}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": "{ hello }", "variables": "{"},
        {"query": "{ hello }", "variables": "[]"},
        {"query": "{ hello }", "variables": ""},
        {"query": "{ hello }", "extensions": "1"},
        {"query": ["{ hello }", "{ viewer }"]},
        {"query": "{ hello }", "variables": ["{}", "{}"]},
    ],
)
async def test_malformed_parameters_of_a_get_are_refused(parameters: dict[str, str]) -> None:
    async with client() as asking:
        response = await asking.get("/graphql", params=parameters, headers={"Accept": JSON})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("query", ["mutation { change }", "query A { hello } mutation B { change }"])
async def test_a_mutation_by_get_is_refused_and_does_not_run(query: str) -> None:
    ran.clear()
    async with client() as asking:
        response = await asking.get(
            "/graphql", params={"query": query, "operationName": "B"} if "B" in query else {"query": query}
        )
    assert (response.status_code, code(response), response.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")
    assert ran == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(method: str) -> None:
    async with client() as asking:
        response = await asking.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_one_of_several_operations_must_be_named() -> None:
    both = "query A { hello } query B { viewer }"
    assert code(await post(both)) == "OPERATION_UNKNOWN"
    async with client() as asking:
        named = await asking.post("/graphql", json={"query": both, "operationName": "B"})
        unknown = await asking.post("/graphql", json={"query": both, "operationName": "C"})
    assert named.json() == {"data": {"viewer": "Ada"}}
    assert code(unknown) == "OPERATION_UNKNOWN"


async def test_a_subscription_is_refused() -> None:
    ran.clear()
    response = await post("subscription { changes }")
    assert (response.status_code, code(response)) == (400, "OPERATION_NOT_SUPPORTED")
    assert ran == []


@pytest.mark.parametrize("parameter", ["variables", "operationName", "extensions"])
async def test_an_optional_parameter_may_be_null(parameter: str) -> None:
    response = await send(json.dumps({"query": "{ hello }", parameter: None}).encode())
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize(
    "body",
    [
        {"qeury": "{ hello }"},
        {"query": None},
        {"query": ""},
        *({"query": wrong} for wrong in ({"ob": "ject"}, 0, False, ["array"])),
        *({"query": "{ hello }", "operationName": wrong} for wrong in ({"ob": "ject"}, 0, False, ["array"])),
        *({"query": "{ hello }", "variables": wrong} for wrong in ("text", 0, False, ["array"])),
        *({"query": "{ hello }", "extensions": wrong} for wrong in ("text", 0, False, ["array"])),
        "text",
        None,
        [{"query": "{ hello }"}],
    ],
)
async def test_malformed_parameters_of_a_post_are_refused(body: object) -> None:
    response = await send(json.dumps(body).encode())
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")

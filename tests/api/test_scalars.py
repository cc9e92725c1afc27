"""The contract's scalars, given as variables and as literals, and as they are answered."""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from gqlapi import scalars
from gqlapi.scalars import LARGEST, SCALAR_MAP
from tests.api.small_schema import code, post

FIELDS = {"big": "BigInt", "decimal": "Decimal", "instant": "DateTime", "uuid": "UUID", "month": "Month"}
CANONICAL = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


@pytest.mark.parametrize(
    ("field", "given", "answered"),
    [
        ("big", 0, 0),
        ("big", LARGEST, LARGEST),
        ("big", -LARGEST, -LARGEST),
        ("decimal", "499.00", "499.00"),
        ("decimal", "-0.000000000001", "-0.000000000001"),
        ("decimal", "0", "0"),
        ("instant", "2026-03-01T09:00:00-05:00", "2026-03-01T14:00:00+00:00"),
        ("instant", "2026-03-01T09:00Z", "2026-03-01T09:00:00+00:00"),
        ("instant", "2026-03-01T09:00:00.123456+00:00", "2026-03-01T09:00:00.123456+00:00"),
        ("instant", "2026-03-01T09:00:00.5+05:30", "2026-03-01T03:30:00.500000+00:00"),
        ("instant", "2026-03-01T09:00:00.123456789Z", "2026-03-01T09:00:00.123456+00:00"),
        ("uuid", CANONICAL.upper(), CANONICAL),
        ("month", "2026-03", "2026-03"),
    ],
)
async def test_a_value_comes_back_in_its_canonical_form(field: str, given: object, answered: object) -> None:
    literal = await post(f"{{ echo({field}: {json.dumps(given)}) {{ {field} }} }}")
    variable = await post(f"query Q($v: {FIELDS[field]}) {{ echo({field}: $v) {{ {field} }} }}", {"v": given})
    assert literal.json() == variable.json() == {"data": {"echo": {field: answered}}}


# What is no value of each field's type.
WRONG: dict[str, list[object]] = {
    "big": [True, 1.0, 1.5, 1e3, "1", LARGEST + 1, -LARGEST - 1, 10**30, [1, 2], {}],
    "decimal": [1, 1.5, True, "1e3", "NaN", "Infinity", "-inf", "", " 1", "1_0", "+1", ".5", "1.", "1,5", "0x1"],
    "instant": [
        1,
        "",
        "2026-03-01",
        "2026-03-01T09:00:00",
        "2026-03-01 09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2026-03-01T25:00Z",
        "2026-03-01T09:00:00+25:00",
        "2026-W10-1T09:00:00Z",
        "20260301T090000Z",
        "0001-01-01T00:00:00+14:00",
    ],
    "uuid": [
        1,
        "",
        "x",
        CANONICAL[:-1],
        CANONICAL.replace("-", ""),
        f"{{{CANONICAL}}}",
        f"urn:uuid:{CANONICAL}",
        f" {CANONICAL}",
        f"{CANONICAL}\n",
    ],
    "month": [202603, "", "2026-13", "2026-00", "2026-3", "26-03", "2026-03-01"],
    "tier": ["GOLD", "starter", 1],
}


@pytest.mark.parametrize(
    ("field", "given"),
    [*((field, given) for field, wrong in WRONG.items() for given in wrong), ("decimal", "٣"), ("decimal", "1" * 31)],
)
async def test_what_is_no_value_of_the_type_is_a_request_error(field: str, given: object) -> None:
    type_name = FIELDS.get(field, "Tier")
    literal = re.sub(r'"(\w+)":', r"\1:", json.dumps(given))
    for response in (
        await post(f"{{ echo({field}: {literal}) {{ big }} }}"),
        await post(f"query Q($v: {type_name}) {{ echo({field}: $v) {{ big }} }}", {"v": given}),
    ):
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert "data" not in response.json()


@pytest.mark.parametrize("literal", ["1.0", "1e3", "FOO", "9" * 5_000, "-0.0"])
async def test_a_literal_of_another_kind_is_no_whole_number(literal: str) -> None:
    assert code(await post(f"{{ echo(big: {literal}) {{ big }} }}")) == "BAD_USER_INPUT"


@pytest.mark.parametrize(("field", "bare"), [("uuid", "a" * 32), ("decimal", "NaN"), ("month", "2026")])
async def test_a_bare_word_is_no_text(field: str, bare: str) -> None:
    assert code(await post(f"{{ echo({field}: {bare}) {{ big }} }}")) == "BAD_USER_INPUT"


async def test_a_null_variable_where_only_a_value_will_do_is_bad_input() -> None:
    response = await post("query Q($f: Int) { items(first: $f) { totalCount } }", {"f": None})
    assert code(response) == "BAD_USER_INPUT"
    assert response.json()["errors"][0]["path"] == ["items"]


async def test_the_inside_of_an_input_is_checked_alike() -> None:
    query = "query Q($o: Order!) { price(order: $o) }"
    for wrong in ({"tier": "GOLD"}, {"tier": "PRO", "tokens": 1.5}, {"tokens": 1}, {"tier": "PRO", "extra": 1}):
        assert code(await post(query, {"o": wrong})) == "BAD_USER_INPUT"
    assert (await post(query, {"o": {"tier": "PRO", "tokens": 7}})).json() == {"data": {"price": 7}}


@pytest.mark.parametrize(
    ("scalar", "value", "answered"),
    [
        (Decimal, Decimal("1E+3"), "1000"),
        (Decimal, Decimal("1E-7"), "0.0000001"),
        (datetime, datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=-5))), "2026-03-01T14:00:00+00:00"),
        (uuid.UUID, uuid.UUID(CANONICAL.upper()), CANONICAL),
    ],
)
def test_an_answer_is_fixed_point_utc_and_lower_case(scalar: Any, value: Any, answered: str) -> None:
    assert SCALAR_MAP[scalar].serialize(value) == answered  # type: ignore[misc]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        (scalars.BigInt, True),
        (scalars.BigInt, 1.0),
        (scalars.BigInt, LARGEST + 1),
        (Decimal, 1.5),
        (Decimal, Decimal("NaN")),
        (Decimal, Decimal("Infinity")),
        (datetime, datetime(2026, 3, 1, 9)),  # noqa: DTZ001 - that it is naive is the point
    ],
)
def test_a_value_that_is_not_promised_is_never_answered(scalar: Any, value: Any) -> None:
    with pytest.raises(Exception, match=r"BigInt|Decimal|instant"):
        SCALAR_MAP[scalar].serialize(value)  # type: ignore[misc]


def test_every_scalar_says_what_it_is() -> None:
    assert {definition.name for definition in SCALAR_MAP.values()} == set(FIELDS.values())
    assert all(definition.description for definition in SCALAR_MAP.values())

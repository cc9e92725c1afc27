"""The scalars of the contract: what they accept, as a variable and as a literal alike, and how they are answered.

A refusal is a `GraphQLError`, so that its message reaches the caller as written; it never repeats the value.
"""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NewType, TypeVar

import strawberry
from graphql import GraphQLError
from graphql.language import IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from app.domain.cycles import Month

if TYPE_CHECKING:
    BigInt = int
else:
    # A type of its own only for the schema: resolvers go on working with plain ints.
    BigInt = NewType("BigInt", int)

LARGEST = 2**53 - 1
T = TypeVar("T")

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def whole_number(value: object) -> int:
    """A JSON integer within 53 bits; `true` and `1.0` are none."""
    if type(value) is not int or not -LARGEST <= value <= LARGEST:
        raise GraphQLError(f"A BigInt is a whole JSON number from {-LARGEST} to {LARGEST}.")
    return value


def whole_number_literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> int:
    # More digits than 2^53 has would be read for nothing, or refused by Python itself.
    return whole_number(int(node.value) if isinstance(node, IntValueNode) and len(node.value) <= 17 else None)


def decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def decimal_text(value: Decimal) -> str:
    """Fixed point with the digits it has: 1E+3 is "1000"."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError("Only a finite Decimal can be answered.")
    return format(value, "f")


def instant(text: str) -> datetime:
    """An aware instant in UTC; digits beyond the microsecond are cut off."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).astimezone(UTC)


def instant_text(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError("Only an instant with an offset can be answered.")
    return value.astimezone(UTC).isoformat()


def identifier(text: str) -> uuid.UUID:
    if not _UUID.fullmatch(text):
        raise ValueError(text)
    return uuid.UUID(text)


def text_scalar(
    name: str, description: str, rule: str, parse: Callable[[str], T], serialize: Callable[[T], str]
) -> ScalarDefinition:
    """A scalar that travels as a JSON string; `rule` is what a person is told when `parse` raises."""

    def value(given: object) -> T:
        try:
            if isinstance(given, str):
                return parse(given)
        except (ValueError, OverflowError):
            pass
        raise GraphQLError(rule)

    def literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> T:
        return value(node.value if isinstance(node, StringValueNode) else None)

    return strawberry.scalar(
        name=name, description=description, serialize=serialize, parse_value=value, parse_literal=literal
    )


SCALAR_MAP: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="Whole count, JSON number, -(2^53-1) .. 2^53-1. GraphQL Int is 32 bits and too small for a large "
        "case.",
        serialize=whole_number,
        parse_value=whole_number,
        parse_literal=whole_number_literal,
    ),
    Decimal: text_scalar(
        "Decimal",
        'Decimal number as a JSON string, e.g. "499.00".',
        'A Decimal is a JSON string of digits such as "499.00", without an exponent.',
        decimal,
        decimal_text,
    ),
    datetime: text_scalar(
        "DateTime",
        "ISO 8601 instant with offset. Responses are in UTC with offset +00:00.",
        'A DateTime is an ISO 8601 instant with an offset, such as "2026-03-01T09:00:00-05:00".',
        instant,
        instant_text,
    ),
    uuid.UUID: text_scalar(
        "UUID",
        "Universally unique identifier, answered in lower case with hyphens.",
        'A UUID is written like "7d444840-9dc0-11d1-b245-5ffdce74fad2".',
        identifier,
        str,
    ),
    Month: text_scalar(
        "Month",
        'A billing-cycle month, "2026-03".',
        'A Month is written like "2026-03".',
        Month.parse,
        str,
    ),
}

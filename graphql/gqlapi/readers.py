"""Reading what is there already: most of an answer is attributes of what one resolver made.

graphql-core resolves and completes every field by itself, in ten calls and more. A selection of attributes alone,
however deep, is instead compiled into one function, once for a document: twelve months of usage are answered in two
thirds of the time, the database's included.

A reader knows no errors. Whatever is unusual (a null where none may be, a value that a scalar refuses) makes it raise,
and graphql-core then does the work again and says what is wrong and where: attributes may be read twice.
"""

from collections.abc import Callable
from types import NoneType
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLLeafType, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList
from graphql.pyutils import Undefined
from graphql.type import is_enum_type, is_leaf_type, is_list_type, is_non_null_type, is_object_type
from strawberry.types.field import StrawberryField

Reader = Callable[[Any], Any]
"""From a value to what stands for it in the answer."""

ObjectReader = Callable[[Any], dict[str, Any]]
Readers = dict[tuple[object, ...], ObjectReader | None]
"""Of one document, by the type and the identities of the fields that select on it; None where there can be none."""


class Unusual(Exception):
    """Not for a reader."""


class Collector(Protocol):
    """What knows the fields that are selected on a type: graphql-core's Executor."""

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList, /
    ) -> CollectedFields: ...


def object_reader(collector: Collector, of: GraphQLObjectType, selected: FieldDetailsList) -> ObjectReader | None:
    """None: a field in it has a resolver of its own, or a type that only its value tells."""
    fields: list[tuple[str, str, Reader]] = []
    for name, details in collector.collect_subfields(of, selected).grouped_field_set.items():
        if details[0].node.name.value == "__typename":
            fields.append((name, "__class__", _type_reader(of.name)))
            continue
        field = of.fields[details[0].node.name.value]
        attribute = _attribute(field)
        complete = None if attribute is None else _value_reader(collector, field.type, details)
        if attribute is None or complete is None:
            return None
        fields.append((name, attribute, complete))

    def read(source: Any) -> dict[str, Any]:
        return {name: complete(getattr(source, attribute)) for name, attribute, complete in fields}

    is_type_of = of.is_type_of
    if is_type_of is None:
        return read

    def read_of_type(source: Any) -> dict[str, Any]:
        if not is_type_of(source, _NO_INFO):
            raise Unusual
        return read(source)

    return read_of_type


def _type_reader(name: str) -> Reader:
    """From the class of an object, which is an attribute that null has, too."""

    def read(of: type) -> str:
        if of is NoneType:
            raise Unusual
        return name

    return read


_NO_INFO: Any = None
"""Strawberry tells types by their classes alone."""


def _attribute(field: GraphQLField) -> str | None:
    """The attribute that a field is; None where it is more than that."""
    declared = field.extensions.get("strawberry-definition")
    return declared.python_name if isinstance(declared, StrawberryField) and declared.is_basic_field else None


def _value_reader(collector: Collector, of: GraphQLOutputType, details: FieldDetailsList) -> Reader | None:
    if is_non_null_type(of):
        return _present_reader(collector, of.of_type, details)
    complete = _present_reader(collector, of, details)
    return None if complete is None else lambda value: None if value is None else complete(value)


def _present_reader(collector: Collector, of: GraphQLOutputType, details: FieldDetailsList) -> Reader | None:
    """Of a value that may not be null: that is unusual for whatever reads it."""
    if is_leaf_type(of):
        return _leaf_reader(of)
    if is_object_type(of):
        return object_reader(collector, of, details)
    if not is_list_type(of):
        return None
    item = _value_reader(collector, of.of_type, details)
    if item is None:
        return None

    def read(values: Any) -> list[Any]:
        if not isinstance(values, list):
            raise Unusual
        return [item(value) for value in values]

    return read


def _leaf_reader(of: GraphQLLeafType) -> Reader:
    if is_enum_type(of):  # Strawberry looks for a member's name by comparing it with one after the other
        return {member.value: name for name, member in of.values.items()}.__getitem__
    coerce = of.coerce_output_value

    def read(value: Any) -> Any:
        coerced = None if value is None else coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unusual
        return coerced

    return read

"""What an operation may cost at most, counted before any resolver runs.

A field costs 1, one that asks the database 50. Below a list everything counts once for each item it may hold: in a
connection (`edges`) the `first` it was asked for, as literal or as variable, else 20; in a plain list, such as an
invoice's lines, 10. A field selected twice counts twice, `@skip` and `@include` change nothing, and of a union every
branch counts: the bound errs upwards.
"""

from collections.abc import Mapping

from graphql import GraphQLError
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.type import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
# One page of 100 with some 150 fields each passes; a page of 100 inside a page of 100 does not.
MAX_COST = 24_000
PAGE = 20
LIST = 10
# A field that asks the database something of its own for each object: connections, their totalCount, and these.
STATEMENT = 50
ASKING = frozenset({"month", "pendingCheckout", "subscription"})
# More is refused by the resolver as INVALID_INPUT, and that is the answer the caller is promised.
LARGEST_PAGE = 100
# Introspection reads no data but walks the whole schema: one full picture, not two.
INTROSPECTION = {"__schema": 13_000, "__type": 2_000}


def refuse_costly(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, object] | None,
) -> None:
    """GraphQLError with QUERY_TOO_COSTLY over `MAX_COST`. The document is valid; variables count."""
    defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
    given = {key: _number(default, {}) for key, default in defaults.items()} | dict(variables or {})
    root = schema.get_root_type(operation.operation)
    cost = _Count(schema, document, given).of(operation.selection_set, root, LIST)
    if cost > MAX_COST:
        # Nested lists and fragments spread many times over reach numbers of any length.
        message = f"The query costs {min(cost, 10**9)} or more and {MAX_COST} are allowed. Ask for less at once."
        raise GraphQLError(message, extensions={"code": QUERY_TOO_COSTLY})


class _Count:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, object]) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        # A fragment is counted once for each page it is spread in: spreading it twice twice over stays linear.
        self.known: dict[tuple[str, int], int] = {}

    def of(self, selections: SelectionSetNode, parent: GraphQLNamedType | None, page: int) -> int:
        """The cost of one object's selections; `page` is how many items a list without `first` holds."""
        cost = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                cost += self._of_field(node, parent, page)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                cost += self.of(
                    node.selection_set, self.schema.get_type(condition.name.value) if condition else parent, page
                )
            elif isinstance(node, FragmentSpreadNode):
                cost += self._of_fragment(node.name.value, page)
        return cost

    def _of_fragment(self, name: str, page: int) -> int:
        if (name, page) not in self.known:
            fragment = self.fragments[name]
            parent = self.schema.get_type(fragment.type_condition.name.value)
            self.known[name, page] = self.of(fragment.selection_set, parent, page)
        return self.known[name, page]

    def _of_field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> int:
        name = node.name.value
        if name in INTROSPECTION:
            return INTROSPECTION[name]
        if not node.selection_set:
            return STATEMENT if name == "totalCount" else 1
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields[name]
        first = self._first(node, field)
        items = (first or page) if _is_list(field.type) else 1
        own = STATEMENT if first is not None or name in ASKING else 1
        return own + items * self.of(node.selection_set, get_named_type(field.type), first or LIST)

    def _first(self, node: FieldNode, field: GraphQLField) -> int | None:
        """The page a field asks for, if it has one; what is no number is refused elsewhere and counts as 20."""
        if "first" not in field.args:
            return None
        given = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
        number = _number(given, self.variables)
        return PAGE if number is None else min(max(number, 1), LARGEST_PAGE)


def _is_list(of: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(of))


def _number(node: ValueNode | None, variables: Mapping[str, object]) -> int | None:
    value = variables.get(node.name.value) if isinstance(node, VariableNode) else None
    if isinstance(node, IntValueNode) and len(node.value) <= 11:  # an Int; longer digits stand for something else
        value = int(node.value)
    return value if type(value) is int else None

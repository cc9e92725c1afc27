"""The size of a document, read once and without recursion: depth, aliases, directives, changes in one operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLError
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
)

from gqlapi.cost import INTROSPECTION

QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
TOO_MANY_CHANGES = "TOO_MANY_CHANGES"
TOO_MANY_DIRECTIVES = "TOO_MANY_DIRECTIVES"

# cases > edges > node > organization > invoices > edges > node > lines > unitPrice > amount is 10.
MAX_DEPTH = 12
MAX_ALIASES = 30
MAX_DIRECTIVES = 30
MAX_CHANGES = 10
# The level of what is below introspection: so far from any limit that it never reaches one.
UNCOUNTED = -1_000_000


@dataclass(slots=True)
class Shape:
    """One operation or fragment by itself; `spreads` names the fragments in it and how many levels are above each."""

    depth: int = 0
    roots: int = 0
    aliases: int = 0
    directives: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)


def refuse_outsized(document: DocumentNode) -> None:
    """GraphQLError with its code for the first limit that is passed. Unknown and cyclic fragments are no matter."""
    fragments = {
        node.name.value: shape_of(node) for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    operations = [(node, shape_of(node)) for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    shapes = [*fragments.values(), *(shape for _, shape in operations)]
    _refuse(TOO_MANY_ALIASES, "aliases", sum(shape.aliases for shape in shapes), MAX_ALIASES)
    _refuse(TOO_MANY_DIRECTIVES, "directives", sum(shape.directives for shape in shapes), MAX_DIRECTIVES)
    for node, shape in operations:
        _refuse(QUERY_TOO_DEEP, "levels of fields", _depth(shape, fragments), MAX_DEPTH)
        if node.operation is OperationType.MUTATION:
            _refuse(TOO_MANY_CHANGES, "changes", _roots(shape, fragments), MAX_CHANGES)


def shape_of(definition: OperationDefinitionNode | FragmentDefinitionNode) -> Shape:
    """Inline fragments add no level, and what is below introspection has a rule of its own."""
    shape = Shape(directives=len(definition.directives or ()))
    pending = [(node, 0) for node in definition.selection_set.selections]
    while pending:
        node, above = pending.pop()
        shape.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            shape.spreads.append((node.name.value, above))
            continue
        if isinstance(node, FieldNode):
            shape.aliases += node.alias is not None
            shape.roots += above == 0
            above = UNCOUNTED if node.name.value in INTROSPECTION else above + 1
            shape.depth = max(shape.depth, above)
        below = node.selection_set if isinstance(node, FieldNode | InlineFragmentNode) else None
        pending += [(selection, above) for selection in (below.selections if below else ())]
    return shape


def _depth(shape: Shape, fragments: Mapping[str, Shape]) -> int:
    """The deepest level, or the first one found beyond the limit; each fragment is entered once for each level."""
    depth, entered, pending = shape.depth, dict[str, int](), list(shape.spreads)
    while pending and depth <= MAX_DEPTH:
        name, above = pending.pop()
        if name in fragments and above > entered.get(name, -1):
            entered[name] = above
            depth = max(depth, above + fragments[name].depth)
            pending += [(inner, above + levels) for inner, levels in fragments[name].spreads]
    return depth


def _roots(shape: Shape, fragments: Mapping[str, Shape]) -> int:
    """Fields of the root. A fragment spread twice is executed once."""
    roots, entered, pending = shape.roots, set[str](), list(shape.spreads)
    while pending:
        name, above = pending.pop()
        if above == 0 and name in fragments and name not in entered:
            entered.add(name)
            roots += fragments[name].roots
            pending += fragments[name].spreads
    return roots


def _refuse(code: str, noun: str, found: int, allowed: int) -> None:
    if found > allowed:
        message = f"The query has {found} {noun} and {allowed} are allowed. Ask in several queries."
        raise GraphQLError(message, extensions={"code": code})

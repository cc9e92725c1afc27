"""How large a document may be, and the cache of those that were found in order.

Strawberry's own limiters are not used: they fail on an unknown fragment and on an empty selection, and a chain of
fragments that are each spread twice costs them exponential time. These read a document once, before it is validated.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import GraphQLError, GraphQLSchema, parse, specified_rules, validate
from graphql.error import GraphQLSyntaxError
from graphql.language import DocumentNode, OperationDefinitionNode
from graphql.validation import MaxIntrospectionDepthRule, ValuesOfCorrectTypeRule
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gqlapi.errors import BAD_USER_INPUT, OPERATION_UNKNOWN, PARSE_FAILED, VALIDATION_FAILED
from gqlapi.readers import Readers
from gqlapi.shape import refuse_outsized

QUERY_TOO_LONG = "QUERY_TOO_LONG"
QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"

MAX_CHARACTERS = 50_000
MAX_TOKENS = 2_000
# Errors listed in one answer; finding more of them is work done for nobody.
MAX_ERRORS = 20

# Comparing a field selected 500 times with itself took 0.6 s at graphql-core's default of 500,000. A query of this
# API's size needs some hundreds; the module says that this is the way to set it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000


class InputLiterals(ValuesOfCorrectTypeRule):
    """What the type system refuses in a literal has a code of its own."""

    def report_error(self, error: GraphQLError) -> None:
        error.extensions = {"code": BAD_USER_INPUT}
        super().report_error(error)


RULES = (
    *(InputLiterals if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules),
    MaxIntrospectionDepthRule,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


@dataclass(slots=True)
class Prepared:
    """A parsed document; `errors` is None until it was validated, `readers` is None for one with directives."""

    document: DocumentNode
    readers: Readers | None
    errors: list[GraphQLError] | None = None

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The one that is meant: the named one, or the only one; GraphQLError with OPERATION_UNKNOWN for none."""
        operations = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        if name is None and len(operations) > 1:
            message = "The document has several operations; operationName says which one to run."
            raise GraphQLError(message, extensions={"code": OPERATION_UNKNOWN})
        for node in operations:
            if name is None or (node.name is not None and node.name.value == name):
                return node
        message = "The document has no operation of that name." if operations else "The document has no operation."
        raise GraphQLError(message, extensions={"code": OPERATION_UNKNOWN})


@dataclass(slots=True)
class DocumentCache:
    """Prepared documents by their text, the least recently used go first.

    A document weighs up to 300 times its text in memory, hence the two bounds in characters.
    """

    characters: int = 100_000
    largest: int = 10_000
    held: int = 0
    parse_hits: int = 0
    validation_hits: int = 0
    documents: OrderedDict[str, Prepared] = field(default_factory=OrderedDict)

    def prepare(self, text: str) -> Prepared:
        """The parsed document; GraphQLError for one that is too long, too deep or not GraphQL."""
        if (known := self.documents.get(text)) is not None:
            self.documents.move_to_end(text)
            self.parse_hits += 1
            return known
        prepared = Prepared(parse_bounded(text), readers=None if "@" in text else {})
        if len(text) <= self.largest:
            self.documents[text] = prepared
            self.held += len(text)
            while self.held > self.characters:
                oldest, _ = self.documents.popitem(last=False)
                self.held -= len(oldest)
        return prepared

    def errors(self, schema: GraphQLSchema, prepared: Prepared) -> list[GraphQLError]:
        """What validation found, each error with its code. One cache serves one schema."""
        if prepared.errors is None:
            prepared.errors = validate_bounded(schema, prepared.document)
        else:
            self.validation_hits += 1
        return prepared.errors


def parse_bounded(text: str) -> DocumentNode:
    if len(text) > MAX_CHARACTERS:
        raise too_long(f"The query is longer than {MAX_CHARACTERS} characters.")
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        if f"more than {MAX_TOKENS} tokens" in error.message:
            raise too_long(f"The query has more than {MAX_TOKENS} words and signs.") from None
        error.extensions = {"code": PARSE_FAILED}
        raise
    except GraphQLError as error:  # nested beyond what the parser follows
        error.extensions = {"code": PARSE_FAILED}
        raise
    refuse_outsized(document)
    return document


def too_long(reason: str) -> GraphQLError:
    return GraphQLError(
        f"{reason} Send values as variables, or ask in several queries.", extensions={"code": QUERY_TOO_LONG}
    )


def validate_bounded(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    errors = validate(schema, document, RULES, max_errors=MAX_ERRORS, hide_suggestions=True)
    for error in errors:
        if not error.extensions:
            error.extensions = {"code": VALIDATION_FAILED}
    if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= MAX_ERRORS:
        message = "The query repeats itself too often to be checked. Ask for each field once."
        errors[-1] = GraphQLError(message, extensions={"code": QUERY_TOO_COMPLEX})
    return errors

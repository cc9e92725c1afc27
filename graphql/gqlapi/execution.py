"""From the parameters of a request to its result: every limit first, then graphql-core.

Strawberry declares the schema and calls the resolvers. Its own way of executing is not taken: around these few calls it
builds a context, hooks and managers for every request.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLSchema
from graphql.execution import Executor, create_source_event_stream, map_source_to_response_event
from graphql.execution.collect_fields import FieldDetailsList
from graphql.language import OperationType
from graphql.pyutils import AwaitableOrValue, Path
from typing_extensions import override

from gqlapi.body import Parameters
from gqlapi.cost import refuse_costly
from gqlapi.errors import BAD_USER_INPUT, METHOD_NOT_ALLOWED, OPERATION_NOT_SUPPORTED, Refusal
from gqlapi.limits import MAX_ERRORS, DocumentCache
from gqlapi.readers import ObjectReader, Readers, object_reader


@dataclass(frozen=True, slots=True)
class Operations:
    """Runs what a schema is asked."""

    schema: GraphQLSchema
    cache: DocumentCache

    async def run(
        self, asked: Parameters, method: str, context: object, *, streams: bool
    ) -> ExecutionResult | AsyncGenerator[ExecutionResult]:
        """The result; of a subscription one result for each event, where the caller takes streams.

        Errors without a path: nothing was executed. Refusal: the operation may not be asked for in this way.
        """
        try:
            prepared = self.cache.prepare(asked.query)
            operation = prepared.operation(asked.operation_name)
            require_served(operation.operation, method, streams=streams)
            if errors := self.cache.errors(self.schema, prepared):
                return ExecutionResult(None, errors)
            refuse_costly(self.schema, prepared.document, operation, asked.variables)
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        executor = ReadingExecutor.build(
            self.schema, prepared.document, None, context, asked.variables, asked.operation_name,
            max_coercion_errors=MAX_ERRORS, hide_suggestions=True, readers=prepared.readers,
        )  # fmt: skip
        if isinstance(executor, list):
            for refusal in executor:
                refusal.extensions = {"code": BAD_USER_INPUT}
            return ExecutionResult(None, executor)
        if operation.operation is OperationType.SUBSCRIPTION:
            return await _events(executor)
        result = executor.execute_operation()
        done = await result if isawaitable(result) else result
        assert isinstance(done, ExecutionResult)  # nothing is answered in parts
        return done


async def _events(executor: Executor[None]) -> ExecutionResult | AsyncGenerator[ExecutionResult]:
    """Errors where there is no stream to begin with."""
    source = create_source_event_stream(executor)
    begun = await source if isawaitable(source) else source
    if isinstance(begun, ExecutionResult):
        return begun
    return map_source_to_response_event(executor, begun)


def require_served(operation: OperationType, method: str, *, streams: bool) -> None:
    """Queries by GET and POST, mutations by POST, subscriptions by either where the answer may be a stream."""
    if operation is OperationType.MUTATION and method == "GET":
        message = "Only queries may be sent by GET. Send this operation by POST."
        raise Refusal(405, METHOD_NOT_ALLOWED, message, {"Allow": "POST"})
    if operation is OperationType.SUBSCRIPTION and not streams:
        message = (
            "A subscription is answered by a stream of events: send Accept: text/event-stream, or open a WebSocket "
            "with the subprotocol graphql-transport-ws at the same address."
        )
        raise Refusal(400, OPERATION_NOT_SUPPORTED, message)


class ReadingExecutor(Executor[None]):
    """graphql-core's executor, which reads what needs no execution.

    `readers` are those of the document; None: its directives make them differ from one request to the next.
    """

    def __init__(self, *positional: Any, readers: Readers | None, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._readers = readers

    @override
    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: None,
    ) -> AwaitableOrValue[dict[str, Any]]:
        read = self._reader(return_type, field_details_list)
        if read is not None:
            try:
                return read(result)
            except Exception:  # noqa: S110 - executed below, it is told with its place in the answer
                pass
        return super().collect_and_execute_subfields(return_type, field_details_list, path, result, position_context)

    def _reader(self, of: GraphQLObjectType, selected: FieldDetailsList) -> ObjectReader | None:
        if self._readers is None:
            return None
        key = (of.name, *(id(details.node) for details in selected))
        if key not in self._readers:
            self._readers[key] = object_reader(self, of, selected)
        return self._readers[key]

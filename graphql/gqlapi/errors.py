"""What the door answers when it does not answer the question: stable codes, and who may say what to a caller.

Before execution every error carries a code of its own. During execution only a `RequestError` and a refused variable
speak for themselves; anything else is a fault of ours, told to the log and masked for the caller.
"""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from graphql import GraphQLError
from graphql.language import ValueNode

BAD_REQUEST = "BAD_REQUEST"
BAD_USER_INPUT = "BAD_USER_INPUT"
BODY_TOO_LARGE = "BODY_TOO_LARGE"
INTERNAL_ERROR = "INTERNAL_ERROR"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
OPERATION_NOT_SUPPORTED = "OPERATION_NOT_SUPPORTED"
OPERATION_UNKNOWN = "OPERATION_UNKNOWN"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
UNAUTHENTICATED = "UNAUTHENTICATED"
UNAVAILABLE = "UNAVAILABLE"
UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

MASKED_MESSAGE = (
    "Something went wrong on our side. Nothing about the cause is shown here; it has been recorded. "
    "Try again, and for a change use the same idempotency key."
)

LONGEST_MESSAGE = 500

log = structlog.get_logger()


class RequestError(Exception):
    """An expected failure of a query (NOT_FOUND, INVALID_INPUT ...), told to the caller as it is (E1)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refusal(Exception):
    """A request that is answered with an HTTP status and one error, and without executing anything more."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, object]:
        return {"errors": [{"message": self.message, "extensions": {"code": self.code}}]}


def unavailable() -> Refusal:
    """The database is lost: nobody knows what was done, the same request may be sent again."""
    message = "The service cannot reach its database at the moment. Send the same request again in a second."
    return Refusal(503, UNAVAILABLE, message, {"Retry-After": "1"})


def payment_unavailable() -> Refusal:
    """The processor of cards could not be asked: nobody knows whether it has charged, and nothing has changed yet."""
    message = (
        "The card processor did not answer. Nothing has changed, but the card may have been charged. Send the same "
        "request again in a second: with the same idempotency key, it is charged once."
    )
    return Refusal(503, UNAVAILABLE, message, {"Retry-After": "1"})


def caused_by(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    """Whether the error, what it wraps or what it was raised from is one of the kinds."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        if isinstance(current, kinds):
            return True
        seen.add(id(current))
        pending += [current.__cause__, getattr(current, "original_error", None)]
    return False


def formatted(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """The errors as they go into the response; unexpected ones are masked and logged, each kind once."""
    unexpected: dict[tuple[type, str], tuple[BaseException, GraphQLError]] = {}
    answers: list[dict[str, Any]] = []
    for error in errors:
        # A refused literal is repeated in its message, indented: some kilobytes can become hundreds.
        answer: dict[str, Any] = {**error.formatted, "message": error.message[:LONGEST_MESSAGE]}
        source = _source(error)
        if isinstance(source, RequestError):
            answer |= {"message": source.message, "extensions": {"code": source.code}}
        elif error.path is None and error.extensions and "code" in error.extensions:
            pass
        elif _is_refused_variable(source):
            answer["extensions"] = {"code": BAD_USER_INPUT}
        else:
            answer |= {"message": MASKED_MESSAGE, "extensions": {"code": INTERNAL_ERROR}}
            unexpected.setdefault((type(source), str(source)), (source, error))
        answers.append(answer)
    for source, error in unexpected.values():
        log_unexpected(source, path=error.path)
    return answers


def log_unexpected(error: BaseException, **where: object) -> None:
    """One record with the traceback as text: a renderer that prints local variables would print keys and inputs."""
    log.error("graphql_request_failed", exception="".join(_told(error)), **where)


def _told(error: BaseException) -> Iterator[str]:
    """The chain of an exception. A database quotes the values it was given, so that of it only the code is told."""
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _told(cause)
        yield "\nFrom this came:\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    quotes_values = hasattr(error, "sqlstate") or hasattr(error, "orig")
    code = getattr(error, "sqlstate", None)
    yield f"{type(error).__qualname__}: {f'sqlstate {code}' if quotes_values else error}\n"


def _source(error: GraphQLError) -> BaseException:
    """What was really raised, out of the layers graphql-core puts around it."""
    source: BaseException = error
    while isinstance(source, GraphQLError) and source.original_error is not None:
        source = source.original_error
    return source


def _is_refused_variable(source: BaseException) -> bool:
    """A null variable where only a value will do is found out at the field; the blame is on a value, not on a field."""
    return isinstance(source, GraphQLError) and any(isinstance(node, ValueNode) for node in source.nodes or ())

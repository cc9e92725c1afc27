"""What every way in shares: who asks, what is executed, and what is said of a result and of a failure."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graphql import ExecutionResult
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from app.services.ports import PaymentUnavailable
from gqlapi.errors import (
    INTERNAL_ERROR,
    MASKED_MESSAGE,
    UNAUTHENTICATED,
    Refusal,
    RequestError,
    caused_by,
    formatted,
    log,
    log_unexpected,
    payment_unavailable,
    unavailable,
)
from gqlapi.execution import Operations
from gqlapi.streams import Streams

Viewer = TypeVar("Viewer")

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)

NO_KEY = "Send your key as the header Authorization: Bearer KEY."
KEY_NOT_IN_FORCE = (
    "This key is not in force: it is mistyped or was revoked, as `make run` does with that of the run before."
)


@dataclass(frozen=True, slots=True)
class Door(Generic[Viewer]):
    """`authenticate` gets the bearer key and answers None for an unknown one; `context` makes what resolvers see;
    `outage` are the exceptions that mean that the database is lost; `max_body` is in bytes."""

    operations: Operations
    authenticate: Callable[[str], Awaitable[Viewer | None]]
    context: Callable[[HTTPConnection, Viewer], object]
    outage: tuple[type[BaseException], ...]
    max_body: int
    streams: Streams = field(default_factory=Streams)

    async def viewer(self, key: str | None) -> Viewer:
        """Whose key it is; Refusal UNAUTHENTICATED for nobody's."""
        viewer = await self.authenticate(key) if key else None
        if viewer is None:
            message = KEY_NOT_IN_FORCE if key else NO_KEY
            raise Refusal(401, UNAUTHENTICATED, message, {"WWW-Authenticate": "Bearer"})
        return viewer

    async def require_unchanged(self, key: str, viewer: Viewer) -> None:
        """Refusal once the key of a stream was revoked or carries other rights than when the stream began."""
        if await self.viewer(key) != viewer:
            raise Refusal(401, UNAUTHENTICATED, "The rights of this key have changed. Subscribe again.")

    def answer(self, result: ExecutionResult) -> dict[str, Any]:
        """Without `data` when nothing was executed; Refusal instead of any answer when the database, or the card
        processor, is lost."""
        errors = result.errors or []
        for error in errors:
            if outage := self._outage(error):
                log.warning("graphql_unavailable", error=type(error.original_error).__name__)
                raise outage
        answer: dict[str, Any] = {"errors": formatted(errors)} if errors else {}
        if result.data is not None or any(error.path for error in errors):
            answer["data"] = result.data
        return answer

    def failed(self, error: Exception) -> Refusal:
        """What is said of an exception outside of resolvers, from `authenticate`, `context` or a stream for one."""
        if isinstance(error, Refusal):
            return error
        if isinstance(error, RequestError):  # out of the source of a stream
            return Refusal(400, error.code, error.message)
        if outage := self._outage(error):
            log.warning("graphql_unavailable", error=type(error).__name__)
            return outage
        log_unexpected(error)
        return Refusal(500, INTERNAL_ERROR, MASKED_MESSAGE)

    def _outage(self, error: BaseException) -> Refusal | None:
        """What is said where something that is needed has been lost; None: that is not why it failed."""
        if caused_by(error, (PaymentUnavailable,)):
            return payment_unavailable()
        return unavailable() if caused_by(error, self.outage) else None


def bearer(headers: Headers) -> str | None:
    """The key of the one Authorization header; None for none, several or another form."""
    values = headers.getlist("authorization")
    return bearer_key(values[0]) if len(values) == 1 else None


def bearer_key(value: str) -> str | None:
    """The key of an Authorization header's value."""
    found = _BEARER.fullmatch(value)
    return found[1] if found else None

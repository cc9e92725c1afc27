"""Reading a request: how much, which media type, and which JSON. Every refusal is a client error, never a crash."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from gqlapi.errors import BAD_REQUEST, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refusal

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PARAMETERS = ("query", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is asked. Extensions are checked by whoever reads the request, and used by nobody."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body; 413 as soon as it is, or is announced to be, larger than the limit in bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 15 or int(announced) > limit):
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def from_body(headers: Headers, body: bytes) -> Parameters:
    """The parameters of a POST: one JSON object in UTF-8."""
    _require_json(headers)
    try:
        parameters = parse_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise malformed("The body is not UTF-8.") from None
    if isinstance(parameters, list):
        raise malformed("Several operations in one request are not accepted. Send one JSON object.")
    if not isinstance(parameters, dict):
        raise malformed("The body is not a JSON object.")
    return from_object(parameters)


def from_query(parameters: QueryParams) -> Parameters:
    """The parameters of a GET; variables and extensions are JSON texts."""
    given: dict[str, Any] = {}
    for name in _PARAMETERS:
        values = parameters.getlist(name)
        if len(values) > 1:
            raise malformed(f"The parameter {name} is given more than once.")
        if values:
            given[name] = parse_json(values[0]) if name in ("variables", "extensions") else values[0]
    return from_object(given)


def parse_json(text: str) -> Any:
    """JSON without duplicate names, NaN, Infinity or lone surrogates. U+0000 is text; whoever stores it refuses it."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # ValueError: also a number of more than 4,300 digits
        raise malformed("The request is not JSON that can be read.") from None
    return value


def _too_large(limit: int) -> Refusal:
    # What is left of the body is not read, so the connection cannot serve another request.
    message = f"The request is larger than {limit} bytes. Send it in parts."
    return Refusal(413, BODY_TOO_LARGE, message, {"Connection": "close"})


def malformed(message: str) -> Refusal:
    return Refusal(400, BAD_REQUEST, message)


def from_object(given: dict[str, Any]) -> Parameters:
    """The parameters of an object that is already read."""
    query, name, variables, extensions = (given.get(parameter) for parameter in _PARAMETERS)
    if not isinstance(query, str) or not query:
        raise malformed("The parameter query is missing or is not text.")
    if not isinstance(name, str | None):
        raise malformed("The parameter operationName is not text.")
    for parameter, value in (("variables", variables), ("extensions", extensions)):
        if not isinstance(value, dict | None):
            raise malformed(f"The parameter {parameter} is not a JSON object.")
    return Parameters(query, name, variables)


def _require_json(headers: Headers) -> None:
    types = headers.getlist("content-type")
    media_type, *options = [part.strip().lower() for part in types[0].split(";")] if len(types) == 1 else [""]
    charsets = {
        value.strip('" ') for key, _, value in (option.partition("=") for option in options) if key == "charset"
    }
    if media_type != "application/json" or not charsets <= {"utf-8", "utf8"}:
        raise Refusal(415, UNSUPPORTED_MEDIA_TYPE, "Send the request as application/json in UTF-8.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("duplicate name")
    return unique


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)

"""Answers over HTTP that are one JSON object."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response

from gqlapi.errors import INTERNAL_ERROR, Refusal
from gqlapi.media import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, accepted


def answered(answer: Mapping[str, Any], media_type: str) -> Response:
    """A request that was not executed is a 400, which application/json may not say of a well-formed request."""
    status = 200
    if "data" not in answer:
        failed = any(error["extensions"]["code"] == INTERNAL_ERROR for error in answer["errors"])
        status = 500 if failed else 400 if media_type == GRAPHQL_RESPONSE else 200
    return _response(answer, status, media_type)


def refused(headers: Headers, refusal: Refusal) -> Response:
    """In the type that the caller wants to read, or else as JSON."""
    try:
        media_type = accepted(headers)
    except Refusal:
        media_type = JSON
    return _response(refusal.body, refusal.status, JSON if media_type == EVENT_STREAM else media_type, refusal.headers)


def compact(body: object) -> str:
    """As JSON, escaped to ASCII, so that every text can be sent."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _response(body: object, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    # Not executed again from a cache, not read as anything else.
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(compact(body), status, sent, f"{media_type}; charset=utf-8")

"""Which media type a caller wants to read."""

from starlette.datastructures import Headers

from gqlapi.errors import NOT_ACCEPTABLE, Refusal

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"


def accepted(headers: Headers) -> str:
    """One of the two types of a GraphQL response, the newer one where both are as welcome; a stream of events where
    nothing else is; 406 for none of them.

    Without an Accept header, and for a wildcard, it is application/json, as callers from before the newer type expect.
    """
    weights = _weights(headers)
    if not weights:
        return JSON
    anything = max(weights.get("*/*", 0.0), weights.get("application/*", 0.0))
    graphql, json = weights.get(GRAPHQL_RESPONSE, 0.0), weights.get(JSON, anything)
    if graphql > 0 and graphql >= json:
        return GRAPHQL_RESPONSE
    if json > 0:
        return JSON
    if accepts_stream(headers):
        return EVENT_STREAM
    raise Refusal(406, NOT_ACCEPTABLE, f"Answers are given as {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}.")


def accepts_stream(headers: Headers) -> bool:
    """Whether events may be streamed: the type is named, not merely covered by a wildcard."""
    return _weights(headers).get(EVENT_STREAM, 0.0) > 0


def wants_page(headers: Headers) -> bool:
    """Whether a browser is asking: a page is named, not merely covered by a wildcard."""
    return _weights(headers).get(HTML, 0.0) > 0


def _weights(headers: Headers) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in ",".join(headers.getlist("accept")).split(","):
        media_type, *options = [part.strip().lower() for part in item.split(";")]
        if media_type:
            weights[media_type] = max(weights.get(media_type, 0.0), _quality(options))
    return weights


def _quality(options: list[str]) -> float:
    quality = next((option[2:] for option in options if option.startswith("q=")), "1")
    try:
        return float(quality)
    except ValueError:
        return 1.0

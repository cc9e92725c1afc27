"""Forms of ours: read small, sent once, and by nobody but our own pages."""

import secrets
from urllib.parse import parse_qs

from starlette.requests import Request

LARGEST_FORM = 4_096
"""Bytes of what our own small forms send."""


def new_key() -> str:
    """An idempotency key for a form that is shown: sent twice, it acts once (K1)."""
    return secrets.token_urlsafe(16)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form; of one that is larger, nothing."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[-1] for name, values in parse_qs(body.decode("latin-1")).items()}

"""How the simulated processor reaches us: by HTTP, as a real one does."""

import asyncio
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT = 10.0
"""Seconds."""


async def post(url: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether it was taken: answered with a status of 200 to 299."""
    return await asyncio.to_thread(_post, url, headers, body)


def _post(url: str, headers: dict[str, str], body: bytes) -> bool:
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", address.path, body, headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()

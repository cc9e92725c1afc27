"""Portals: instances of Discover, told apart by their address."""

import ipaddress
import re
from urllib.parse import urlsplit

LONGEST_ADDRESS = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNUSUAL = re.compile(r"[^!-~]|[\\?#@%]")
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.ASCII)
_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*/?", re.ASCII)


def portal_address(url: str) -> str | None:
    """A portal's address in one spelling, so that two spellings are not two portals; None: it is no such address.

    A portal and an organization's id on it are who an organization is (A2), so that nothing here may be ambiguous: no
    user, query or fragment, no dots in the path, no port that goes without saying.
    """
    if len(url) > LONGEST_ADDRESS or not url.isascii() or _UNUSUAL.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or host is None or not _PATH.fullmatch(parts.path):
        return None
    if parts.netloc.endswith(":"):
        return None
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown}{parts.path.rstrip('/')}"


def _host(name: str) -> str | None:
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    return name if _NAME.fullmatch(name) else None

"""Addresses of this service, as browsers of this machine are given them."""


def shown_address(host: str, port: int) -> str:
    """Where a browser of this machine finds what listens there; host may be a name."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # every interface: shown as the nearest one
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

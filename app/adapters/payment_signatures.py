"""Signatures of what a processor of cards sends: HMAC-SHA256 over its time and its bytes, so that it cannot be forged,
changed, or sent again by somebody else much later (C8)."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

HEADER = "Claira-Signature"
TOLERANCE = timedelta(minutes=5)
"""How far the time of a signature may lie from ours, either way."""

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def sign(secret: bytes, body: bytes, at: datetime) -> str:
    """The value of the header."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def is_signed(secret: bytes, signature: str, body: bytes, now: datetime) -> bool:
    """Whether the owner of the secret has signed these very bytes within the tolerance."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        return False
    seconds = int(found[1])
    genuine = hmac.compare_digest(_digest(secret, seconds, body), found[2])
    return genuine and abs(now.timestamp() - seconds) <= TOLERANCE.total_seconds()


def _digest(secret: bytes, seconds: int, body: bytes) -> str:
    return hmac.new(secret, b"%d." % seconds + body, hashlib.sha256).hexdigest()

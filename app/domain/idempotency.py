"""Idempotency (K1): a success is remembered under its key with a digest of its input, as long as its effect."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Request:
    """Digests of 128 bits: of who asked what under which key, and of the input that came with it."""

    key: UUID
    input: UUID


def request(caller_id: int, mutation: str, key: str, parts: Iterable[object]) -> Request:
    """The request of a caller. A key is unique per caller, mutation and case; the case says where it is stored."""
    return Request(key=stored_key(caller_id, mutation, key), input=_digest(parts))


def stored_key(caller_id: int, mutation: str, key: str) -> UUID:
    """All that is needed of a request whose effect is a row that holds the whole input."""
    return _digest((caller_id, mutation, key))


def _digest(parts: Iterable[object]) -> UUID:
    """Every part is preceded by its length, so that no two lists of parts run together to the same bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        text = ("" if part is None else f"={part}").encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(text))
        digest.update(text)
    return UUID(bytes=digest.digest())

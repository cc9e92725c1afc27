"""Which pages there are to open: of every scene, and of whoever is not let in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.web.scenes import SCENES

_OF_EVERY_SCENE = {"usage": "", "tasks": "/tasks", "ledger": "/ledger"}
_QUOTES = {
    "quote-runs": "?kind=SCAN&mode=TEXT&documents=1200",
    "quote-split": "?kind=MULTI_CODE&mode=AUTO&documents=12&fields=4",
    "quote-short": "?kind=SCAN&mode=VIDEO&documents=300",
    "quote-many": "?kind=SCAN&mode=TEXT&documents=40000",
    "quote-nonsense": "?kind=SCAN&mode=TEXT&documents=a+lot",
}
_MORE: Mapping[str, Mapping[str, str]] = {
    "working": {
        "month": "?month=2026-09",
        **_QUOTES,
        "task-running": "/tasks/8",
        "task-cancelled": "/tasks/2",
        "task-multi-code": "/tasks/4",
        "task-free": "/tasks/6",
        "tasks-cancelled": "/tasks?status=cancelled",
        "tasks-abandoned": "/tasks?status=abandoned",
        "ledger-refunds": "/ledger?kind=refunds",
        "ledger-charges": "/ledger?kind=charges&month=2026-11",
        "ledger-task": "/ledger?task=2",
        "ledger-before": "/ledger?before=9",
    },
    "starter": {
        "quote-tier": "?kind=MULTI_CODE&mode=TEXT&documents=30&fields=2",
        "quote-short": _QUOTES["quote-short"],
    },
    "unlimited": {"quote-runs": _QUOTES["quote-split"], "task-running": "/tasks/1"},
    "beyond": {"quote-runs": "?kind=SCAN&mode=TEXT&documents=100", "task": "/tasks/1", "task-running": "/tasks/2"},
    "ended": {"quote": "?kind=SCAN&mode=TEXT&documents=1", "task": "/tasks/1"},
}
_ABSENT: Mapping[str, tuple[str, int]] = {
    "no-such-task": ("/tasks/999", 404),
    "no-such-filter": ("/ledger?kind=x", 400),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a scene; path: within the case; status: what it is answered with."""

    scene: str
    name: str
    path: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.scene}-{self.name}"


def places() -> Iterator[Place]:
    """Every page of every scene."""
    for scene in SCENES:
        for name, path in {**_OF_EVERY_SCENE, **_MORE.get(scene, {})}.items():
            yield Place(scene, name, path)
    for name, (path, status) in _ABSENT.items():
        yield Place("working", name, path, status)


PLACES = tuple(places())

_ALIKE = {
    "quote-split",
    "quote-many",
    "task-multi-code",
    "tasks-cancelled",
    "ledger-refunds",
    "ledger-charges",
    "ledger-before",
    "no-such-filter",
}
KINDS = tuple(place for place in PLACES if place.name not in _ALIKE)
"""Without those that are built of the same parts as another: for tests that take long."""

"""Which pages there are to open: of every scene, and of whoever is not let in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.callers import Role
from tests.web.scenes import SCENES

_OF_EVERY_SCENE = {"usage": "", "tasks": "/tasks", "ledger": "/ledger", "settings": "/settings"}
_FOR_ADMINS = {"usage-admin": "", "settings-admin": "/settings"}
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
        "explain-balance": "/explain/balance",
        "explain-next-refill": "/explain/next-refill",
        "explain-plan-tokens": "/explain/plan-tokens?month=2026-09",
    },
    "starter": {
        "quote-tier": "?kind=MULTI_CODE&mode=TEXT&documents=30&fields=2",
        "quote-short": _QUOTES["quote-short"],
    },
    "unlimited": {
        "quote-runs": _QUOTES["quote-split"],
        "task-running": "/tasks/1",
        "explain-balance": "/explain/balance",
    },
    "beyond": {
        "quote-runs": "?kind=SCAN&mode=TEXT&documents=100",
        "quote-ceiling": "?kind=SCAN&mode=TEXT&documents=500",
        "task": "/tasks/1",
        "task-running": "/tasks/2",
    },
    "ended": {"quote": "?kind=SCAN&mode=TEXT&documents=1", "task": "/tasks/1"},
}
_CHANGES: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "working": {
        "invoices": ("/invoices", 200),
        "no-such-invoice": ("/invoices/1", 404),
        "history-admin": ("/plan/history", 200),
        "prompt-admin": (_QUOTES["quote-short"], 200),
        "up": ("/plan/change?tier=BUSINESS", 200),
        "up-unlimited": ("/plan/change?tier=ENTERPRISE", 200),
        "down": ("/plan/change?tier=STARTER", 200),
        "deactivate": ("/plan/deactivate", 200),
        "tokens": ("/plan/tokens?tokens=1,500", 200),
        "tokens-flawed": ("/plan/tokens?tokens=many", 400),
        "no-such-plan": ("/plan/change?tier=GOLD", 400),
    },
    "starter": {"up": ("/plan/change?tier=PRO", 200)},
    "unlimited": {
        "down": ("/plan/change?tier=PRO", 200),
        "deactivate": ("/plan/deactivate", 200),
        "tokens": ("/plan/tokens", 422),
    },
    "beyond": {
        "prompt-admin": ("?kind=SCAN&mode=TEXT&documents=500", 200),
        "up": ("/plan/change?tier=PRO", 200),
        "deactivate": ("/plan/deactivate", 200),
    },
    "waiting": {"begin": ("/plan/change?tier=PRO", 200)},
    "ended": {"begin": ("/plan/change?tier=BUSINESS", 200), "deactivate": ("/plan/deactivate", 422)},
    "scheduled": {
        "down": ("/plan/change?tier=STARTER", 200),
        "up": ("/plan/change?tier=ENTERPRISE", 200),
        "deactivate": ("/plan/deactivate", 200),
    },
}
"""Before a change of plan; for those who may make it."""

_ABSENT: Mapping[str, tuple[str, int]] = {
    "no-such-task": ("/tasks/999", 404),
    "no-such-filter": ("/ledger?kind=x", 400),
    "history": ("/plan/history", 200),
    "no-such-figure": ("/explain/nothing", 404),
    "forbidden": ("/plan/change?tier=BUSINESS", 403),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a scene; path: within the case; status: what it is answered with; role: of who opens it."""

    scene: str
    name: str
    path: str
    status: int = 200
    role: Role = Role.MEMBER

    def __str__(self) -> str:
        return f"{self.scene}-{self.name}"


def places() -> Iterator[Place]:
    """Every page of every scene."""
    for scene in SCENES:
        for name, path in {**_OF_EVERY_SCENE, **_MORE.get(scene, {})}.items():
            yield Place(scene, name, path)
        for name, path in _FOR_ADMINS.items():
            yield Place(scene, name, path, role=Role.CASE_ADMIN)
        for name, (path, status) in _CHANGES.get(scene, {}).items():
            yield Place(scene, name, path, status, Role.CASE_ADMIN)
    for name, (path, status) in _ABSENT.items():
        yield Place("working", name, path, status)


PLACES = tuple(places())
ROLES = (Role.MEMBER, Role.CASE_ADMIN)
"""Who opens them."""

_ALIKE = {
    "quote-split",
    "quote-many",
    "task-multi-code",
    "tasks-cancelled",
    "ledger-refunds",
    "ledger-charges",
    "ledger-before",
    "no-such-filter",
    "no-such-plan",
    "usage-admin",
    "forbidden",
}
KINDS = tuple(place for place in PLACES if place.name not in _ALIKE)
"""Without those that are built of the same parts as another: for tests that take long."""

OPERATORS: Mapping[str, int] = {"": 200, "/cards": 200, "/invoices?status=x": 400, "/nothing": 404}
"""Pages of operators, and what each is answered with."""

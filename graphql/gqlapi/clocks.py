"""Test clocks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from app.domain import clocks
from app.domain.ids import NodeId, parse_id
from gqlapi.nodes import Node


@strawberry.type
class TestClock(Node):
    __test__ = False  # pytest takes it for a test by its name

    now: datetime

    @classmethod
    def of(cls, clock: clocks.TestClock) -> TestClock:
        return cls(id=strawberry.ID(str(NodeId("clock", clock.uuid))), now=clock.now)


def clock_of(text: str) -> UUID | None:
    """The clock that an id names; None: it is no id of a clock."""
    node = parse_id(text)
    return node.uuid if node is not None and node.kind == "clock" else None

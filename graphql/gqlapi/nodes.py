"""Things with an id."""

from uuid import UUID

import strawberry

from app.domain.ids import parse_id


@strawberry.interface
class Node:
    id: strawberry.ID


def case_of(text: str) -> UUID | None:
    """The case that an id names; None: it is no id of a case."""
    node = parse_id(text)
    return node.uuid if node is not None and node.kind == "case" else None


def task_of(text: str) -> tuple[UUID, int] | tuple[None, int]:
    """The case and the number that an id of a task names; (None, 0): it is no id of a task."""
    node = parse_id(text)
    return (node.uuid, node.number) if node is not None and node.kind == "task" else (None, 0)

"""Ids that callers see: the kind of thing, the case that it belongs to, and its number in the case."""

import re
from dataclasses import dataclass
from uuid import UUID

_ID = re.compile(r"(case|task|entry|event|org|clock)_([0-9a-f]{32})(?:_([1-9][0-9]{0,17}))?", re.ASCII)
_NUMBERED = {"task", "entry", "event"}


@dataclass(frozen=True, slots=True)
class NodeId:
    """kind is case, task, entry (of the ledger), event (of the plan), org or clock; uuid is the case's, of an org and a
    clock their own; number is 0 where there is none."""

    kind: str
    uuid: UUID
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}_{self.uuid.hex}" + (f"_{self.number}" if self.kind in _NUMBERED else "")


def parse_id(text: str) -> NodeId | None:
    """None for anything that is no id; an id that parses need not exist."""
    found = _ID.fullmatch(text)
    if found is None or (found[1] in _NUMBERED) != (found[3] is not None):
        return None
    return NodeId(found[1], UUID(hex=found[2]), int(found[3] or 0))

"""What is announced once a transaction has committed: hints that something changed, never the change itself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Announcement(StrEnum):
    PLAN_CHANGED = "PLAN_CHANGED"
    REFILLED = "REFILLED"


@dataclass(frozen=True, slots=True)
class Announced:
    """case_uuid: whom it is about; None: it may be any case."""

    what: Announcement
    case_uuid: UUID | None

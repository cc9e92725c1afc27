"""Who is asking, and what they may see and do (A1, A2)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.languages import Language

SCHEDULER = "scheduler"
"""The caller without an organization in whose name is done what falls due by itself; no key bears the name."""


class Role(StrEnum):
    """From the least to the most rights."""

    MEMBER = "member"
    CASE_ADMIN = "case-admin"
    ORG_ADMIN = "org-admin"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A caller with the rights that its key carries. organization_id None: an operator, who belongs to none."""

    caller_id: int
    name: str
    role: Role
    organization_id: int | None
    language: Language = Language.EN

    @property
    def is_operator(self) -> bool:
        return self.role is Role.OPERATOR

    def sees(self, organization_id: int) -> bool:
        """Whether anything of the organization exists for this viewer (A2)."""
        return self.is_operator or self.organization_id == organization_id

    @property
    def administers(self) -> bool:
        """Whether the viewer may activate a case or change its settings (A1)."""
        return self.role is not Role.MEMBER

"""Expected failures as values: each carries what a person needs to go on. Their wording is made at the edge (E1)."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.plans import Feature, PlanTier


class Flaw(StrEnum):
    """What is wrong with an input; each has one sentence in each language."""

    KEY_LENGTH = "key_length"
    TEXT_LENGTH = "text_length"
    TEXT_CHARACTERS = "text_characters"
    NOT_A_PORTAL_URL = "not_a_portal_url"
    ALREADY_REGISTERED = "already_registered"
    NOT_A_NUMBER = "not_a_number"
    DOCUMENTS_NOT_POSITIVE = "documents_not_positive"
    TOO_MANY_TOKENS = "too_many_tokens"
    SINGLE_IS_ONE_DOCUMENT = "single_is_one_document"
    SCAN_HAS_NO_FIELDS = "scan_has_no_fields"
    FIELDS_OUT_OF_RANGE = "fields_out_of_range"
    TOO_MANY_DOCUMENTS_IN_A_CALL = "too_many_documents_in_a_call"
    DOCUMENT_ID_LENGTH = "document_id_length"
    DOCUMENT_TWICE = "document_twice"
    MORE_DOCUMENTS_THAN_THE_TASK = "more_documents_than_the_task"
    RESOLVED_MODE_MISSING = "resolved_mode_missing"
    RESOLVED_MODE_AUTO = "resolved_mode_auto"
    RESOLVED_MODE_UNEXPECTED = "resolved_mode_unexpected"
    FIRST_OUT_OF_RANGE = "first_out_of_range"
    NOT_A_CURSOR = "not_a_cursor"
    ID_OR_UUID = "id_or_uuid"
    TOKENS_OUT_OF_RANGE = "tokens_out_of_range"
    CLOCK_OUT_OF_RANGE = "clock_out_of_range"
    NOT_FORWARD = "not_forward"
    NO_SUCH_CLOCK = "no_such_clock"
    CEILING_OUT_OF_RANGE = "ceiling_out_of_range"
    CEILING_SET_AND_REMOVED = "ceiling_set_and_removed"


class PlanRefusal(StrEnum):
    """Why a change of plan is not possible."""

    ALREADY_ACTIVE = "already_active"
    REACTIVATE_INSTEAD = "reactivate_instead"
    ACTIVATE_INSTEAD = "activate_instead"
    NOT_AN_UPGRADE = "not_an_upgrade"
    NOT_A_DOWNGRADE = "not_a_downgrade"
    NOTHING_SCHEDULED = "nothing_scheduled"
    UNLIMITED_ALREADY = "unlimited_already"
    NOT_AS_AGREED = "not_as_agreed"
    CARD_DECLINED = "card_declined"


@dataclass(frozen=True, slots=True)
class InvalidInput:
    field: str
    flaw: Flaw
    values: Mapping[str, int | str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotFound:
    """It does not exist, or not for this viewer (A2)."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The viewer sees it but may not do this."""


@dataclass(frozen=True, slots=True)
class IdempotencyConflict:
    """The key was used with another input (K1)."""


@dataclass(frozen=True, slots=True)
class CaseNotActive:
    """Only an active case runs tasks (T1)."""


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """The task has ended, or ended otherwise (T6)."""


@dataclass(frozen=True, slots=True)
class PlanChangeRefused:
    reason: PlanRefusal


NOT_AS_AGREED = PlanChangeRefused(PlanRefusal.NOT_AS_AGREED)
"""The change is no longer the one that was shown."""


@dataclass(frozen=True, slots=True)
class InvoicingNotContracted:
    """The organization is not on the portal's list for monthly invoicing (C7). details fill the mail to support."""

    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InsufficientTokens:
    """Tokens are missing, and overage is off or has a ceiling that it would pass (T1, T5).

    balance and missing add up to required. overage_ceiling None: overage is off. overage_left: tokens that the ceiling
    still leaves to new tasks, fewer than are missing; 0 with overage off.
    """

    required: int
    balance: int
    minimum_tier: PlanTier | None
    next_refill_at: datetime | None
    may_upgrade: bool
    overage_ceiling: int | None = None
    overage_left: int = 0

    @property
    def missing(self) -> int:
        return self.required - self.balance

    @property
    def uncovered(self) -> int:
        """What is missing beyond the overage that is left: with so many tokens more the task would run."""
        return self.missing - self.overage_left


@dataclass(frozen=True, slots=True)
class BulkLimitExceeded:
    limit: int
    minimum_tier: PlanTier
    may_upgrade: bool


@dataclass(frozen=True, slots=True)
class FeatureNotInPlan:
    feature: Feature
    minimum_tier: PlanTier
    may_upgrade: bool


GateRefusal = CaseNotActive | FeatureNotInPlan | BulkLimitExceeded | InsufficientTokens
Refusal = (
    GateRefusal
    | InvalidInput
    | NotFound
    | Forbidden
    | IdempotencyConflict
    | TaskFinished
    | PlanChangeRefused
    | InvoicingNotContracted
)

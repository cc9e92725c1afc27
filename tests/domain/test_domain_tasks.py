"""Requests for tasks and how tasks stand (P2, P3, T3)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.plans import Feature
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Flaw, InvalidInput
from app.domain.tasks import ABANDONED_AFTER, Task, TaskRequest, TaskStatus

laws = settings(max_examples=200, derandomize=True, deadline=None)

MOST_TOKENS = 9_007_199_254_740_991
"""The largest whole number that a JSON number carries exactly."""

SCAN, MULTI_CODE = TaskKind.SCAN, TaskKind.MULTI_CODE
SINGLE, BULK = TaskScope.SINGLE, TaskScope.BULK
TEXT, VIDEO, AUTO = ScanMode.TEXT, ScanMode.VIDEO, ScanMode.AUTO


@pytest.mark.parametrize(
    ("request_", "field", "flaw"),
    [
        (TaskRequest(SCAN, BULK, TEXT, 0), "documentCount", Flaw.DOCUMENTS_NOT_POSITIVE),
        (TaskRequest(SCAN, BULK, TEXT, -1), "documentCount", Flaw.DOCUMENTS_NOT_POSITIVE),
        (TaskRequest(SCAN, SINGLE, TEXT, 0), "documentCount", Flaw.DOCUMENTS_NOT_POSITIVE),
        (TaskRequest(SCAN, SINGLE, TEXT, 2), "documentCount", Flaw.SINGLE_IS_ONE_DOCUMENT),
        (TaskRequest(MULTI_CODE, SINGLE, TEXT, 2, 3), "documentCount", Flaw.SINGLE_IS_ONE_DOCUMENT),
        (TaskRequest(SCAN, BULK, TEXT, 1, 2), "activeFields", Flaw.SCAN_HAS_NO_FIELDS),
        (TaskRequest(SCAN, SINGLE, TEXT, 1, 0), "activeFields", Flaw.SCAN_HAS_NO_FIELDS),
        (TaskRequest(SCAN, BULK, TEXT, 1, 9), "activeFields", Flaw.SCAN_HAS_NO_FIELDS),
        (TaskRequest(SCAN, BULK, TEXT, MOST_TOKENS + 1), "documentCount", Flaw.TOO_MANY_TOKENS),
        (TaskRequest(SCAN, BULK, VIDEO, MOST_TOKENS // 20 + 1), "documentCount", Flaw.TOO_MANY_TOKENS),
        (TaskRequest(SCAN, BULK, AUTO, MOST_TOKENS // 20 + 1), "documentCount", Flaw.TOO_MANY_TOKENS),
        (TaskRequest(MULTI_CODE, BULK, TEXT, MOST_TOKENS // 8 + 1, 8), "documentCount", Flaw.TOO_MANY_TOKENS),
    ],
)
def test_a_request_that_makes_no_sense_names_its_field(request_: TaskRequest, field: str, flaw: Flaw) -> None:
    assert request_.flaw() == InvalidInput(field, flaw)


@pytest.mark.parametrize("fields", [-1, 0, 9])
def test_multi_code_takes_one_to_eight_fields(fields: int) -> None:
    refused = InvalidInput("activeFields", Flaw.FIELDS_OUT_OF_RANGE, {"most": 8})
    assert TaskRequest(MULTI_CODE, BULK, TEXT, 1, fields).flaw() == refused


@pytest.mark.parametrize(
    "request_",
    [
        TaskRequest(SCAN, SINGLE, TEXT, 1),
        TaskRequest(SCAN, BULK, TEXT, 1),
        TaskRequest(SCAN, BULK, TEXT, MOST_TOKENS),
        TaskRequest(SCAN, BULK, VIDEO, MOST_TOKENS // 20),
        TaskRequest(MULTI_CODE, SINGLE, AUTO, 1, 1),
        TaskRequest(MULTI_CODE, BULK, TEXT, MOST_TOKENS // 8, 8),
    ],
)
def test_a_request_at_the_edge_of_what_is_allowed_has_no_flaw(request_: TaskRequest) -> None:
    assert request_.flaw() is None


@laws
@given(
    st.builds(
        TaskRequest,
        st.sampled_from(TaskKind),
        st.sampled_from(TaskScope),
        st.sampled_from(ScanMode),
        st.integers(-1, 2) | st.integers(1, 2 * MOST_TOKENS),
        st.integers(-1, 10),
    )
)
def test_a_request_without_a_flaw_reserves_a_number_that_json_carries(request_: TaskRequest) -> None:
    """P2: whatever passes can be priced, and its worst case is counted exactly."""
    if request_.flaw() is None:
        assert request_.tokens == request_.documents * request_.price.reserve
        assert 0 <= request_.tokens <= MOST_TOKENS
        assert request_.documents == 1 or request_.scope is BULK


def test_a_task_is_abandoned_after_a_day() -> None:
    """T6."""
    assert timedelta(days=1) == ABANDONED_AFTER


def test_a_task_reserves_its_worst_case() -> None:
    """T2: 300 documents that may be videos; 10 images with 3 fields; one free scan."""
    assert TaskRequest(SCAN, BULK, AUTO, 300).tokens == 6_000
    assert TaskRequest(MULTI_CODE, BULK, ScanMode.IMAGE, 10, 3).tokens == 70
    assert TaskRequest(SCAN, SINGLE, AUTO, 1).tokens == 0


@pytest.mark.parametrize("scope", TaskScope)
@pytest.mark.parametrize("mode", ScanMode)
def test_only_multi_code_is_gated_by_a_feature(scope: TaskScope, mode: ScanMode) -> None:
    """P3: visual scans gate nothing."""
    assert TaskRequest(SCAN, scope, mode, 1).feature is None
    assert TaskRequest(MULTI_CODE, scope, mode, 1).feature is Feature.MULTI_CODE


def test_a_task_tells_what_has_no_outcome_yet_and_what_is_still_set_aside() -> None:
    """T3: reserved = charged + refunded + held; overage is a part of charged."""
    task = Task(
        case_uuid=UUID(int=1),
        number=1,
        name=None,
        kind=SCAN,
        scope=BULK,
        mode=AUTO,
        active_fields=1,
        status=TaskStatus.RUNNING,
        documents=100,
        succeeded=40,
        failed=7,
        skipped=3,
        reserved=2_000,
        charged=300,
        refunded=450,
        overage=200,
        first_entry=1,
        last_entry=9,
        created_at=datetime(2026, 3, 3, 15, tzinfo=UTC),
        finished_at=None,
    )
    assert (task.pending, task.held) == (50, 1_250)

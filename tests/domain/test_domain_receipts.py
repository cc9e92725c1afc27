"""Refund receipts: where every reserved token went, and why the rest came back (T3, T5, T7)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.ledger import EntryGroup, EntryKind
from app.domain.rates import RESOLVED_MODES, ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.receipts import RefundReason, receipt, refunds_at_end
from app.domain.tasks import Task, TaskRequest, TaskStatus

laws = settings(max_examples=200, derandomize=True, deadline=None)

CATEGORIES = dict(
    zip(
        RESOLVED_MODES,
        (UsageCategory.TEXT_SCAN, UsageCategory.IMAGE_SCAN, UsageCategory.AUDIO_SCAN, UsageCategory.VIDEO_SCAN),
        strict=True,
    )
)
LOST = (RefundReason.FAILED, RefundReason.SKIPPED, RefundReason.NEVER_RUN)


def task_of(request: TaskRequest, status: TaskStatus, fates: Counter[ScanMode | RefundReason]) -> Task:
    """A task whose documents ended so, charged and refunded by the price list."""
    price = request.price
    charged = sum(fates[mode] * charge for mode, charge in zip(RESOLVED_MODES, price.charges, strict=True))
    succeeded = sum(fates[mode] for mode in RESOLVED_MODES)
    lost = sum(fates[reason] for reason in LOST) if status is not TaskStatus.RUNNING else 0
    return Task(
        case_uuid=UUID(int=1), number=3, name=None, kind=request.kind, scope=request.scope, mode=request.mode,
        active_fields=request.active_fields, status=status, documents=request.documents, succeeded=succeeded,
        failed=fates[RefundReason.FAILED], skipped=fates[RefundReason.SKIPPED], reserved=request.tokens,
        charged=charged, refunded=succeeded * price.reserve - charged + lost * price.reserve, overage=0,
        first_entry=1 if request.tokens else None, last_entry=9, created_at=datetime(2026, 3, 3, tzinfo=UTC),
        finished_at=None,
    )  # fmt: skip


def groups_of(request: TaskRequest, task: Task, fates: Counter[ScanMode | RefundReason]) -> list[EntryGroup]:
    """The entries that the ledger holds of it; no entry is for 0 tokens."""
    price = request.price
    charges: Counter[UsageCategory] = Counter()
    documents: Counter[UsageCategory] = Counter()
    cheaper = 0
    for mode, charge in zip(RESOLVED_MODES, price.charges, strict=True):
        category = UsageCategory.MULTI_CODE if request.kind is TaskKind.MULTI_CODE else CATEGORIES[mode]
        charges[category] += fates[mode] * charge
        documents[category] += fates[mode]
        cheaper += fates[mode] if charge < price.reserve else 0
    back = task.succeeded * price.reserve - task.charged
    groups = [
        EntryGroup(EntryKind.RESERVE, None, None, task.reserved, 0, 1, 1, 1),
        *(
            EntryGroup(EntryKind.CHARGE, category, documents[category], tokens, 0, 2, 5, 2)
            for category, tokens in reversed(charges.items())
        ),
        EntryGroup(EntryKind.REFUND, None, cheaper, back, 0, 6, 6, 1),
        EntryGroup(EntryKind.REFUND, None, None, task.refunded - back, 0, 9, 9, 1),
    ]
    return [group for group in groups if group.tokens]


MULTI = st.builds(
    TaskRequest,
    st.just(TaskKind.MULTI_CODE),
    st.just(TaskScope.BULK),
    st.sampled_from(ScanMode),
    st.integers(1, 500),
    st.integers(1, 8),
)
SCANS = st.builds(
    TaskRequest, st.just(TaskKind.SCAN), st.just(TaskScope.BULK), st.sampled_from(ScanMode), st.integers(1, 500)
)
FREE = st.builds(TaskRequest, st.just(TaskKind.SCAN), st.just(TaskScope.SINGLE), st.sampled_from(ScanMode), st.just(1))


@st.composite
def ends(draw: st.DrawFn) -> tuple[TaskRequest, TaskStatus, Counter[ScanMode | RefundReason]]:
    """A request, how its task stands, and how many of its documents met each fate."""
    request = draw(MULTI | SCANS | FREE)
    resolved = RESOLVED_MODES if request.mode is ScanMode.AUTO else (request.mode,)
    left = request.documents
    fates: Counter[ScanMode | RefundReason] = Counter()
    for fate in draw(st.permutations([*resolved, *LOST])):
        fates[fate] = draw(st.integers(0, left))
        left -= fates[fate]
    fates[RefundReason.NEVER_RUN] += left
    return request, draw(st.sampled_from(TaskStatus)), fates


@laws
@given(ends())
def test_the_parts_of_a_receipt_sum_to_what_came_back_and_name_every_document(
    end: tuple[TaskRequest, TaskStatus, Counter[ScanMode | RefundReason]],
) -> None:
    """T3."""
    request, status, fates = end
    task = task_of(request, status, fates)
    found = receipt(task, groups_of(request, task, fates))
    assert sum(part.tokens for part in found.refunds) == task.refunded
    assert sum(group.tokens for group in found.charges) + task.refunded + task.held == task.reserved
    counted = {part.reason: part.documents for part in found.refunds}
    assert all(counted.values())
    if request.tokens and status is not TaskStatus.RUNNING:
        assert {reason: counted.get(reason, 0) for reason in LOST} == {reason: fates[reason] for reason in LOST}
    else:
        assert counted.keys() <= {RefundReason.CHEAPER}


@laws
@given(ends())
def test_a_receipt_is_told_in_one_order(
    end: tuple[TaskRequest, TaskStatus, Counter[ScanMode | RefundReason]],
) -> None:
    request, status, fates = end
    task = task_of(request, status, fates)
    found = receipt(task, groups_of(request, task, fates))
    order = list(RefundReason)
    assert [part.reason for part in found.refunds] == sorted((p.reason for p in found.refunds), key=order.index)
    categories = [list(UsageCategory).index(group.category) for group in found.charges if group.category]
    assert categories == sorted(categories)
    assert found.ended is (status is not TaskStatus.RUNNING)


AUTO = TaskRequest(TaskKind.SCAN, TaskScope.BULK, ScanMode.AUTO, 4)
FATES: Counter[ScanMode | RefundReason] = Counter(
    {ScanMode.TEXT: 1, ScanMode.IMAGE: 1, RefundReason.FAILED: 1, RefundReason.NEVER_RUN: 1}
)


def test_74_of_80_tokens_come_back() -> None:
    """T3, the worked example: one text and one image succeed, one document fails, one is never run."""
    task = task_of(AUTO, TaskStatus.CANCELLED, FATES)
    found = receipt(task, groups_of(AUTO, task, FATES))
    assert (task.reserved, task.charged, task.refunded) == (80, 6, 74)
    assert [(part.reason, part.documents, part.tokens, part.entries.first) for part in found.refunds] == [
        (RefundReason.FAILED, 1, 20, 9),
        (RefundReason.NEVER_RUN, 1, 20, 9),
        (RefundReason.CHEAPER, 2, 34, 6),
    ]
    assert refunds_at_end(task) == {RefundReason.FAILED: 1, RefundReason.NEVER_RUN: 1}


def test_a_free_task_has_an_empty_receipt() -> None:
    """T7."""
    free = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)
    found = receipt(task_of(free, TaskStatus.COMPLETED, Counter({RefundReason.FAILED: 1})), [])
    assert (found.reserve, found.charges, found.refunds) == (None, (), ())


WHOLE = task_of(AUTO, TaskStatus.CANCELLED, FATES)


@pytest.mark.parametrize(
    "wrong",
    [replace(WHOLE, reserved=100), replace(WHOLE, charged=7), replace(WHOLE, refunded=73), replace(WHOLE, documents=5)],
)
def test_a_receipt_that_does_not_add_up_is_never_shown(wrong: Task) -> None:
    """T3."""
    with pytest.raises(AssertionError):
        receipt(wrong, groups_of(AUTO, WHOLE, FATES))

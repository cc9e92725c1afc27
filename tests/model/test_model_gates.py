"""Worked examples of prices, gates, quotes and keys (P2, P3, T1, K1)."""

from dataclasses import replace

import pytest

from tests.model.model_results import Quote, Refusal, Success
from tests.model.model_scene import Scene


@pytest.mark.parametrize(
    ("kind", "scope", "mode", "fields", "reserved"),
    [
        ("SCAN", "SINGLE", "VIDEO", 1, 0),
        ("SCAN", "BULK", "AUDIO", 1, 10),
        ("SCAN", "BULK", "VIDEO", 1, 20),
        ("MULTI_CODE", "SINGLE", "TEXT", 8, 8),
        ("MULTI_CODE", "BULK", "IMAGE", 8, 12),
        ("MULTI_CODE", "BULK", "AUDIO", 8, 17),
        ("MULTI_CODE", "SINGLE", "VIDEO", 8, 27),
        ("MULTI_CODE", "BULK", "AUTO", 8, 27),
    ],
)
def test_a_document_reserves_the_price_of_its_kind_mode_and_fields(
    kind: str, scope: str, mode: str, fields: int, reserved: int
) -> None:
    """P2, in the words of the price list."""
    scene = Scene("PRO")
    assert scene.task(scene.created(1, mode, kind=kind, scope=scope, fields=fields)).reserved == reserved


def test_the_gates_name_the_cheapest_plan_that_passes_all_of_them() -> None:
    """T1: in the order feature, bulk limit, tokens."""
    starter = Scene()
    assert starter.refused(1_001, "TEXT") == Refusal(
        "BULK_LIMIT_EXCEEDED", limit=1_000, minimum_tier="PRO", may_upgrade=True
    )
    assert starter.refused(10_001, "TEXT") == Refusal(
        "BULK_LIMIT_EXCEEDED", limit=1_000, minimum_tier="BUSINESS", may_upgrade=True
    )
    feature = Refusal("FEATURE_NOT_IN_PLAN", feature="MULTI_CODE", minimum_tier="PRO", may_upgrade=True)
    assert starter.refused(1, "TEXT", kind="MULTI_CODE", scope="SINGLE") == feature
    assert starter.refused(5_000, "IMAGE", kind="MULTI_CODE") == replace(feature, minimum_tier="BUSINESS")
    lacking = Refusal(
        "INSUFFICIENT_TOKENS", required=12_000, balance=1_000, missing=11_000, minimum_tier="BUSINESS",
        may_upgrade=True, overage_left=0,
    )  # fmt: skip
    assert starter.refused(600, "VIDEO") == lacking


def test_tokens_held_by_running_tasks_count_against_a_better_plan() -> None:
    """T1: cap + purchased - held; 10,000 - 901 is not enough for 9,100."""
    scene = Scene()
    scene.leave_balance(99)
    assert scene.refused(455, "VIDEO").minimum_tier == "BUSINESS"
    assert scene.refused(454, "VIDEO").minimum_tier == "PRO"


def test_a_quote_splits_what_the_balance_lacks_into_overage() -> None:
    """T5; nothing changes."""
    scene = Scene(overage=True)
    before = scene.seen
    assert scene.quote(60, "VIDEO") == Quote(1_200, 200, None)
    assert scene.seen == before


def test_a_ceiling_counts_what_is_settled_in_the_cycle_and_what_running_tasks_set_aside() -> None:
    """T5: 10 charged beyond the balance and 20 set aside leave 70 of 100; an upgrade begins a cycle, with 80 left."""
    scene = Scene(overage=True)
    scene.set_ceiling(100)
    for documents in (1_000, 10):
        scene.succeed(scene.created(documents, "TEXT"), documents)
    scene.created(20, "TEXT")
    refused = scene.refused(71, "TEXT")
    assert (refused.missing, refused.overage_ceiling, refused.overage_left) == (71, 100, 70)
    assert (scene.refused(505, "VIDEO").minimum_tier, scene.refused(504, "VIDEO").minimum_tier) == ("BUSINESS", "PRO")
    assert scene.quote(70, "TEXT") == Quote(70, 70, None)


def test_a_key_answers_as_it_first_did() -> None:
    """K1: another input is a conflict, another caller a task of its own, a refusal is forgotten."""
    scene = Scene()
    assert scene.create(2_000, "TEXT", key="again") == Refusal(
        "BULK_LIMIT_EXCEEDED", limit=1_000, minimum_tier="PRO", may_upgrade=True
    )
    assert scene.create(900, "TEXT", key="again") == Success("A", 1)
    assert scene.create(900, "TEXT", key="again") == Success("A", 1)
    assert scene.create(100, "TEXT", key="again") == Refusal("IDEMPOTENCY_CONFLICT")
    assert scene.create(0, "TEXT", key="again") == Refusal("INVALID_INPUT", field="documentCount")
    assert scene.create(100, "TEXT", key="again", caller="another client") == Success("A", 2)
    assert [task.documents for task in scene.seen.tasks] == [900, 100]


@pytest.mark.parametrize(
    ("kind", "scope", "documents", "fields", "field"),
    [
        ("SCAN", "BULK", 2**53 - 1, 1, None),
        ("SCAN", "BULK", 2**53, 1, "documentCount"),
        ("SCAN", "BULK", 0, 1, "documentCount"),
        ("SCAN", "BULK", 1, 2, "activeFields"),
        ("SCAN", "SINGLE", 2, 1, "documentCount"),
        ("MULTI_CODE", "BULK", 1, 8, None),
        ("MULTI_CODE", "BULK", 1, 9, "activeFields"),
        ("MULTI_CODE", "BULK", 1, 0, "activeFields"),
        ("MULTI_CODE", "BULK", 2**53 - 1, 2, "documentCount"),
    ],
)
def test_a_task_of_impossible_size_is_invalid_input(
    kind: str, scope: str, documents: int, fields: int, field: str | None
) -> None:
    """P2, P3: on the plan without limits, so that nothing else refuses it."""
    answer = Scene("ENTERPRISE").create(documents, "TEXT", kind=kind, scope=scope, fields=fields)
    assert answer == (Refusal("INVALID_INPUT", field=field) if field else Success("A", 1))


@pytest.mark.parametrize(
    ("documents", "key", "field"),
    [
        (10_000, "k" * 255, None),
        (10_001, "k", "documentIds"),
        (1, "k" * 256, "idempotencyKey"),
    ],
)
def test_a_report_has_limits(documents: int, key: str, field: str | None) -> None:
    """T4, K1."""
    scene = Scene("ENTERPRISE")
    scene.created(20_000, "TEXT")
    answer = scene.report(1, ("SKIPPED", None, [f"{n}" + "é" * 59 for n in range(documents)]), key=key)
    assert answer == (Refusal("INVALID_INPUT", field=field) if field else Success("A", 1))

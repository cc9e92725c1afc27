"""Worked examples of changes of plan that are refused, and of who may make them (C2, C3, C7, C9, T1)."""

import pytest

from tests.model.model_results import Refusal
from tests.model.model_scene import Scene, eastern


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("upgrade", {"tier": "PRO"}, "PLAN_CHANGE_REFUSED"),
        ("upgrade", {"tier": "STARTER"}, "PLAN_CHANGE_REFUSED"),
        ("schedule_downgrade", {"tier": "PRO"}, "PLAN_CHANGE_REFUSED"),
        ("schedule_downgrade", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
        ("cancel_downgrade", {}, "PLAN_CHANGE_REFUSED"),
        ("activate", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
        ("reactivate", {"tier": "BUSINESS"}, "PLAN_CHANGE_REFUSED"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(method: str, arguments: dict[str, str], code: str) -> None:
    """C2, C3: and nothing changes."""
    scene = Scene("PRO")
    before = scene.seen
    assert scene.change(method, **arguments) == Refusal(code)
    assert scene.seen == before


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("upgrade", {"tier": "BUSINESS"}),
        ("schedule_downgrade", {"tier": "STARTER"}),
        ("cancel_downgrade", {}),
        ("deactivate", {}),
        ("buy", {"tokens": 5}),
    ],
)
def test_a_deactivated_case_can_only_be_reactivated(method: str, arguments: dict[str, object]) -> None:
    """C3."""
    scene = Scene("PRO")
    scene.must("deactivate")
    assert scene.change(method, **arguments) == Refusal("CASE_NOT_ACTIVE")
    assert scene.change("activate", tier="PRO") == Refusal("PLAN_CHANGE_REFUSED")
    scene.must("reactivate", tier="STARTER")
    assert scene.tank == (1_000, 0, 0)


def test_the_prompt_is_switched_off_for_everyone_and_the_plan_manager_is_not() -> None:
    """C9."""
    scene = Scene("STARTER")
    scene.must("upgrade", tier="PRO", origin="PROMPT")
    scene.model.set_settings(case="A", overage=None, auto_upgrade=False, at=scene.now, caller="client", key="off")
    assert scene.change("upgrade", tier="BUSINESS", origin="PROMPT") == Refusal("FORBIDDEN")
    scene.must("upgrade", tier="BUSINESS", origin="SETTINGS")


def test_monthly_invoices_are_for_contracted_organizations() -> None:
    """C7."""
    scene = Scene("STARTER")
    scene.must("deactivate")
    assert scene.change("reactivate", tier="PRO", payment_method="MONTHLY_INVOICE") == Refusal(
        "INVOICING_NOT_CONTRACTED"
    )
    assert Scene("PRO", payment_method="MONTHLY_INVOICE").seen.subscription is not None


def test_the_cheapest_plan_that_helps_counts_what_is_already_free() -> None:
    """T1, L5: 70,000 held from Enterprise leave no room on Business, but nothing is taken either: 5,000 are bought."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("buy", tokens=5_000)
    scene.must("upgrade", tier="ENTERPRISE")
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 2, 23))
    scene.created(70_000, "TEXT")
    assert scene.until(eastern(2026, 4, 3)).tank == (5_000, 70_000, 5_000)
    assert scene.refused(1_001, "TEXT").minimum_tier == "PRO"
    scene.must("upgrade", tier="PRO")
    assert scene.tank == (5_000, 70_000, 5_000)
    scene.created(1_001, "TEXT")

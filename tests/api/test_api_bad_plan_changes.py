"""Changes of plan that are not possible: a typed refusal in both languages, and nothing has changed."""

from typing import Any

import pytest

from tests.api.conftest import FRENCH, Api, Json, input_of

PAID = {"tier": "PRO", "paymentMethod": "CARD"}
NOT_ACTIVE = (
    "This case is not active. Activate it on a plan first.",
    "Ce dossier n’est pas actif. Activez-le d’abord avec un forfait.",
)
NOT_UP = (
    "An upgrade goes to a larger plan than the present one.",
    "On ne peut passer qu’à un forfait supérieur au forfait actuel.",
)
NOT_DOWN = (
    "A downgrade goes to a smaller plan than the present one.",
    "On ne peut revenir qu’à un forfait inférieur au forfait actuel.",
)
ALREADY = (
    "This case is already active. Change its plan instead.",
    "Ce dossier est déjà actif. Modifiez plutôt son forfait.",
)
NEVER = ("This case was never active. Activate it instead.", "Ce dossier n’a jamais été actif. Activez-le plutôt.")
BEFORE = (
    "This case was active before. Reactivate it instead.",
    "Ce dossier a déjà été actif. Réactivez-le plutôt.",
)
NOTHING = (
    "No downgrade is scheduled that could be cancelled.",
    "Aucun passage à un forfait inférieur n’est prévu, il n’y a donc rien à annuler.",
)
UNLIMITED = (
    "This plan has unlimited tokens: there is nothing to buy.",
    "Ce forfait a des jetons illimités\u00a0: il n’y a rien à acheter.",
)


async def refused(api: Api, case: Json, mutation: str, messages: tuple[str, str], kind: str, **given: Any) -> None:
    """In both languages, and the case is as it was."""
    before = await api.state(case)
    code = {"CaseNotActive": "CASE_NOT_ACTIVE", "PlanChangeRefused": "PLAN_CHANGE_REFUSED"}[kind]
    for language, message in zip((None, FRENCH), messages, strict=True):
        answer = await api.change(mutation, caseId=case["id"], language=language, **given)
        assert answer == {"__typename": kind, "code": code, "message": message}
    assert await api.state(case) == before


@pytest.mark.parametrize("tier", ["STARTER", "PRO"])
async def test_an_upgrade_goes_up(api: Api, tier: str) -> None:
    await refused(api, await api.active(), "upgradePlan", NOT_UP, "PlanChangeRefused", tier=tier)


@pytest.mark.parametrize("tier", ["PRO", "BUSINESS", "ENTERPRISE"])
async def test_a_downgrade_goes_down(api: Api, tier: str) -> None:
    await refused(api, await api.active(), "scheduleDowngrade", NOT_DOWN, "PlanChangeRefused", tier=tier)


async def test_only_a_scheduled_downgrade_is_cancelled(api: Api) -> None:
    case = await api.active()
    await refused(api, case, "cancelScheduledDowngrade", NOTHING, "PlanChangeRefused")
    await api.change("scheduleDowngrade", caseId=case["id"], tier="STARTER")
    await api.change("cancelScheduledDowngrade", caseId=case["id"])
    await refused(api, case, "cancelScheduledDowngrade", NOTHING, "PlanChangeRefused")


@pytest.mark.parametrize("deactivated", [False, True])
async def test_a_case_without_a_plan_has_none_to_change(api: Api, deactivated: bool) -> None:
    case = await (api.active() if deactivated else api.registered())
    if deactivated:
        await api.change("deactivateCase", caseId=case["id"])
    for mutation, given in (
        ("upgradePlan", {"tier": "ENTERPRISE"}),
        ("scheduleDowngrade", {"tier": "STARTER"}),
        ("cancelScheduledDowngrade", {}),
        ("deactivateCase", {}),
        ("buyTokens", {"tokens": 1}),
    ):
        await refused(api, case, mutation, NOT_ACTIVE, "CaseNotActive", **given)
    other, messages = ("activateCase", BEFORE) if deactivated else ("reactivateCase", NEVER)
    await refused(api, case, other, messages, "PlanChangeRefused", **PAID)


async def test_an_active_case_is_not_activated_again(api: Api) -> None:
    case = await api.active()
    for mutation in ("activateCase", "reactivateCase"):
        await refused(api, case, mutation, ALREADY, "PlanChangeRefused", **PAID)


async def test_nothing_is_bought_for_an_unlimited_reservoir(api: Api) -> None:
    await refused(api, await api.active("ENTERPRISE"), "buyTokens", UNLIMITED, "PlanChangeRefused", tokens=1)


@pytest.mark.parametrize("tokens", [0, -1, 100_000_001, 2**53 - 1, -(2**53) + 1])
async def test_tokens_are_bought_in_a_sensible_number(api: Api, tokens: int) -> None:
    case = await api.active()
    before = await api.state(case)
    messages = (
        "Buy 1 to 100,000,000 tokens at a time, and no more than the reservoir can count.",
        "Achetez de 1 à 100\u00a0000\u00a0000 jetons à la fois, sans dépasser ce que le réservoir peut compter.",
    )
    for language, message in zip((None, FRENCH), messages, strict=True):
        expected = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "tokens"}
        assert await api.change("buyTokens", caseId=case["id"], tokens=tokens, language=language) == expected
    assert await api.state(case) == before


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("BuyTokensInput", {"tokens": 1.5}),
        ("BuyTokensInput", {"tokens": "1"}),
        ("BuyTokensInput", {"tokens": None}),
        ("ChangePlanInput", {"tier": "GOLD"}),
        ("ChangePlanInput", {"tier": "PRO", "origin": "MAIL"}),
        ("ChangePlanInput", {"tier": "PRO", "origin": None}),
        ("ChangePlanInput", {}),
    ],
)
async def test_what_the_type_system_refuses_is_a_request_error(api: Api, kind: str, given: Json) -> None:
    case = await api.active()
    mutation = "buyTokens" if kind == "BuyTokensInput" else "upgradePlan"
    query = f"mutation M($input: {kind}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    response = await api.post(query, {"input": {"idempotencyKey": "k", "caseId": case["id"], **given}})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_USER_INPUT"})


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("createTestClock", {"now": "2026-03-03T10:00:00"}),
        ("createTestClock", {"now": None}),
        ("advanceTestClock", {"id": "1", "to": "tomorrow"}),
        ("advanceTestClock", {"id": None, "to": "2026-03-03T10:00:00Z"}),
    ],
)
async def test_an_instant_has_an_offset(api: Api, mutation: str, given: Json) -> None:
    query = f"mutation M($input: {input_of(mutation)}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    response = await api.post(query, {"input": {"idempotencyKey": "k", **given}})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_USER_INPUT"})

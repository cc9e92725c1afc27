"""The ceiling on overage over GraphQL: set, removed, and told by whom it stops (T1, T5)."""

import pytest

from tests.api.conftest import FRENCH, QUOTE, Api, Json, group


async def limited(api: Api, ceiling: int) -> Json:
    """A case with an empty tank, overage on."""
    case = await api.active("STARTER", overage=True)
    await api.drain(case, 1_000)
    await api.change("updateCaseSettings", caseId=case["id"], overageCeiling=ceiling)
    return case


async def test_a_ceiling_is_set_kept_and_removed(api: Api) -> None:
    case = await api.active("PRO")
    for given, expected in (
        ({"overageCeiling": 500}, 500),
        ({"overageEnabled": True}, 500),
        ({"overageCeiling": None}, 500),
        ({"overageCeiling": 0}, 0),
        ({"removeOverageCeiling": False}, 0),
        ({"removeOverageCeiling": True}, None),
    ):
        result = await api.change("updateCaseSettings", caseId=case["id"], **given)
        assert result["case"]["settings"]["overageCeiling"] == expected, given
        assert (await api.state(case))["settings"]["overageCeiling"] == expected


@pytest.mark.parametrize(
    ("given", "language", "message"),
    [
        ({"overageCeiling": -1}, None, "A ceiling on overage is 0 to 9,007,199,254,740,991 tokens a cycle."),
        ({"overageCeiling": 5, "removeOverageCeiling": True}, None, "Either set the ceiling on overage or remove it."),
        ({"overageCeiling": 5, "removeOverageCeiling": True}, FRENCH,
         "Fixez la limite d’utilisation excédentaire ou retirez-la, pas les deux."),
    ],
)  # fmt: skip
async def test_a_ceiling_that_is_none_changes_nothing(
    api: Api, given: Json, language: str | None, message: str
) -> None:
    case = await api.active("PRO")
    result = await api.change("updateCaseSettings", caseId=case["id"], language=language, **given)
    assert result == {
        "__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "overageCeiling",
    }  # fmt: skip
    assert (await api.state(case))["settings"] == case["settings"]


async def test_a_task_beyond_the_ceiling_is_refused_with_what_is_left(api: Api) -> None:
    """T5: 100 in a cycle, of which 40 are settled and 30 set aside; the quote says the same."""
    case = await limited(api, 100)
    settled = await api.task(case, "TEXT", 40)
    await api.report(settled, group("SUCCEEDED", *map(str, range(40))))
    await api.finish(settled)
    await api.task(case, "TEXT", 30)
    refused = await api.create(case, "TEXT", 31)
    assert refused == {
        "__typename": "InsufficientTokens", "code": "INSUFFICIENT_TOKENS", "required": 31, "balance": 0, "missing": 31,
        "lowest": "PRO", "nextRefillAt": None, "mayUpgrade": True, "overageCeiling": 100, "overageLeft": 30,
        "message": "This task reserves 31 tokens. 31 tokens are missing. It would go 1 token beyond the ceiling on "
        "overage; 30 of 100 are left in this cycle. It would run on the Pro plan.",
    }  # fmt: skip
    task = {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 31}
    quote = (await api.ask(QUOTE, input=task))["quote"]
    assert quote == {"reservedTokens": 31, "overageTokens": 0, "blockedBy": refused}
    french = await api.create(case, "TEXT", 31, language=FRENCH)
    assert french["message"] == (
        "Cette tâche réserve 31 jetons. Il manque 31 jetons. "
        "Elle dépasserait de 1 jeton la limite d’utilisation excédentaire; il en reste 30 sur 100 pour ce cycle. "
        "Cette tâche pourrait s’exécuter avec le forfait Pro."
    )
    assert (await api.task(case, "TEXT", 30))["reservedTokens"] == 30

"""Cases: registered, activated, set up, found by id and by UUID, and everything that has an id."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import CASE, ENTRY, TASK, Api, Json, group

FIND = f"""query Find($id: ID, $uuid: UUID) {{ case(id: $id, uuid: $uuid) {{ {CASE} }} }}"""
FULL: dict[str, Json] = {
    "STARTER": {"balance": 1_000, "cap": 1_000, "fill": 1.0, "nextRefill": None},
    "PRO": {
        "balance": 10_000,
        "cap": 10_000,
        "fill": 1.0,
        "nextRefill": {"at": "2026-03-04T14:00:00+00:00", "tokens": 0},
    },
    "BUSINESS": {
        "balance": 50_000,
        "cap": 50_000,
        "fill": 1.0,
        "nextRefill": {"at": "2026-03-04T14:00:00+00:00", "tokens": 0},
    },
    "ENTERPRISE": {"balance": None, "cap": None, "fill": None, "nextRefill": None},
}


async def test_a_registered_case_is_empty_and_belongs_to_its_organization(api: Api) -> None:
    uuid, nuix_id = str(uuid4()), str(uuid4())
    result = await api.change(
        "registerCase", uuid=uuid.upper(), name="Tremblay c. Énergie 🔥", organizationNuixId=nuix_id,
        organizationName="Marchand & Lowe", portalUrl="HTTPS://Portal.Example.com/",
    )  # fmt: skip
    case = result["case"]
    assert case.pop("id").startswith("case_")
    assert case["organization"].pop("id").startswith("org_")
    assert case == {
        "uuid": uuid,
        "name": "Tremblay c. Énergie 🔥",
        "status": "NOT_ACTIVATED",
        "activatedAt": None,
        "organization": {"nuixId": nuix_id, "name": "Marchand & Lowe", "monthlyInvoicing": False},
        "reservoir": {
            "balance": 0, "held": 0, "purchased": 0, "cap": 0, "fill": 0.0, "nextRefill": None, "addedSinceLastVisit": 0
        },
        "settings": {"overageEnabled": False, "autoUpgradeAllowed": True, "overageCeiling": None},
        "testClock": None,
    }  # fmt: skip


async def test_two_spellings_of_a_portal_are_one_portal(api: Api) -> None:
    first = await api.registered(organization="spelled", portal="https://one.example.com")
    second = await api.registered(organization="spelled", portal="HTTPS://One.Example.COM/")
    other = await api.registered(organization="spelled", portal="https://two.example.com")
    assert first["organization"]["id"] == second["organization"]["id"] != other["organization"]["id"]


@pytest.mark.parametrize("tier", FULL)
async def test_activation_fills_the_reservoir_to_the_cap(api: Api, tier: str) -> None:
    """L5, L7: one entry; none for Enterprise, which has nothing to fill."""
    case = await api.active(tier)
    assert (case["status"], case["activatedAt"]) == ("ACTIVE", "2026-03-03T15:00:00+00:00")
    assert case["reservoir"] == {**FULL[tier], "held": 0, "purchased": 0, "addedSinceLastVisit": 0}
    ledger = (await api.state(case))["ledger"]
    assert [edge["node"]["kind"] for edge in ledger["edges"]] == ["ACTIVATION_FILL"] * (tier != "ENTERPRISE")


async def test_each_setting_changes_alone(api: Api) -> None:
    case = await api.active("PRO")
    for given, expected in (
        ({"overageEnabled": True}, (True, True)),
        ({"autoUpgradeAllowed": False}, (True, False)),
        ({"overageEnabled": None, "autoUpgradeAllowed": None}, (True, False)),
        ({}, (True, False)),
        ({"overageEnabled": False, "autoUpgradeAllowed": True}, (False, True)),
    ):
        settings = (await api.change("updateCaseSettings", caseId=case["id"], **given))["case"]["settings"]
        assert (settings["overageEnabled"], settings["autoUpgradeAllowed"]) == expected
        assert (await api.state(case))["settings"] == settings


async def test_settings_can_be_changed_before_activation(api: Api) -> None:
    case = await api.registered()
    changed = await api.change("updateCaseSettings", caseId=case["id"], overageEnabled=True)
    assert changed["case"]["settings"]["overageEnabled"] is True


async def test_a_case_is_found_by_its_id_or_its_uuid_but_not_by_both(api: Api) -> None:
    case = await api.active("PRO")
    found = [await api.ask(FIND, id=case["id"]), await api.ask(FIND, uuid=case["uuid"].upper())]
    assert found == [{"case": case}] * 2
    assert await api.ask(FIND, uuid=str(uuid4())) == {"case": None}
    english = ("INVALID_INPUT", "Give either the id or the UUID of a case.")
    given: list[dict[str, Any]] = [{}, {"id": None, "uuid": None}, {"id": case["id"], "uuid": case["uuid"]}]
    for wrong in given:
        assert await api.failure(FIND, **wrong) == english
    french = ("INVALID_INPUT", "Indiquez soit l’identifiant, soit l’UUID d’un dossier.")
    assert await api.failure(FIND, language="fr", **given[0]) == french


async def node(api: Api, node_id: str, kind: str, selection: str) -> Json:
    query = f"query Node($id: ID!) {{ node(id: $id) {{ __typename ... on {kind} {{ {selection} }} }} }}"
    found: Json = (await api.ask(query, id=node_id))["node"]
    assert found.pop("__typename") == kind
    return found


async def test_every_kind_of_node_is_found_by_its_id(api: Api) -> None:
    case = await api.active("PRO")
    task = await api.task(case, "AUTO", 3, name="Première")
    reported = (await api.report(task, group("SUCCEEDED", "a", mode="VIDEO")))["task"]
    assert reported["name"] == "Première"
    assert await node(api, task["id"], "Task", TASK) == reported
    assert await api.ask(f"query Q($id: ID!) {{ task(id: $id) {{ {TASK} }} }}", id=task["id"]) == {"task": reported}
    organization = await node(api, case["organization"]["id"], "Organization", "id nuixId name monthlyInvoicing")
    assert organization == case["organization"]
    state = await api.state(case)
    found = await node(api, case["id"], "Case", CASE)
    assert found == {name: state[name] for name in found}
    for edge in state["ledger"]["edges"]:
        assert await node(api, edge["node"]["id"], "LedgerEntry", ENTRY) == edge["node"]


async def test_the_ledger_sums_to_the_reservoir_at_every_moment(api: Api) -> None:
    """L1; T5 with provisional overage; each entry names who caused it."""
    case = await api.active("STARTER", overage=True)
    task = await api.task(case, "AUTO", 60)
    await api.report(task, group("SUCCEEDED", *map(str, range(55)), mode="VIDEO"), group("SKIPPED", "s"))
    await api.finish(task)
    state = await api.state(case)
    entries = [edge["node"] for edge in reversed(state["ledger"]["edges"])]
    balance = held = 0
    for number, entry in enumerate(entries, 1):
        balance += entry["balanceChange"]
        held += entry["heldChange"]
        assert (entry["sequence"], entry["balanceAfter"], entry["heldAfter"]) == (number, balance, held)
        assert entry["actor"].startswith("caller ")
    assert (state["reservoir"]["balance"], state["reservoir"]["held"]) == (balance, held) == (0, 0)
    ended = state["tasks"]["edges"][0]["node"]
    assert (ended["chargedTokens"], ended["overageTokens"], ended["refundedTokens"]) == (1_100, 100, 100)
    assert sum(entry["overageChange"] for entry in entries) == 100
    assert sum(entry["provisionalOverageChange"] for entry in entries) == 0


async def test_a_single_free_scan_is_recorded_and_has_no_entry(api: Api) -> None:
    """T7, T3."""
    case = await api.active("STARTER")
    before = await api.state(case)
    for mode in ("AUTO", "VIDEO"):
        task = await api.task(case, mode, 1, scope="SINGLE")
        await api.report(task, group("SUCCEEDED", "a", mode="VIDEO" if mode == "AUTO" else None))
        ended = (await api.finish(task))["task"]
        assert (ended["status"], ended["succeeded"], ended["reservedTokens"], ended["chargedTokens"]) == (
            "COMPLETED", 1, 0, 0,
        )  # fmt: skip
    after = await api.state(case)
    assert after["tasks"]["totalCount"] == 2
    assert (after["ledger"], after["reservoir"], after["month"]) == (
        before["ledger"], before["reservoir"], before["month"],
    )  # fmt: skip

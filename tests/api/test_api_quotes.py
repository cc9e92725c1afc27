"""What a quote says is what createTask then does; asking changes nothing."""

import itertools

import pytest

from app.services.ports import Ports
from tests.api.conftest import QUOTE, Api, Json
from tests.stage import Clock

RATES = {"AUTO": 20, "TEXT": 1, "IMAGE": 5, "AUDIO": 10, "VIDEO": 20}
SCANS = [("SCAN", scope, mode, 1, 1) for scope in ("SINGLE", "BULK") for mode in RATES]
CODES = [
    ("MULTI_CODE", scope, mode, fields, 1) for scope in ("SINGLE", "BULK") for mode in RATES for fields in (1, 3, 8)
]


async def quoted(api: Api, case: Json, kind: str, scope: str, mode: str, fields: int, documents: int) -> Json:
    task = {"caseId": case["id"], "kind": kind, "scope": scope, "mode": mode, "documentCount": documents}
    quote: Json = (await api.ask(QUOTE, input={**task, "activeFields": fields}))["quote"]
    return quote


async def test_every_kind_of_document_reserves_what_it_was_quoted(api: Api) -> None:
    """P2."""
    case = await api.active("BUSINESS")
    for kind, scope, mode, fields, documents in SCANS + CODES:
        rate = 0 if (kind, scope) == ("SCAN", "SINGLE") else RATES[mode] + fields - 1
        quote = await quoted(api, case, kind, scope, mode, fields, documents)
        assert quote == {"reservedTokens": rate, "overageTokens": 0, "blockedBy": None}
        task = await api.task(case, mode, documents, kind=kind, scope=scope, activeFields=fields)
        assert (task["reservedTokens"], task["heldTokens"]) == (rate, rate)
        assert (task["kind"], task["scope"], task["mode"], task["activeFields"]) == (kind, scope, mode, fields)


GATED = [
    ("STARTER", "MULTI_CODE", "TEXT", 1), ("STARTER", "MULTI_CODE", "TEXT", 20_000), ("STARTER", "SCAN", "TEXT", 1_001),
    ("STARTER", "SCAN", "TEXT", 1_000), ("STARTER", "SCAN", "AUTO", 51), ("PRO", "SCAN", "TEXT", 10_001),
    ("PRO", "SCAN", "VIDEO", 501), ("PRO", "SCAN", "VIDEO", 10_000), ("BUSINESS", "SCAN", "TEXT", 100_001),
    ("BUSINESS", "SCAN", "VIDEO", 2_501), ("PRO", "SCAN", "TEXT", 9_999), ("ENTERPRISE", "MULTI_CODE", "AUTO", 10**9),
]  # fmt: skip


@pytest.mark.parametrize("overage", [False, True])
@pytest.mark.parametrize(("tier", "kind", "mode", "documents"), GATED)
async def test_what_blocks_a_quote_refuses_the_task(
    api: Api, tier: str, kind: str, mode: str, documents: int, overage: bool
) -> None:
    """T1: word for word, on a tank of which a part is held."""
    case = await api.active(tier, overage=overage)
    await api.task(case, "TEXT", 10)
    before = await api.state(case)
    quote = await quoted(api, case, kind, "BULK", mode, 1, documents)
    assert quote["reservedTokens"] == documents * RATES[mode]
    assert await api.state(case) == before
    result = await api.create(case, mode, documents, kind=kind)
    if quote["blockedBy"] is not None:
        assert result == quote["blockedBy"]
        assert quote["overageTokens"] == 0
        assert await api.state(case) == before
    else:
        assert result["task"]["reservedTokens"] == quote["reservedTokens"]
        reserve = (await api.state(case))["ledger"]["edges"][0]["node"]
        assert reserve["provisionalOverageChange"] == quote["overageTokens"]
        within = quote["reservedTokens"] - quote["overageTokens"]
        assert (reserve["balanceChange"], reserve["heldChange"]) == (None if tier == "ENTERPRISE" else -within, within)


@pytest.mark.parametrize(
    ("tier", "kind", "mode", "documents", "lowest"),
    [
        ("STARTER", "SCAN", "AUTO", 51, "PRO"),
        ("STARTER", "SCAN", "VIDEO", 501, "BUSINESS"),
        ("STARTER", "SCAN", "TEXT", 1_000, "PRO"),
        ("STARTER", "MULTI_CODE", "VIDEO", 501, "BUSINESS"),
        ("STARTER", "SCAN", "VIDEO", 1_001, "BUSINESS"),
        ("STARTER", "SCAN", "VIDEO", 2_501, "ENTERPRISE"),
        ("PRO", "SCAN", "TEXT", 10_001, "BUSINESS"),
        ("BUSINESS", "SCAN", "TEXT", 50_000, "ENTERPRISE"),
        ("BUSINESS", "SCAN", "TEXT", 100_001, "ENTERPRISE"),
    ],
)
async def test_the_tier_named_passes_every_gate(
    api: Api, tier: str, kind: str, mode: str, documents: int, lowest: str
) -> None:
    """T1: feature, limit and tank of the tier above, of which the one token held now stays held."""
    case = await api.active(tier)
    await api.task(case, "TEXT", 1)
    refused = await api.create(case, mode, documents, kind=kind)
    assert refused["lowest" if refused["__typename"] == "InsufficientTokens" else "minimumTier"] == lowest


async def test_held_tokens_can_rule_out_the_next_tier(api: Api) -> None:
    """T1: cap - held >= required: 50,000 of Business less 1 held is too little for 50,000."""
    case = await api.active("PRO")
    await api.task(case, "TEXT", 1)
    assert (await api.create(case, "IMAGE", 10_000))["lowest"] == "ENTERPRISE"
    other = await api.active("PRO")
    assert (await api.create(other, "IMAGE", 10_000))["lowest"] == "BUSINESS"


async def test_nobody_is_told_to_upgrade_where_the_case_does_not_allow_it(api: Api) -> None:
    """C9: off, mayUpgrade is false; the tier is still named."""
    case = await api.active("STARTER")
    await api.change("updateCaseSettings", caseId=case["id"], autoUpgradeAllowed=False)
    for kind, mode, documents in (("SCAN", "AUTO", 51), ("SCAN", "TEXT", 1_001), ("MULTI_CODE", "TEXT", 1)):
        refused = await api.create(case, mode, documents, kind=kind)
        assert refused["mayUpgrade"] is False
        assert refused.get("minimumTier", refused.get("lowest")) == "PRO"


async def test_the_next_refill_is_named_where_there_is_one(api: Api, ports: Ports, clock: Clock) -> None:
    """L4: activated at 10:00 on 3 March, so that its date is done; from 09:00 on the next date is meant."""
    pro, starter = await api.active("PRO"), await api.active("STARTER")
    assert (await api.create(starter, "TEXT", 1_000, idempotencyKey="1"))["__typename"] == "TaskSuccess"
    assert (await api.create(starter, "TEXT", 1))["nextRefillAt"] is None
    await api.task(pro, "TEXT", 1)
    expected = itertools.chain(["2026-03-04T14:00:00+00:00"] * 2, ["2026-03-05T14:00:00+00:00"])
    for hours in (0, 22, 1):
        clock.pass_(hours=hours)
        at = next(expected)
        assert (await api.create(pro, "IMAGE", 10_000))["nextRefillAt"] == at
        assert (await api.state(pro))["reservoir"]["nextRefill"] == {"at": at, "tokens": 0}

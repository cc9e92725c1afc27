"""Plans and the rate card equal what was published."""

from typing import Any

from tests.api.conftest import Api

STARTER = ["SINGLE_DOCUMENT_SCANS", "AGENT_MODE", "SCAN_HISTORY"]
PRO = ["MULTIPLE_AGENT_THREADS", "CASE_CONTEXT", "VISUAL_SCANS", "MULTI_CODE"]
BUSINESS = ["ECA"]
ENTERPRISE = ["PRIORITY_COMPUTE", "DEDICATED_SUPPORT"]

PLANS: list[tuple[Any, ...]] = [
    # tier, name, price, cap, refill, ceiling, bulk limit, threads, features, unlocks (P3: visual scans are no news)
    ("STARTER", "Starter", "49.00", 1_000, 0, 1_000, 1_000, 10, STARTER, STARTER),
    ("PRO", "Pro", "499.00", 10_000, 500, 25_000, 10_000, None, STARTER + PRO,
     ["MULTIPLE_AGENT_THREADS", "CASE_CONTEXT", "MULTI_CODE"]),
    ("BUSINESS", "Business", "4999.00", 50_000, 7_500, 275_000, 100_000, None, STARTER + PRO + BUSINESS, BUSINESS),
    ("ENTERPRISE", "Enterprise", "29999.00", None, None, None, None, None, STARTER + PRO + BUSINESS + ENTERPRISE,
     ENTERPRISE),
]  # fmt: skip

RATES = {"TEXT": 1, "IMAGE": 5, "AUDIO": 10, "VIDEO": 20}


async def test_the_plans_are_those_that_are_sold(api: Api) -> None:
    """P1: unlimited is null; names are the same in both languages."""
    query = """{ plans { tier name monthlyPrice { amount currency } reservoirCap dailyRefill monthlyCeiling
        bulkTaskLimit savedThreadLimit features unlocks french: name(locale: FR) } }"""
    assert (await api.ask(query))["plans"] == [
        {
            "tier": tier,
            "name": name,
            "monthlyPrice": {"amount": price, "currency": "CAD"},
            "reservoirCap": cap,
            "dailyRefill": refill,
            "monthlyCeiling": ceiling,
            "bulkTaskLimit": limit,
            "savedThreadLimit": threads,
            "features": features,
            "unlocks": unlocks,
            "french": name,
        }
        for tier, name, price, cap, refill, ceiling, limit, threads, features, unlocks in PLANS
    ]


async def test_a_plan_is_described_in_the_language_of_its_argument(api: Api) -> None:
    """Whatever the header says; English where there is no argument."""
    query = "{ plans { default: description english: description(locale: EN) french: description(locale: FR) } }"
    for plan in (await api.ask(query, language="fr"))["plans"]:
        assert plan["default"] == plan["english"] != plan["french"]
    assert plan["english"] == "Unlimited tokens with priority compute and dedicated support."
    assert plan["french"] == "Jetons illimités, traitement prioritaire et soutien dédié."


async def test_the_rate_card_has_one_line_for_every_kind_scope_and_mode(api: Api) -> None:
    """P2: single scans are free; AUTO reserves the dearest rate; Multi-Code costs the same single or bulk."""
    expected = [
        {
            "kind": kind,
            "scope": scope,
            "mode": mode,
            "reserve": 0 if free else RATES.get(mode, 20),
            "charge": None if mode == "AUTO" else 0 if free else RATES[mode],
            "perExtraField": 1 if kind == "MULTI_CODE" else 0,
            "minimumTier": "PRO" if kind == "MULTI_CODE" else "STARTER",
        }
        for kind in ("SCAN", "MULTI_CODE")
        for scope in ("SINGLE", "BULK")
        for free in [kind == "SCAN" and scope == "SINGLE"]
        for mode in ("AUTO", "TEXT", "IMAGE", "AUDIO", "VIDEO")
    ]
    query = "{ scanRates { kind scope mode reserve charge perExtraField minimumTier } }"
    assert (await api.ask(query))["scanRates"] == expected

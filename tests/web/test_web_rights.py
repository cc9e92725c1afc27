"""Every role reads the same counts and never money (A2)."""

import re

import pytest

from app.domain.callers import Role
from tests.web.page_elements import parsed
from tests.web.page_reader import EN, FR
from tests.web.panel_scenes import Panel
from tests.web.scenes import SCENES

PANEL_ROLES = (Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN)
MONEY = re.compile(r"[$\u20ac\u00a3\u00a2]|\b(CAD|USD|dollars?|cents?|price|prix|tarif)\b", re.IGNORECASE)


SEE_PLANS = {EN: "See plans", FR: "Voir les forfaits"}
INVOICES = {EN: "Invoices", FR: "Factures"}
PLAN_PAGES = ["/settings", "/plan/history"]
PREVIEWS = [
    "/plan/change?tier=STARTER", "/plan/change?tier=BUSINESS", "/plan/deactivate", "/plan/tokens",
    "/plan/tokens?tokens=10",
]  # fmt: skip
PAGES = [
    "", "?month=2026-10", "?mode=VIDEO&documents=9000", "?mode=TEXT&documents=20000", "?kind=MULTI_CODE&documents=3",
    "/tasks", "/tasks/1", "/tasks/7", "/tasks/999", "/ledger", "/ledger?kind=grants", "/explain/balance",
    "/explain/held", "/explain/next-refill", "/explain/consumed", "/explain/plan-tokens", "/explain/nothing",
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
async def test_every_role_reads_the_same_counts_and_never_money(panel: Panel, scene: str) -> None:
    """A2: neither a price nor a currency beside the counts, in either language; admins see the way to the plans.

    But for what a refusal offers: a price for everybody (C9), and other ways out for admins.
    """
    pages: dict[tuple[str, str], set[str]] = {}
    for role in PANEL_ROLES:
        async with panel.visited(scene, role) as person:
            for path in PAGES:
                for language in (EN, FR):
                    body = parsed((await person.get(path, language=language)).text).one("body")
                    read = body.words
                    offered = [way for way in body.all("li") if "data-offer" in way.attributes]
                    for offer in (*body.all(look="prompt"), *offered):
                        read = re.sub(" +", " ", read.replace(offer.words, ""))
                    assert MONEY.search(read) is None, (path, read)
                    assert SEE_PLANS[language] not in read or role is not Role.MEMBER
                    if role is not Role.MEMBER:  # the way to the invoices, which stands above everything else
                        read = read.replace(f"{INVOICES[language]} ", "", 1)
                    pages.setdefault((path, language), set()).add(read.replace(f"{SEE_PLANS[language]} ", ""))
    assert {path: len(seen) for path, seen in pages.items() if len(seen) != 1} == {}


@pytest.mark.parametrize("scene", SCENES)
async def test_a_member_is_shown_no_money_by_any_address(panel: Panel, scene: str) -> None:
    """A2: the plans without their prices, the timeline without its amounts, and no preview."""
    async with panel.visited(scene) as person:
        for path in (*PLAN_PAGES, *PREVIEWS):
            for language in (EN, FR):
                answer = await person.get(path, language=language)
                assert answer.status_code == (403 if path in PREVIEWS else 200), path
                page = parsed(answer.text).one("body")
                assert MONEY.search(page.words) is None, (path, page.words)
                inputs = {each.attributes.get("name") for each in page.all("input")}
                assert inputs == {"next"}, (path, inputs)


@pytest.mark.parametrize("role", [Role.CASE_ADMIN, Role.ORG_ADMIN])
async def test_admins_are_shown_prices_and_changes(panel: Panel, role: Role) -> None:
    async with panel.visited("working", role) as person:
        for path in ("/settings", *PREVIEWS):
            for language in (EN, FR):
                answer = await person.get(path, language=language)
                assert answer.status_code == 200
                assert MONEY.search(parsed(answer.text).one("main").words), path


@pytest.mark.parametrize("scene", SCENES)
async def test_a_page_is_small(panel: Panel, scene: str) -> None:
    async with panel.visited(scene, Role.CASE_ADMIN) as person:
        for path in (*PAGES, *PLAN_PAGES, *PREVIEWS):
            for language in (EN, FR):
                assert len((await person.get(path, language=language)).content) <= 40_000, (path, language)

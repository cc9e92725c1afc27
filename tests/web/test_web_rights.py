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


PAGES = [
    "", "?month=2026-10", "?mode=VIDEO&documents=9000", "?mode=TEXT&documents=20000", "?kind=MULTI_CODE&documents=3",
    "/tasks", "/tasks/1", "/tasks/7", "/tasks/999", "/ledger", "/ledger?kind=grants",
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
async def test_every_role_reads_the_same_counts_and_never_money(panel: Panel, scene: str) -> None:
    """A2: neither a price nor a currency anywhere in the panel, in either language."""
    pages: dict[tuple[str, str], set[str]] = {}
    for role in PANEL_ROLES:
        async with panel.visited(scene, role) as person:
            for path in PAGES:
                for language in (EN, FR):
                    answer = await person.get(path, language=language)
                    money = MONEY.search(parsed(answer.text).one("body").words)
                    assert money is None, (path, money)
                    pages.setdefault((path, language), set()).add(answer.text)
    assert {len(seen) for seen in pages.values()} == {1}


@pytest.mark.parametrize("scene", SCENES)
async def test_a_page_is_small(panel: Panel, scene: str) -> None:
    async with panel.visited(scene) as person:
        for path in PAGES:
            for language in (EN, FR):
                assert len((await person.get(path, language=language)).content) <= 40_000, (path, language)

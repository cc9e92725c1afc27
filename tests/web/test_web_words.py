"""Bought tokens beside the balance, and the list of what the words of a page mean (L3, C6)."""

import pytest

from app.domain.callers import Role, Viewer
from app.services.ports import Ports
from tests.plans import STARTER, Life, registered
from tests.web.page_elements import Element
from tests.web.prompt_pages import person


def beside_the_balance(page: Element) -> list[str]:
    return [each.words for each in page.one("section", id_="hero").all("p", look="soft")]


@pytest.fixture
async def full(ports: Ports, operator: Viewer) -> Life:
    """On Starter with its 1,000 tokens and 2 bought ones."""
    life = await registered(ports, operator)
    await life.activate(STARTER)
    await life.buy(2)
    return life


@pytest.mark.parametrize(
    ("language", "above", "below", "one"),
    [
        ("en", "2 bought tokens above the cap, spent last", "2 bought tokens, spent last",
         "1 bought token, spent last"),
        ("fr", "2 jetons achetés au-dessus du plafond, dépensés en dernier", "2 jetons achetés, dépensés en dernier",
         "1 jeton acheté, dépensé en dernier"),
    ],
)  # fmt: skip
async def test_bought_tokens_stand_above_the_cap_only_where_they_do(
    ports: Ports, full: Life, language: str, above: str, below: str, one: str
) -> None:
    """What running tasks hold is still in the tank (L2)."""
    async with person(ports, full) as visitor:
        task = await full.hold(500)
        assert beside_the_balance(await visitor.read(language=language))[0].startswith(above)
        await full.charge(task, 1)
        assert beside_the_balance(await visitor.read(language=language))[0].startswith(below)
        await full.charge(task, 499, start=1)
        await full.spend_to(1)
        assert beside_the_balance(await visitor.read(language=language))[0].startswith(one)


@pytest.mark.parametrize(
    ("language", "of_invoices", "of_tokens"),
    [
        ("en", ["Plan-date", "Pending", "Credit", "Overage", "Void"], "Daily refill"),
        ("fr", ["Date d’effet", "En attente", "Crédit", "Jetons excédentaires", "Annulée"], "Recharge quotidienne"),
    ],
)
async def test_the_pages_of_invoices_explain_the_words_of_invoices(
    ports: Ports, full: Life, language: str, of_invoices: list[str], of_tokens: str
) -> None:
    async with person(ports, full, Role.CASE_ADMIN) as visitor:
        listed = await visitor.read("/invoices", language=language)
        newest = listed.one("tbody").all("a")[0].attributes["href"].removeprefix(visitor.home)
        for page in (listed, await visitor.read(newest, language=language)):
            assert [each.words for each in page.one("details", id_="glossary").all("dt")] == of_invoices
        words = [each.words for each in (await visitor.read(language=language)).one(id_="glossary").all("dt")]
    assert of_tokens in words
    assert not {"Plan-date", "Void", "Annulée"} & set(words)

"""Each figure of usage and plan leads to its formula, its terms and its entries (L1, C5, A2)."""

import pytest

from app.domain.callers import Role
from tests.web.page_elements import Element
from tests.web.page_reader import EN, FR, amount, read_entries, read_month, read_tank
from tests.web.page_walk import pages
from tests.web.panel_scenes import Panel
from tests.web.person import Person
from tests.web.scenes import SCENES
from tests.web.test_web_rights import MONEY

HOW = {EN: "how", FR: "calcul"}
LAWS = {"balance", "held", "purchased", "consumed", "granted", "overage", "plan-tokens", "next-refill"}


def ways(page: Element) -> dict[str, str]:
    """Figures with the addresses that explain them."""
    links = [link.attributes["href"] for link in page.all("a", look="how")]
    return {link.split("/explain/")[1].split("?")[0]: link for link in links}


async def explained(person: Person, address: str, language: str) -> tuple[str, list[int], Element]:
    """The figure as it is shown, its terms without their sum, and the page."""
    page = await person.read(address, language=language)
    figure = page.one("p", look="amount").text
    rows = [row.one("td").text for table in page.all("table", look="sum") for row in table.all("tr")]
    assert not rows or rows[-1] == figure
    return figure, [amount(row, language) for row in rows[:-1]], page


@pytest.mark.parametrize("language", [EN, FR])
@pytest.mark.parametrize("scene", SCENES)
async def test_every_figure_of_usage_leads_to_terms_that_add_up_to_it(panel: Panel, scene: str, language: str) -> None:
    """A2: members may ask, too, and are shown no money."""
    async with panel.visited(scene) as person:
        usage = await person.read(language=language)
        found = ways(usage)
        assert set(found) <= LAWS
        shown = {}
        for name, address in found.items():
            figure, terms, page = await explained(person, address, language)
            shown[name] = amount(figure, language) if terms else 0
            assert sum(terms) == shown[name], name
            assert MONEY.search(page.one("body").words) is None, name
        check(shown, usage, language)


def check(shown: dict[str, int], usage: Element, language: str) -> None:
    """What is explained is what the page shows."""
    tank = read_tank(usage, language)
    if tank is not None:
        assert shown["balance"] == (tank.balance or 0)
        assert shown.get("held", 0) == tank.held
        assert shown.get("next-refill", 0) == (tank.refill or 0)
    if usage.all("section", id_="month"):
        month = read_month(usage, language)
        assert (shown["consumed"], shown["overage"]) == (month.total, month.overage)
        assert shown.get("plan-tokens", 0) == (month.plan or 0)


async def test_the_entries_of_a_figure_are_paged_and_make_it(panel: Panel) -> None:
    async with panel.visited("working") as person:
        figure, _, _ = await explained(person, "/explain/held", EN)
        entries = [entry async for page in pages(person, "/explain/held", EN) for entry in read_entries(page, EN)]
        assert len(entries) > 20
        assert sum(entry.held_change or 0 for entry in entries) == amount(figure, EN)


async def test_the_overage_of_a_cycle_is_explained_from_the_plan(panel: Panel) -> None:
    async with panel.visited("beyond", Role.CASE_ADMIN) as person:
        settings = await person.read("/settings")
        address = ways(settings)["overage"]
        assert "cycle=1" in address
        assert (await explained(person, address, EN))[:2] == ("600", [600])


@pytest.mark.parametrize(
    "path",
    ["/explain/nothing", "/explain/consumed?month=x", "/explain/consumed?month=2020-01", "/explain/overage?cycle=9"],
)
async def test_an_address_that_names_no_figure_says_so(panel: Panel, path: str) -> None:
    async with panel.visited("working") as person:
        answer = await person.get(path)
        assert answer.status_code == 404
        assert "No such figure" in answer.text


@pytest.mark.parametrize("path", ["/explain/invoice-line?line=1", "/explain/invoice-total"])
async def test_a_member_is_refused_money_as_elsewhere(panel: Panel, path: str) -> None:
    """A2."""
    async with panel.visited("working") as person:
        answer = await person.get(path)
        assert answer.status_code == 403
        assert MONEY.search(answer.text) is None
    async with panel.visited("working", Role.CASE_ADMIN) as person:
        assert (await person.get(path)).status_code in (200, 404)

"""A renewal whose card was declined is told to those who may pay it, where they can (C6, C8, A2)."""

from dataclasses import replace

import pytest

from app.domain.callers import Role
from app.services.ports import Ports
from tests.plans import Life, begun, work
from tests.services.effects import end_cycle
from tests.services.paying import Till
from tests.stage import Clock, new_viewer
from tests.web.prompt_pages import person

TOLD = {
    "en": ("The card was declined. 1 invoice is open and can be paid here. See the invoice",
           "Open Card declined", "The card was declined. It can be paid here."),
    "fr": ("La carte a été refusée. 1 facture est impayée et peut être payée ici. Voir la facture",
           "Ouverte Carte refusée", "La carte a été refusée. Elle peut être payée ici."),
}  # fmt: skip


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
async def renewed(own_ports: Ports, clock: Clock, till: Till) -> Life:
    """On Pro, renewed once, with a card that is declined by then."""
    operator, _ = await new_viewer(own_ports)
    life = await begun(replace(own_ports, payments=till), operator)
    till.declines = True
    await end_cycle(life, clock)
    return life


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_admins_are_told_on_the_settings_the_list_and_the_invoice(renewed: Life, language: str) -> None:
    """Not before the card was tried."""
    settings, row, invoice = TOLD[language]
    async with person(renewed.ports, renewed, Role.CASE_ADMIN) as admin:
        assert not (await admin.read("/settings", language=language)).all("div", id_="declined")
        await work(renewed.ports)
        note = (await admin.read("/settings", language=language)).one("div", id_="declined")
        assert note.words == settings
        rows = (await admin.read("/invoices", language=language)).one("tbody").all("tr")
        assert [row in each.words for each in rows] == [True, False]
        page = await admin.read(note.one("a").attributes["href"].removeprefix(admin.home), language=language)
        assert page.one("section", look="invoice").one("p", look="warn").words == invoice
        assert page.one("form", look="pay")


async def test_several_lead_to_the_list(renewed: Life, clock: Clock) -> None:
    await work(renewed.ports)
    await end_cycle(renewed, clock)
    await work(renewed.ports)
    async with person(renewed.ports, renewed, Role.CASE_ADMIN) as admin:
        note = (await admin.read("/settings")).one("div", id_="declined")
    assert note.words == "The card was declined. 2 invoices are open and can be paid here. See the invoices"
    assert note.one("a").attributes["href"].endswith("/invoices")


async def test_members_are_told_nothing(renewed: Life) -> None:
    """A2."""
    await work(renewed.ports)
    async with person(renewed.ports, renewed) as member:
        assert "card" not in (await member.read("/settings")).one("main").words.lower()


async def test_what_has_been_collected_is_not_told(renewed: Life, till: Till) -> None:
    till.declines = False
    await work(renewed.ports)
    async with person(renewed.ports, renewed, Role.CASE_ADMIN) as admin:
        assert not (await admin.read("/settings")).all("div", id_="declined")
        assert "declined" not in (await admin.read("/invoices")).one("main").words

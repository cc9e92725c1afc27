"""All that a person reads or hears is said in their language: a catalogue that brackets what it says shows it (E1)."""

import re
from collections.abc import Iterator
from gettext import NullTranslations

import pytest
from babel import Locale

from app.adapters.languages import Words, words
from app.domain import plans
from app.domain.cycles import EASTERN
from app.domain.languages import Language
from app.domain.plans import PlanTier
from tests.web.browser_site import MOMENT, WORKER, Site
from tests.web.page_elements import Element, parsed
from tests.web.scenes import SCENES
from tests.web.test_strict_pages import notices, pages

BRANDS = {"Claira", "Claira Usage", "GraphQL", "CSV", "JSON", "English", "Français"}
"""What is the same in both languages; the switch says the other language's name in that language."""


class Brackets(NullTranslations):
    """Says every message in English within brackets, but for the values in it, which answer for themselves."""

    def gettext(self, message: str) -> str:
        return "".join(part if part.startswith("%(") else f"⟦{part}⟧" for part in _PLACES.split(message) if part)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


SPOKEN = ("aria-label", "aria-description", "alt", "title", "placeholder", "data-said")
_PLACES = re.compile(r"(%\(\w+\)s)")
_SAID = re.compile(r"⟦[^⟦⟧]*⟧")
_REFERENCE = re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b")  # of a failure, in the log
_LETTERS = re.compile(r"[^\W\d_]+(?:[.'\u2019-][^\W\d_]+)*\.?")


@pytest.fixture(params=Language)
def bracketing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Words:
    """The words of a language, which keeps its numbers and dates, with that catalogue."""
    own = words(request.param)
    monkeypatch.setattr(own, "_translations", Brackets())
    return own


def formatted(own: Words) -> set[str]:
    """The words that numbers, dates, times and zones are written with."""
    locale = Locale.parse(own.language.value)
    names = [
        name
        for kind in (locale.months, locale.days)
        for width in ("wide", "abbreviated")
        for name in kind["format"][width].values()
    ]
    names += [str(name) for name in locale.day_periods["format"]["abbreviated"].values()]
    names += [own.zone_name(EASTERN, MOMENT), own.zone(EASTERN, MOMENT), "h"]
    return {word for name in names for word in _LETTERS.findall(name)}


async def data(site: Site) -> set[str]:
    """Names that somebody gave, which are never translated, and those of plans."""
    found = {plans.plan(tier).name for tier in PlanTier} | {WORKER} | BRANDS
    async with site.ports.database.writing() as connection:
        for column, table in (("name", "cases"), ("name", "tasks")):
            rows = await connection.exec_driver_sql(f"select distinct {column} from {table} where {column} is not null")
            found |= {name for (name,) in rows}
    return found


def read(page: Element) -> Iterator[tuple[str, str]]:
    """Where, and what: every text that somebody reads or hears."""
    for element in page.all():
        for text in (child.strip() for child in element.children if isinstance(child, str)):
            if text:
                yield f"<{element.tag} {element.attributes.get('class', '')}>", text
        for name in SPOKEN:
            if element.attributes.get(name):
                yield f"<{element.tag} {name}>", element.attributes[name]


def hard_coded(text: str, known: set[str], dates: set[str]) -> list[str]:
    """The words that are neither said nor data nor dates."""
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(name, "")
    rest = _REFERENCE.sub(" ", _SAID.sub(" ", text))
    return [word for word in _LETTERS.findall(rest) if word.lower() not in dates]


@pytest.mark.parametrize("scene", [*SCENES, "notices"])
async def test_no_page_holds_a_text_that_is_not_said(site: Site, scene: str, bracketing: Words) -> None:
    language = bracketing.language
    known, dates = await data(site), {word.lower() for word in formatted(bracketing)}
    spoken = 0
    async for name, answer in notices(site, language) if scene == "notices" else pages(site, scene, language):
        for place, text in read(parsed(answer.text)):
            assert hard_coded(text, known, dates) == [], (name, place, text)
            spoken += len(_SAID.findall(text))
    assert spoken > 10


def test_a_text_that_is_not_said_is_found() -> None:
    assert hard_coded("⟦said⟧ Total, ⟦of⟧ Pro, 12 Nov. a.m.", {"Pro"}, {"nov.", "a.m."}) == ["Total"]

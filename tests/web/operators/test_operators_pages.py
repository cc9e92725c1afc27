"""How the pages of operators are made."""

import re

import pytest

from app.adapters.languages import words
from app.domain.callers import Viewer
from app.domain.languages import Language
from app.services.invoicing_requests import request_invoicing
from app.services.ports import Ports
from tests.plans import Life, registered
from tests.web.operators.conftest import PAGES, Operator, links
from tests.web.page_elements import parsed
from tests.web.test_no_hard_coded_text import Brackets, formatted, hard_coded, read
from tests.web.test_strict_pages import check


@pytest.mark.parametrize("language", Language)
async def test_pages_keep_to_what_is_promised(
    own_ports: Ports, life: Life, desk: Operator, worker: Viewer, language: Language
) -> None:
    """In nobody's frame, without styles and scripts of their own, outlined, every control labelled."""
    await request_invoicing(own_ports, worker, (await registered(own_ports, worker, organization="2")).uuid)
    await desk.send("/language", language=language)
    invoices = links(await desk.read("/invoices"), "/invoices/")
    organizations = links(await desk.read("/organizations"), "/organizations/")
    for path in (*PAGES, *invoices, *organizations, "/invoices?status=VOID", "/invoices?status=x"):
        check(path, await desk.get(path), "'none'", language)


@pytest.mark.parametrize("language", Language)
async def test_no_page_holds_a_text_that_is_not_said(
    own_ports: Ports,
    life: Life,
    desk: Operator,
    worker: Viewer,
    language: Language,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E1."""
    await request_invoicing(own_ports, worker, (await registered(own_ports, worker, organization="2")).uuid)
    await desk.send("/language", language=language)
    paths = [*PAGES, "/nothing"]
    for page in ("/invoices", "/organizations"):
        paths += links(await desk.read(page), f"{page}/")
    own = words(language)
    dates = {word.lower() for word in formatted(own)}
    known = {"English", "Français", "Claira", "Organization 1", "Organization 2", "Roe v. Doe", "https://portal.example.com",
             "production", "ORG_ID", "Pro", "Ops", "caller", "CSV", "JSON", "er"}  # fmt: skip
    monkeypatch.setattr(own, "_translations", Brackets())
    for path in paths:
        for place, said in read(parsed((await desk.get(path)).text)):
            said = re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "", said)
            assert hard_coded(said, known, dates) == [], (path, place, said)

"""Billed cases behind the application, and what their pages and files tell."""

import csv
import re
from io import StringIO
from typing import Any

import httpx2
from starlette.applications import Starlette

from app.domain.callers import Role
from app.domain.invoices import Invoice
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.plans import Life
from tests.web.invoice_scenes import Billed, invoices_of
from tests.web.page_elements import Element
from tests.web.page_reader import EN, FR
from tests.web.person import visiting

OURS = {"Sec-Fetch-Site": "same-origin"}


class Office:
    """Billed cases behind the application."""

    def __init__(self, ports: Ports, cases: Billed) -> None:
        self.ports, self.cases = ports, cases
        self.app: Starlette = build_app(ports, Settings())

    def visited(self, life: Life, role: Role = Role.CASE_ADMIN) -> Any:
        return visiting(self.app, self.ports, life.uuid, role)


async def monthly_invoice(office: Office) -> Invoice:
    """The first that both cases are on, as one of them sees it."""
    both = {each.uuid for each in await invoices_of(office.cases.formula) if each.number}
    return [each for each in await invoices_of(office.cases.monthly) if each.uuid in both][-1]


def dollars(text: str, language: str) -> int:
    """Cents of an amount as the language writes it."""
    pattern = {EN: r"(−?)\$([\d,]+)\.(\d\d)", FR: r"(−?)([\d\u00a0]+),(\d\d)\u00a0\$"}[language]
    found = re.fullmatch(pattern, text)
    assert found is not None, f"{text!r} is no amount in {language}"
    whole = int(re.sub(r"\D", "", found[2])) * 100 + int(found[3])
    return -whole if found[1] else whole


def rows(page: Element) -> list[Element]:
    return [row for row in page.all("tr") if row.attributes.get("id", "").startswith("l-")]


def csv_rows(answer: httpx2.Response) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def named_cases(page: Element) -> list[str]:
    """In one table, so that the columns of all of them line up."""
    return [row.words for row in page.one("main").one("table").all("tr", look="case")]


def total(page: Element) -> str:
    return page.one("dl", look="total").all("dd")[0].text

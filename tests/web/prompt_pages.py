"""A task that is refused for want of tokens, the prompt that its page shows, and whoever meets it there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.domain.payments import PaymentEvent
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.plans import Life, begun
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import Sent

TASK = {"kind": "SCAN", "mode": "IMAGE", "documents": "1,200", "fields": "1"}
"""6,000 tokens; the case has 4,000."""

UPGRADE, TOKENS, OVERAGE = "/prompt/upgrade", "/prompt/tokens", "/prompt/overage"


@dataclass
class Pages:
    """A processor whose pages nobody has to open: a test says what happened there."""

    opened: list[UUID] = field(default_factory=list)

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        raise AssertionError("a person in the panel pays on a page")

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        self.opened.append(payment)
        return f"https://pay.example.com/{payment}"

    async def refund(self, payment: UUID, amount: int) -> None:
        raise AssertionError("nothing is given back here")

    async def withdraw(self, payment: UUID) -> int:
        return 0

    def read_event(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent | None:
        raise AssertionError("events are not read here")


async def short(ports: Ports, operator: Viewer) -> Life:
    """On Pro, 4,000 tokens left."""
    life = await begun(ports, operator)
    await life.spend_to(4_000)
    return life


@asynccontextmanager
async def person(ports: Ports, life: Life, role: Role = Role.MEMBER) -> AsyncIterator[Person]:
    async with visiting(build_app(ports, Settings()), ports, life.uuid, role) as visitor:
        yield visitor


def asked(**values: object) -> str:
    return "?" + urlencode({**TASK, **values})


def ways(page: Element) -> list[str]:
    return [way.one("h3").words for way in page.one("ul", look="ways").all("li")]


def headline(page: Element) -> str:
    return page.one("div", look="verdict").all("h3")[0].words


def actions(page: Element) -> list[str]:
    """Where the forms of the verdict are sent to."""
    return [form.attributes["action"].partition("/prompt/")[2] for form in page.one("div", look="verdict").all("form")]


async def landed(visitor: Person, sent: Sent) -> Element:
    """The page that a form leads to; the task is the same, with its values."""
    assert sent.status == 303, sent.answer.text[-500:]
    page = await visitor.read(sent.answer.headers["location"].partition("#")[0])
    assert page.one("input", id_="q-documents").attributes["value"] == TASK["documents"]
    (chosen,) = [each.attributes["value"] for each in page.all("input")
                 if each.attributes.get("name") == "mode" and "checked" in each.attributes]  # fmt: skip
    assert chosen == TASK["mode"]
    return page


async def tier(life: Life) -> PlanTier | None:
    return (await life.see()).terms.tier

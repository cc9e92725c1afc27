"""The prompt of a refused task by its pages: what it offers to whom, and what its forms do (C8, C9, A2, T5)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Forbidden
from app.domain.subscriptions import ChangeOrigin
from app.domain.tasks import Task
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.payment_events import take_event
from app.services.ports import Ports
from tests.plans import Life, begun
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import Sent, fields, send

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

    def read_event(self, signature: str, body: bytes) -> PaymentEvent | None:
        raise AssertionError("events are not read here")


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
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


# ------------------------------------------------------------------------------------------------------ upgrades


@pytest.mark.parametrize(
    ("language", "rows", "button"),
    [
        ("en", ["Charge now (CAD) Business, the whole cycle $4,999.00",
                "Credit on the next invoice Pro, $499.00 × 31 of 31 days $499.00",
                "Balance after filling 4,000 now 50,000"], "Upgrade to Business"),
        ("fr", ["Facturé maintenant (CAD) Business, le cycle entier 4 999,00 $",
                "Crédit sur la prochaine facture Pro, 499,00 $ × 31 jours sur 31 499,00 $",
                "Solde après remplissage 4 000 maintenant 50 000"], "Passer à Business"),
    ],
)  # fmt: skip
async def test_a_member_is_shown_what_the_cheapest_plan_costs_and_fills(
    ports: Ports, life: Life, language: str, rows: list[str], button: str
) -> None:
    """C9: the price is the one exception to A2; the other ways are those of admins."""
    async with person(ports, life) as member:
        page = await member.read(asked(), language=language)
    prompt = page.one("div", id_="prompt")
    assert [row.words for row in prompt.one("tbody").all("tr")] == rows
    assert [each.words for each in prompt.all("button")] == [button]
    assert actions(page) == ["upgrade"]


async def test_a_member_upgrades_from_the_prompt_and_the_same_task_runs(ports: Ports, life: Life) -> None:
    """C9: in one click, with the values of the task kept."""
    assert not isinstance(await life.try_task(1_200, ScanMode.IMAGE), Task)
    async with person(ports, life) as member:
        page = await member.read(asked())
        after = await landed(member, await send(member, UPGRADE, fields(page, UPGRADE)))
    assert after.one("div", id_="notice").words == "Upgraded from Pro to Business. The balance is 50,000 now."
    assert headline(after) == "Would run: holds 6,000 of 50,000 tokens"
    assert await tier(life) is PlanTier.BUSINESS
    assert isinstance(await life.try_task(1_200, ScanMode.IMAGE), Task)


async def test_sent_twice_a_prompt_upgrades_once(ports: Ports, life: Life) -> None:
    """K1."""
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        assert [(await send(member, UPGRADE, form)).status for _ in range(2)] == [303, 303]
    assert len(await life.timeline()) == 2


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN])
async def test_with_the_switch_off_nobody_upgrades_from_a_prompt(ports: Ports, life: Life, role: Role) -> None:
    """C9: nor with the form of before; the prompt explains, and shows no price."""
    async with person(ports, life, role) as visitor:
        form = fields(await visitor.read(asked()), UPGRADE)
        await life.set(prompts=False)
        sent = await send(visitor, UPGRADE, form)
        page = await visitor.read(asked())
    assert sent.status == 403
    assert sent.notice == "Nothing was changed. Upgrades from here are switched off for this case."
    prompt = page.one("div", id_="prompt")
    assert "Business would run it now Upgrades from here are switched off for this case." in prompt.words
    assert "$" not in prompt.words
    assert not prompt.all("form")
    links = [each.attributes["href"].partition("/settings")[2] for each in prompt.all("a")]
    assert links == ([] if role is Role.MEMBER else ["#plans"])
    assert await tier(life) is PlanTier.PRO
    assert await life.upgrade(origin=ChangeOrigin.PROMPT) == Forbidden()


async def test_a_forged_form_upgrades_nobody(ports: Ports, life: Life) -> None:
    """Made up, from elsewhere, or for another plan than was shown."""
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        for forged, status in (
            ({**TASK, "key": "k"}, 409),
            ({**form, "tier": "GOLD"}, 409),
            ({**form, "promise": "UPGRADE/BUSINESS/x/y/z/0.00/0.00/0"}, 409),
            ({**form, "promise": form["promise"].replace("4999.00", "0.01")}, 409),
            ({**form, "tier": "ENTERPRISE"}, 409),
            ({**form, "key": ""}, 400),
        ):
            assert (await send(member, UPGRADE, forged)).status == status, forged
        assert (await send(member, UPGRADE, form, Sec_Fetch_Site="cross-site")).status == 403
    assert await tier(life) is PlanTier.PRO


async def test_what_changed_meanwhile_is_shown_before_it_is_bought(ports: Ports, life: Life) -> None:
    """C2: the price that was agreed to is the price that is paid."""
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        await life.set(overage=True, ceiling=10)
        task = await life.hold(4_010)
        await life.charge(task, 4_010)
        sent = await send(member, UPGRADE, form)
    assert sent.status == 409
    assert "have changed since you opened this page" in sent.notice
    rows = [row.words for row in sent.page.one("div", id_="prompt").one("tbody").all("tr")]
    assert "Charge now (CAD) $5,000.00" in rows
    assert sent.page.one("input", id_="q-documents").attributes["value"] == TASK["documents"]


@pytest.mark.parametrize("documents", ["", "x", "<b>", "1" * 40])
async def test_a_task_that_means_nothing_does_not_keep_a_form_from_its_answer(
    ports: Ports, life: Life, documents: str
) -> None:
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        sent = await send(member, UPGRADE, {**form, "documents": documents})
        assert sent.status == 303
        await member.read(sent.answer.headers["location"].partition("#")[0])


# ------------------------------------------------------------------------------------------- tokens and overage


async def test_an_admin_buys_the_missing_tokens_and_the_same_task_runs(ports: Ports, life: Life) -> None:
    """L3."""
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        page = await admin.read(asked())
        assert {"2,000 bought tokens would do", "With overage on it would run"} <= set(ways(page))
        assert actions(page) == ["upgrade", "tokens", "overage"]
        after = await landed(admin, await send(admin, TOKENS, fields(page, TOKENS)))
    assert after.one("div", id_="notice").words.startswith("2,000 tokens were bought. The balance is 6,000 now.")
    assert headline(after) == "Would run: holds 6,000 of 6,000 tokens"
    assert isinstance(await life.try_task(1_200, ScanMode.IMAGE), Task)


async def test_an_admin_turns_overage_on_and_the_same_task_runs(ports: Ports, life: Life) -> None:
    """T5."""
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        page = await admin.read(asked())
        after = await landed(admin, await send(admin, OVERAGE, fields(page, OVERAGE)))
    assert after.one("div", id_="notice").words == "Overage is on. From now on."
    assert headline(after) == "Would run: 2,000 of 6,000 tokens as overage"


async def test_a_member_neither_buys_nor_turns_overage_on(ports: Ports, life: Life) -> None:
    """A2, C9: not with the form of an admin; and nothing of it is shown to them but that there is somebody to ask."""
    async with person(ports, life, Role.CASE_ADMIN) as admin, person(ports, life) as member:
        page = await admin.read(asked())
        before = await life.see()
        for action in (TOKENS, OVERAGE):
            sent = await send(member, action, fields(page, action))
            assert sent.status == 403
            assert "Your role does not allow this" in sent.notice
        page = await member.read(asked())
    assert "$" not in page.one("ul", look="ways").words
    assert ways(page)[-1] == "A case admin has other ways"
    assert await life.see() == before


@pytest.mark.parametrize("tokens", ["", "0", "-1", "2000.0", "2001"])
async def test_tokens_are_bought_only_as_they_were_offered(ports: Ports, life: Life, tokens: str) -> None:
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        form = fields(await admin.read(asked()), TOKENS)
        assert (await send(admin, TOKENS, {**form, "tokens": tokens})).status == 409
    assert (await life.tank()).balance == 4_000


async def test_what_no_tokens_help_with_offers_none(ports: Ports, operator: Viewer) -> None:
    """T1: a feature and the bulk limit are of the plan."""
    life = await begun(ports, operator, PlanTier.STARTER)
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        for values in ({"kind": "MULTI_CODE", "documents": 5}, {"mode": "TEXT", "documents": 1_001}):
            assert actions(await admin.read(asked(**values))) == ["upgrade"]


async def test_overage_is_not_offered_where_its_ceiling_would_refuse_the_task(ports: Ports, life: Life) -> None:
    await life.set(ceiling=1_999)
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        assert actions(await admin.read(asked())) == ["upgrade", "tokens"]
        await life.set(ceiling=2_000)
        assert actions(await admin.read(asked())) == ["upgrade", "tokens", "overage"]


# ------------------------------------------------------------------------------------------------- the ceiling


@pytest.mark.parametrize(
    ("language", "title", "rows"),
    [
        ("en", "Would not run: 500 tokens beyond the ceiling on overage",
         ["Required 1,200 documents × 5 6,000", "Balance −4,000", "Overage left of 1,500 in a cycle −1,500",
          "Beyond the ceiling 500"]),
        ("fr", "Refusée : 500 jetons au-delà de la limite d’utilisation excédentaire",
         ["Requis 1 200 documents × 5 6 000", "Solde −4 000",
          "Reste permis au-delà du solde sur 1 500 par cycle −1 500", "Au-delà de la limite 500"]),
    ],
)  # fmt: skip
async def test_a_task_beyond_the_ceiling_is_told_so_with_what_is_left(
    ports: Ports, life: Life, language: str, title: str, rows: list[str]
) -> None:
    """T5: the sum adds up, and what is beyond is what admins may buy, or raise the ceiling by."""
    await life.set(overage=True, ceiling=1_500)
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        page = await admin.read(asked(), language=language)
    assert headline(page) == title
    assert [row.words for row in page.one("div", look="verdict").all("tbody")[0].all("tr")] == rows
    assert fields(page, TOKENS)["tokens"] == "500"
    (link,) = [each for each in page.one("ul", look="ways").all("a") if each.attributes["href"].endswith("#ceiling")]
    assert link.words == {"en": "See the ceiling", "fr": "Voir la limite"}[language]


async def test_a_task_within_the_ceiling_would_run(ports: Ports, life: Life) -> None:
    await life.set(overage=True, ceiling=2_000)
    async with person(ports, life) as member:
        assert headline(await member.read(asked())) == "Would run: 2,000 of 6,000 tokens as overage"


# ------------------------------------------------------------------------------------------- payment by card


async def test_a_prompt_waits_for_its_payment_and_leads_back_to_the_task(ports: Ports, life: Life) -> None:
    """C8: nothing changes before the event; then the same task runs."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with person(paying, life) as member:
        page = await member.read(asked())
        assert "It is paid in a new tab." in page.one("div", id_="prompt").words
        sent = await send(member, UPGRADE, fields(page, UPGRADE))
        assert sent.status == 303
        waiting = sent.answer.headers["location"]
        (payment,) = pages.opened
        assert await tier(life) is PlanTier.PRO

        page = await member.read(asked())
        (note,) = page.one("div", look="verdict").all("div", look="note")
        assert note.words.startswith("The payment for Business is open in another tab. Nothing has changed yet.")
        (link,) = [each for each in note.all("a") if each.attributes.get("target") == "_blank"]
        assert link.attributes["href"] == f"https://pay.example.com/{payment}"
        assert not page.all("div", id_="prompt")

        await take_event(paying, PaymentEvent(payment, PaymentOutcome.PAID))
        answer = await member.get(waiting)
        after = await landed(member, Sent(answer))
        assert headline(after) == "Would run: holds 6,000 of 50,000 tokens"
    assert await tier(life) is PlanTier.BUSINESS


async def test_a_second_person_is_led_to_the_payment_that_waits(ports: Ports, life: Life) -> None:
    """C8: one live checkout; whoever may upgrade may pay for it."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with person(paying, life) as one, person(paying, life) as other:
        form = fields(await other.read(asked()), UPGRADE)
        await send(one, UPGRADE, fields(await one.read(asked()), UPGRADE))
        page = await landed(other, await send(other, UPGRADE, form))
    assert len(pages.opened) == 1
    links = [each.attributes["href"] for each in page.one("div", look="verdict").all("a")]
    assert links == [f"https://pay.example.com/{pages.opened[0]}"]


async def test_what_an_admin_pays_for_shows_members_no_page_with_money(ports: Ports, life: Life) -> None:
    """A2."""
    paying = replace(ports, payments=Pages())
    async with person(paying, life, Role.CASE_ADMIN) as admin, person(paying, life) as member:
        await send(admin, TOKENS, fields(await admin.read(asked()), TOKENS))
        note = (await member.read(asked())).one("div", look="verdict").one("div", look="note")
        assert "The payment for 2,000 tokens is open in another tab." in note.words
        assert not note.all("a")
        links = (await admin.read(asked())).one("div", look="verdict").one("div", look="note").all("a")
        assert len(links) == 2


async def test_a_switch_that_is_turned_off_while_a_payment_waits_gives_it_back(ports: Ports, life: Life) -> None:
    """C9: with the switch off nobody upgrades from a prompt, by no door."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with person(paying, life) as member:
        await send(member, UPGRADE, fields(await member.read(asked()), UPGRADE))
        await life.set(prompts=False)
        await take_event(paying, PaymentEvent(pages.opened[0], PaymentOutcome.PAID))
    assert await tier(life) is PlanTier.PRO


async def test_a_case_that_ended_meanwhile_says_why_nothing_was_done(ports: Ports, life: Life) -> None:
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        assert isinstance(await life.deactivate(key=str(uuid4())), Case)
        sent = await send(member, UPGRADE, form)
    assert sent.status == 422
    assert sent.notice == "Nothing was changed. This case is not active. Activate it on a plan first."

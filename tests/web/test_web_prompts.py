"""The upgrade that the prompt of a refused task offers: to whom, for what, and what its form does (C9, K1)."""

from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Forbidden
from app.domain.subscriptions import ChangeOrigin
from app.domain.tasks import Task
from app.services.ports import Ports
from tests.plans import Life
from tests.web.plan_forms import fields, send
from tests.web.prompt_pages import TASK, UPGRADE, actions, asked, headline, landed, person, short, tier


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    return await short(ports, operator)


@pytest.mark.parametrize(
    ("language", "rows", "button"),
    [
        ("en", ["Charge now (CAD) Business, the whole cycle $4,999.00",
                "Credit for a later invoice Pro, $499.00 × 31 of 31 days $499.00",
                "Balance after filling 4,000 now 50,000"], "Upgrade for $4,999.00"),
        ("fr", ["Facturé maintenant (CAD) Business, le cycle entier 4 999,00 $",
                "Crédit sur une facture à venir Pro, 499,00 $ × 31 jours sur 31 499,00 $",
                "Solde après remplissage 4 000 maintenant 50 000"], "Mettre à niveau pour 4 999,00 $"),
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


async def test_a_case_that_ended_meanwhile_says_why_nothing_was_done(ports: Ports, life: Life) -> None:
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        assert isinstance(await life.deactivate(key=str(uuid4())), Case)
        sent = await send(member, UPGRADE, form)
    assert sent.status == 422
    assert sent.notice == "Nothing was changed. This case is not active. Activate it on a plan first."

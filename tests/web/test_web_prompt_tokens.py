"""Besides an upgrade: what a refused task is told about tokens, overage and its ceiling (A2, L3, T5)."""

import pytest

from app.domain.callers import Role, Viewer
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.services.ports import Ports
from tests.plans import Life, begun
from tests.web.plan_forms import fields, send
from tests.web.prompt_pages import OVERAGE, TOKENS, actions, asked, headline, landed, person, short, ways


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    return await short(ports, operator)


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


async def test_overage_that_would_come_to_more_than_was_told_is_shown_again(ports: Ports, life: Life) -> None:
    """T5: as where another task took what was left; sent twice, it says again that overage is on."""
    async with person(ports, life, Role.CASE_ADMIN) as admin:
        form = fields(await admin.read(asked()), OVERAGE)
        await life.spend_to(1_000)
        again = await send(admin, OVERAGE, form)
        assert again.status == 409
        assert not (await life.see()).terms.overage_enabled
        assert "At most 5,000 × $0.10 = $500.00" in again.page.one("ul", look="ways").words
        form = fields(again.page, OVERAGE)
        untold = {name: value for name, value in form.items() if name != "promise"}
        assert (await send(admin, OVERAGE, untold)).status == 409
        assert (await send(admin, OVERAGE, {"key": "only"})).status == 409
        for _ in range(2):
            await landed(admin, await send(admin, OVERAGE, form))
    assert (await life.see()).terms.overage_enabled


async def test_a_member_neither_buys_nor_turns_overage_on(ports: Ports, life: Life) -> None:
    """A2, C9: not with the form of an admin; and nothing of it is shown to them but that there is somebody to ask."""
    async with person(ports, life, Role.CASE_ADMIN) as admin, person(ports, life) as member:
        page = await admin.read(asked())
        before = await life.see()
        for action in (TOKENS, OVERAGE):
            sent = await send(member, action, fields(page, action))
            assert sent.status == 403
            assert "Your role or the settings of the case do not allow this" in sent.notice
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

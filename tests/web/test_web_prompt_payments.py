"""The prompt of a refused task where a page takes the payment: who sees it, and what comes of it (A2, C8, C9)."""

from dataclasses import replace

import pytest

from app.domain.callers import Role, Viewer
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.services.payment_events import take_event
from app.services.ports import Ports
from tests.plans import Life
from tests.web.plan_forms import Sent, fields, previewed, send
from tests.web.prompt_pages import TOKENS, UPGRADE, Pages, asked, headline, landed, person, short, tier


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    return await short(ports, operator)


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
        begun = f"A payment for Business waits, begun by {member.user}. Nothing has changed yet."
        assert note.words.startswith(begun)
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
    verdict = page.one("div", look="verdict")
    assert f"A payment for Business waits, begun by {one.user}." in verdict.words
    links = [each.attributes["href"] for each in verdict.all("a")]
    assert links == [f"https://pay.example.com/{pages.opened[0]}"]


async def test_what_an_admin_pays_for_shows_members_no_page_with_money(ports: Ports, life: Life) -> None:
    """A2."""
    paying = replace(ports, payments=Pages())
    async with person(paying, life, Role.CASE_ADMIN) as admin, person(paying, life) as member:
        await send(admin, TOKENS, fields(await admin.read(asked()), TOKENS))
        note = (await member.read(asked())).one("div", look="verdict").one("div", look="note")
        assert f"A payment for 2,000 tokens waits, begun by {admin.user}." in note.words
        assert not note.all("a")
        links = (await admin.read(asked())).one("div", look="verdict").one("div", look="note").all("a")
        assert len(links) == 2


async def test_a_prompt_has_a_page_of_its_own_after_an_admin_s_card_was_declined(ports: Ports, life: Life) -> None:
    """C9: whoever comes from the prompt may pay, and the switch counts; what was begun in Settings is not for them."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with person(paying, life, Role.CASE_ADMIN) as admin, person(paying, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        _, change = await previewed(admin, "/plan/change?tier=BUSINESS")
        path = "/" + (await send(admin, "/plan/change", change)).target
        await take_event(paying, PaymentEvent(pages.opened[0], PaymentOutcome.DECLINED))
        assert (await send(member, UPGRADE, form)).status == 303
        assert (await admin.read(path)).one("h2", id_="h-checkout").words == "The payment page is closed"
        assert (await member.read(asked())).one("div", look="verdict").all("a")
    assert len(pages.opened) == 2


async def test_a_switch_that_is_turned_off_while_a_payment_waits_gives_it_back(ports: Ports, life: Life) -> None:
    """C9: with the switch off nobody upgrades from a prompt, by no door."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with person(paying, life) as member:
        await send(member, UPGRADE, fields(await member.read(asked()), UPGRADE))
        await life.set(prompts=False)
        await take_event(paying, PaymentEvent(pages.opened[0], PaymentOutcome.PAID))
    assert await tier(life) is PlanTier.PRO

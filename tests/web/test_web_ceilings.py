"""The ceiling on overage by the settings page: set, removed, refused, and what of it is used (T5, A2)."""

from collections.abc import AsyncIterator

import pytest

from app.domain.callers import Role, Viewer
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.plans import Life, begun
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import notice, send


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    return await begun(ports, operator, PlanTier.STARTER)


@pytest.fixture
async def admin(ports: Ports, life: Life) -> AsyncIterator[Person]:
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        yield person


async def form_of(admin: Person) -> dict[str, str]:
    """The form of the ceiling, as it stands on the page."""
    (form,) = [each for each in (await admin.read("/settings")).all("form") if each.attributes.get("id") == "ceiling"]
    return {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}


def use(page: Element) -> str:
    return page.one("p", id_="ceiling-use").words


async def ceiling(life: Life) -> int | None:
    return (await life.see()).terms.overage_ceiling


@pytest.mark.parametrize(
    ("typed", "language", "told", "shown"),
    [
        ("2,000", "en", "Overage stops at 2,000 tokens in a cycle. From now on.", "2,000"),
        ("2 000", "fr", "L’utilisation excédentaire s’arrête à 2 000 jetons par cycle. Dès maintenant.", "2 000"),
    ],
)
async def test_a_ceiling_is_typed_as_the_language_writes_numbers(
    admin: Person, life: Life, typed: str, language: str, told: str, shown: str
) -> None:
    form = await form_of(admin)
    assert form["ceiling"] == ""
    sent = [await send(admin, "/settings", {**form, "ceiling": typed}) for _ in range(2)]
    assert {each.target for each in sent} == {"settings?done=ceiling#notice"}
    assert await ceiling(life) == 2_000
    page = await admin.read("/settings?done=ceiling", language=language)
    assert notice(page).split(".")[0] == told.split(".")[0]
    assert page.one("input", id_="ceiling-tokens").attributes["value"].replace("\u00a0", " ") == shown


async def test_an_empty_field_removes_the_ceiling(admin: Person, life: Life) -> None:
    """Sent without the field, as forms send an empty one or not at all."""
    await life.set(ceiling=5)
    form = await form_of(admin)
    assert form.pop("ceiling") == "5"
    assert (await send(admin, "/settings", {**form, "ceiling": " "})).status == 303
    assert await ceiling(life) is None
    page = await admin.read("/settings?done=ceiling")
    assert notice(page) == "There is no ceiling on overage. From now on."
    await life.set(ceiling=0)
    assert (await send(admin, "/settings", await form_of(admin) | {"ceiling": ""})).status == 303
    assert await ceiling(life) is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [("many", "This is not a whole number."), ("1.5", "This is not a whole number."),
     ("-5", "A ceiling on overage is 0 to 9,007,199,254,740,991 tokens a cycle."),
     ("9007199254740992", "A ceiling on overage is 0 to 9,007,199,254,740,991 tokens a cycle.")],
)  # fmt: skip
async def test_what_is_no_ceiling_is_told_so_and_kept_in_the_field(
    admin: Person, life: Life, typed: str, told: str
) -> None:
    await life.set(ceiling=7)
    sent = await send(admin, "/settings", {**await form_of(admin), "ceiling": typed})
    assert sent.status == 400
    assert sent.notice == f"Nothing was changed. {told}"
    field = sent.page.one("input", id_="ceiling-tokens")
    assert (field.attributes["value"], field.attributes["aria-invalid"]) == (typed, "true")
    assert await ceiling(life) == 7


async def test_what_is_used_of_the_ceiling_is_shown_to_all(admin: Person, ports: Ports, life: Life) -> None:
    """A2: tokens, no money; settled in the cycle and set aside by what runs."""
    await life.spend_to(0)
    await life.set(overage=True, ceiling=1_000)
    done = await life.hold(240)
    await life.charge(done, 240)
    await life.end(done)
    assert use(await admin.read("/settings")).startswith("Used in this cycle: 240 of 1,000. With a ceiling,")
    await life.hold(60)
    async with visiting(build_app(ports, Settings()), ports, life.uuid) as member:
        page = await member.read("/settings")
        assert use(page) == "Used in this cycle: 300 of 1,000. 60 tokens of it are set aside by running tasks."
        assert not page.one("section", id_="switches").all("form")
        sent = await send(member, "/settings", {**await form_of(admin), "ceiling": "9"})
    assert sent.status == 403
    assert await ceiling(life) == 1_000


async def test_the_switches_leave_the_ceiling_as_it_is(admin: Person, life: Life) -> None:
    await life.set(ceiling=40)
    await send(admin, "/settings", {"key": "k", "overage": "on"})
    assert await ceiling(life) == 40

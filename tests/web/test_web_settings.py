"""The page of the plan and its settings: switches, timeline, what members read, and who may change what (A2, C9)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin, Subscription
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import subscriptions
from app.services.ports import Ports
from tests.stage import Clock, active_case, registered_case, reread
from tests.web.page_elements import parsed
from tests.web.panel_scenes import Panel
from tests.web.person import Person, visiting
from tests.web.plan_forms import events_of, fields, notice, send
from tests.web.scenes import caught_up, downgrading, upgraded


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await active_case(ports, operator, PlanTier.PRO)


@pytest.fixture
def app(ports: Ports) -> Starlette:
    return build_app(ports, Settings())


@pytest.fixture
async def admin(app: Starlette, ports: Ports, case: Case) -> AsyncIterator[Person]:
    async with visiting(app, ports, case.terms.uuid, Role.CASE_ADMIN) as person:
        yield person


@pytest.fixture
async def member(app: Starlette, ports: Ports, case: Case) -> AsyncIterator[Person]:
    async with visiting(app, ports, case.terms.uuid) as person:
        yield person


# ---------------------------------------------------------------------------------------------------- switches


def switches(form_key: str, **pressed: str) -> dict[str, str]:
    return {"key": form_key, **pressed}


@pytest.mark.parametrize(
    ("name", "said"),
    [("overage", ("Overage is on.", "Overage is off.")),
     ("auto", ("Auto upgrade is allowed.", "Auto upgrade is not allowed."))],
)  # fmt: skip
async def test_a_switch_acts_at_once_and_says_so(
    admin: Person, ports: Ports, operator: Viewer, case: Case, name: str, said: tuple[str, str]
) -> None:
    for value, told in zip(("on", "off", "on"), (*said, said[0]), strict=True):
        page = await admin.read("/settings")
        (form,) = [each for each in page.all("form") if each.all("button") and name in str(each.all("button")[0])]
        key = form.all("input")[0].attributes["value"]
        sent = [await send(admin, "/settings", switches(key, **{name: value})) for _ in range(2)]
        assert {each.target for each in sent} == {f"settings?done={name}#notice"}
        page = await admin.read(f"/settings?done={name}")
        assert notice(page).startswith(told)
        pressed = [
            each.attributes["value"]
            for each in page.all("button")
            if each.attributes.get("name") == name and each.attributes["aria-pressed"] == "true"
        ]
        assert pressed == [value]
        terms = (await reread(ports, operator, case)).terms
        assert {"overage": terms.overage_enabled, "auto": terms.auto_upgrade_allowed}[name] == (value == "on")


async def test_on_and_off_pressed_on_one_page_are_two_changes(
    admin: Person, ports: Ports, operator: Viewer, case: Case
) -> None:
    for value in ("on", "off"):
        assert (await send(admin, "/settings", switches("one key", overage=value))).status == 303
    assert not (await reread(ports, operator, case)).terms.overage_enabled


@pytest.mark.parametrize("form", [{"key": "k"}, {"key": "k", "overage": "perhaps"}, {"overage": "on"}])
async def test_a_form_that_names_no_switch_or_no_key_changes_nothing(
    admin: Person, ports: Ports, operator: Viewer, case: Case, form: dict[str, str]
) -> None:
    assert (await send(admin, "/settings", form)).status == 400
    assert (await reread(ports, operator, case)).terms.version == case.terms.version


@pytest.mark.parametrize("done", ["plan", "tokens", "overage", "auto", "else", "<b>"])
async def test_a_notice_says_what_is_true_whoever_calls_the_address(admin: Person, done: str) -> None:
    page = await admin.read(f"/settings?done={done}")
    said = [each.words for each in page.all("div", id_="notice")]
    known = {
        "plan": ["Activated on Pro. The balance is 10,000 now."],
        "overage": ["Overage is off. From now on."],
        "auto": ["Auto upgrade is allowed. From now on."],
    }
    assert said == known.get(done, [])


# ------------------------------------------------------------------------------------------------ what is shown


async def test_members_read_the_state_and_whom_to_ask(member: Person) -> None:
    page = await member.read("/settings")
    assert "ask a case admin" in page.one("p", id_="whom").words
    assert [each.words for each in page.all("p", look="value")] == ["Off", "On"]
    assert "case admins change them" in page.one("section", id_="switches").words
    assert page.one("article", look="now").one("p", look="state").words == "Current plan"
    assert not page.one("main").all("form")
    assert not page.one("main").all("button")
    assert not page.one("main").all("a", look="btn")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_cards_say_what_the_catalogue_holds(admin: Person, language: str) -> None:
    """P1."""
    page = await admin.read("/settings", language=language)
    cards = {card.attributes["id"]: card for card in page.all("article", look="tier")}
    assert list(cards) == ["tier-starter", "tier-pro", "tier-business", "tier-enterprise"]
    group = {"en": ",", "fr": " "}[language]
    figures = {
        "tier-starter": ["1 000", "", "1 000", "1 000"],
        "tier-pro": ["10 000", "500", "25 000", "10 000"],
        "tier-business": ["50 000", "7 500", "275 000", "100 000"],
        "tier-enterprise": ["", "", "", ""],
    }
    for name, card in cards.items():
        shown = [each.words for each in card.one("dl").all("dd")]
        assert all(figure.replace(" ", group) in value for figure, value in zip(figures[name], shown, strict=True)), (
            shown
        )
    prices = [card.one("p", look="price").words for card in cards.values()]
    assert (
        prices
        == {
            "en": ["$49", "$499", "$4,999", "$29,999"],
            "fr": ["49 $", "499 $", "4 999 $", "29 999 $"],
        }[language]
    )


async def test_the_timeline_tells_what_happened_and_by_whom(
    admin: Person, member: Person, ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    """C3: newest first; amounts only for admins."""
    clock.pass_(days=1)
    await upgraded(ports, operator, case, PlanTier.BUSINESS)
    await downgrading(ports, operator, case, PlanTier.STARTER)
    clock.pass_(days=31)
    await caught_up(ports, operator, case)
    clock.now -= timedelta(days=32)  # the people are still signed in
    expected = [
        "Downgraded from Business to Starter",
        "Downgrade from Business to Starter scheduled",
        "Upgraded from Pro to Business",
        "Activated on Pro",
    ]
    for person in (admin, member):
        for path in ("/settings", "/plan/history"):
            page = await person.read(path)
            assert events_of(page) == expected
            rows = [row.words for row in page.one("table", look="events").one("tbody").all("tr")]
            assert "April 4, 2026, automatic" in rows[0]
            assert f"March 4, 2026, 10:00 a.m., {operator.name}" in rows[1]
            assert ("$4,999.00" in rows[2]) == (person is admin)


async def test_a_long_timeline_is_read_page_by_page(admin: Person, ports: Ports, operator: Viewer, case: Case) -> None:
    for number in range(12):
        await downgrading_again(ports, operator, case, number)
    page = await admin.read("/settings")
    assert len(events_of(page)) == 6
    (all_events,) = [link for link in page.all("a") if link.words == "All events"]
    seen: list[str] = []
    path: str | None = all_events.attributes["href"]
    while path is not None:
        page = await admin.read(path)
        seen += [row.all("td")[0].words for row in page.one("table", look="events").one("tbody").all("tr")]
        path = next((link.attributes["href"] for link in page.all("a") if link.words == "Older events"), None)
    assert seen == [str(number) for number in range(25, 0, -1)]
    assert [link.words for link in page.all("a", look="btn")] == ["Newest events"]
    assert (await admin.get("/plan/history?before=x")).status_code == 400


async def downgrading_again(ports: Ports, operator: Viewer, case: Case, number: int) -> None:
    uuid = case.terms.uuid
    made = [
        await subscriptions.schedule_downgrade(
            ports, operator, key=f"down {number}", case_uuid=uuid, tier=PlanTier.STARTER, origin=ChangeOrigin.SETTINGS
        ),
        await subscriptions.cancel_scheduled_downgrade(ports, operator, key=f"keep {number}", case_uuid=uuid),
    ]
    assert all(isinstance(each, Case) for each in made), made


# ------------------------------------------------------------------------------------------------------- rights


async def subscription(ports: Ports, case: Case) -> Subscription | None:
    return await subscriptions.find_subscription(ports, case)


async def forms(admin: Person) -> list[tuple[str, dict[str, str]]]:
    """Every form of a change, as an admin would send it."""
    found = [("/settings", {"key": str(uuid4()), "overage": "on"}), ("/settings", {"key": str(uuid4()), "auto": "off"})]
    for path in (
        "/plan/change?tier=BUSINESS",
        "/plan/change?tier=STARTER",
        "/plan/deactivate",
        "/plan/tokens?tokens=9",
    ):
        action = path.partition("?")[0]
        found.append((action, {**fields(await admin.read(path), action), "sure": "yes"}))
    return [*found, ("/plan/keep", {"key": str(uuid4())})]


async def test_a_member_changes_nothing_with_any_form(
    admin: Person, member: Person, ports: Ports, operator: Viewer, case: Case
) -> None:
    """C9: not even with a form that an admin was shown; and the answer holds no money."""
    await downgrading(ports, operator, case, PlanTier.STARTER)
    before, terms = await subscription(ports, case), (await reread(ports, operator, case)).terms
    for action, form in await forms(admin):
        sent = await send(member, action, form)
        assert sent.status == 403, action
        assert sent.notice.startswith("Nothing was changed. Your role or the settings of the case do not allow this.")
        assert "$" not in sent.page.one("body").words
    assert await subscription(ports, case) == before
    assert (await reread(ports, operator, case)).terms == terms


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_a_form_on_another_site_changes_nothing(
    admin: Person, ports: Ports, operator: Viewer, case: Case, site: str
) -> None:
    """The cookie follows such a request in a browser of an admin; the request says where it comes from."""
    await downgrading(ports, operator, case, PlanTier.STARTER)
    before, terms = await subscription(ports, case), (await reread(ports, operator, case)).terms
    for action, form in await forms(admin):
        sent = await send(admin, action, form, Sec_Fetch_Site=site)
        assert sent.status == 403
        assert "did not come from a page of the panel" in parsed(sent.answer.text).words
    assert await subscription(ports, case) == before
    assert (await reread(ports, operator, case)).terms == terms


async def test_an_admin_of_another_case_changes_nothing_here(
    app: Starlette, admin: Person, ports: Ports, operator: Viewer, case: Case
) -> None:
    """A2: their session is bound to their own."""
    other = await registered_case(ports, operator)
    before, terms = await subscription(ports, case), (await reread(ports, operator, case)).terms
    async with visiting(app, ports, other.terms.uuid, Role.ORG_ADMIN) as stranger:
        stranger.home = admin.home
        for action, form in await forms(admin):
            assert (await send(stranger, action, form)).status == 401
    assert await subscription(ports, case) == before
    assert (await reread(ports, operator, case)).terms == terms


# ----------------------------------------------------------------------------------------------- on other pages


async def test_the_way_to_the_plans_stands_where_a_plan_helps(panel: Panel) -> None:
    for scene, query, expected in (
        ("starter", "", 1),
        ("waiting", "", 1),
        ("ended", "", 1),
        ("working", "", 0),
        ("working", "?kind=SCAN&mode=VIDEO&documents=9000", 0),  # the prompt itself upgrades
        ("unlimited", "", 0),
    ):
        async with panel.visited(scene, Role.CASE_ADMIN) as person:
            links = [link for link in (await person.read(query)).all("a") if link.words == "See plans"]
            assert [link.attributes["href"] for link in links] == [f"{person.home}/settings#plans"] * expected, scene


async def test_what_a_downgrade_left_above_the_cap_is_told(panel: Panel) -> None:
    """L6."""
    async with panel.visited("above") as person:
        hero = (await person.read()).one("section", id_="hero")
    assert "20,000 tokens above the Pro cap while tasks run" in hero.words

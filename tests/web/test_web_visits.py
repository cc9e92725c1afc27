"""Tokens added since the last visit: of each person, from opening to opening, in the time of the case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import sessions
from app.services.ports import Ports
from app.services.visits import added_since_last_visit
from tests.services.lives import Lives
from tests.stage import Clock, active_case, bulk, created, finish, named, report, reread, succeeded
from tests.web.person import SITE, Person
from tests.web.scenes import bought, caught_up, upgraded

TUESDAY = datetime(2026, 3, 3, 15, tzinfo=UTC)
"""10:00 in New York."""


@pytest.fixture
async def case(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    """Pro with room for ten refills."""
    clock.now = TUESDAY
    made = await active_case(ports, operator, PlanTier.PRO)
    task = await created(ports, operator, made, bulk(ScanMode.TEXT, 5_000))
    await report(ports, operator, task, succeeded(named(5_000)))
    await finish(ports, operator, task)
    return made


@pytest.fixture
def app(ports: Ports) -> Starlette:
    return build_app(ports, Settings())


@asynccontextmanager
async def opened(app: Starlette, ports: Ports, case: Case, user: str) -> AsyncIterator[Person]:
    """A session of a person who may come back under their name."""
    token = await sessions.make_link(
        ports, case_uuid=case.terms.uuid, user=user, role=Role.MEMBER, language=None, secret=lambda: uuid4().hex
    )
    assert isinstance(token, str), token
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
        assert (await client.get(f"/sign-in/{token}")).status_code == 303
        yield Person(client, case.terms.uuid)


async def added(person: Person, *, language: str = "en") -> str | None:
    """What the page says of it."""
    found = (await person.read(language=language)).all("p", look="added")
    return found[0].words if found else None


async def look(app: Starlette, ports: Ports, case: Case, user: str, *, language: str = "en") -> str | None:
    """A person comes, opens the page and goes."""
    async with opened(app, ports, case, user) as person:
        return await added(person, language=language)


async def test_the_first_opening_shows_nothing(app: Starlette, ports: Ports, case: Case) -> None:
    assert await look(app, ports, case, f"Ana {uuid4()}") is None


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "+1,000 tokens added since your last visit"), ("fr", "+1 000 jetons ajoutés depuis votre dernière visite")],
)
async def test_refills_since_the_opening_before_are_shown(
    app: Starlette, ports: Ports, operator: Viewer, case: Case, clock: Clock, language: str, said: str
) -> None:
    """Refills alone: not what was bought, filled by an upgrade or given back."""
    ana = f"Ana {uuid4()}"
    await look(app, ports, case, ana)
    for _ in range(2):
        clock.pass_(days=1)
        await caught_up(ports, operator, case)
    await bought(ports, operator, case, 77)
    assert await look(app, ports, case, ana, language=language) == said
    clock.pass_(minutes=40)
    await upgraded(ports, operator, case, PlanTier.BUSINESS)
    assert await look(app, ports, case, ana, language=language) is None


async def test_an_opening_lasts_as_long_as_the_panel_is_open(
    app: Starlette, ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    """Whatever page it shows; and a new one begins after half an hour without it, on whatever page."""
    ana = f"Ana {uuid4()}"
    await look(app, ports, case, ana)
    clock.pass_(hours=22)  # 08:00
    async with opened(app, ports, case, ana) as person:
        assert await added(person) is None
        for _ in range(4):
            clock.pass_(minutes=20)
            await person.read("/tasks")
        await caught_up(ports, operator, case)  # 09:20
        assert await added(person) == "+500 tokens added since your last visit"
        clock.pass_(minutes=29)
        assert await added(person) == "+500 tokens added since your last visit"
        clock.pass_(minutes=30)
        await person.read("/settings")
        assert await added(person) == "+500 tokens added since your last visit"
        clock.pass_(minutes=30)
        assert await added(person) is None


async def test_each_person_has_their_own_visits(
    app: Starlette, ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    ana, ben = f"Ana {uuid4()}", f"Ben {uuid4()}"
    await look(app, ports, case, ana)
    for expected in (None, "+500 tokens added since your last visit"):
        clock.pass_(days=1)
        await caught_up(ports, operator, case)
        assert await look(app, ports, case, ben) == expected
    assert await look(app, ports, case, ana) == "+1,000 tokens added since your last visit"


async def test_a_visit_is_noted_once_a_minute_at_most(app: Starlette, ports: Ports, case: Case, clock: Clock) -> None:
    async def noted() -> tuple[datetime, int]:
        row = await ports.database.call(
            "select seen_at, xmin::text::bigint from visits where case_id = %s", (case.terms.case_id,)
        )
        assert row is not None
        return row[0], row[1]

    async with opened(app, ports, case, f"Ana {uuid4()}") as person:
        await person.read()
        first = await noted()
        for path in ("", "/tasks", "/ledger", "/settings"):
            clock.pass_(seconds=14)
            await person.read(path)
        assert await noted() == first
        clock.pass_(seconds=4)
        await person.read("/ledger")
        assert (await noted())[0] == TUESDAY + timedelta(minutes=1)


async def test_of_two_tabs_that_open_at_once_none_ends_the_others_opening(
    app: Starlette, ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    ana = f"Ana {uuid4()}"
    await look(app, ports, case, ana)
    clock.pass_(days=1)
    await caught_up(ports, operator, case)
    async with opened(app, ports, case, ana) as one, opened(app, ports, case, ana) as other:
        for person in (one, other, one):
            assert await added(person) == "+500 tokens added since your last visit"


async def test_a_key_that_never_opened_the_panel_was_added_nothing(
    ports: Ports, operator: Viewer, case: Case, clock: Clock
) -> None:
    clock.pass_(days=1)
    await caught_up(ports, operator, case)
    assert await added_since_last_visit(ports, operator, await reread(ports, operator, case)) == 0


async def test_a_case_on_a_test_clock_is_visited_in_its_time(ports: Ports, clock: Clock) -> None:
    """C10: hours of ours are nothing there, and a day there is one."""
    lives = await Lives.begin(ports, clock)
    beginning = datetime(2027, 6, 1, 16, tzinfo=UTC)
    test_clock = await lives.start_clock(beginning)
    case = await lives.activate(PlanTier.PRO, test_clock)
    await lives.spend(case, 2_000)
    app, ana = build_app(ports, Settings()), f"Ana {uuid4()}"
    assert await look(app, ports, case, ana) is None
    clock.pass_(days=3)
    assert await look(app, ports, case, ana) is None
    await lives.advance(test_clock, beginning + timedelta(days=2))
    async with opened(app, ports, case, ana) as person:
        page = await person.read()
        assert page.one("p", look="added").words == "+1,000 tokens added since your last visit"
        assert page.one("dl", look="next").one("dd").all("span")[0].words == "Friday, June 4"
        assert "Jun 1–Jun 30, day 3 of 30" in page.one("section", id_="month").words
        assert "day 3 of 30" in (await person.read("/settings")).one("section", id_="standing").words

"""Getting in by a browser (A1, A2, E1): links, cookies, rights, and requests that other sites send."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.sessions import SESSION_LIFE
from app.services import sessions
from app.services.ports import Ports
from app.web.origins import framed_by
from app.web.routes import web_routes
from app.web.sessions import COOKIE, session_routes, signed_in
from tests.stage import Clock, nowhere, registered_case

SITE = "http://service"
OURS = {"Sec-Fetch-Site": "same-origin"}
ROLES = [Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN]


@pytest.fixture
def app(ports: Ports) -> Starlette:
    """The routes, and a page of a case that says who reads it."""

    async def whoami(request: Request) -> Response:
        session = await signed_in(request, ports)
        if isinstance(session, Response):
            return session
        viewer = session.viewer
        return PlainTextResponse(f"{viewer.name}|{viewer.role}|{viewer.language}|{framed_by(session)}")

    return Starlette(routes=[Route("/cases/{uuid}", whoami), *session_routes(ports)])


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as opened:
        yield opened


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    return await registered_case(ports, operator, organization=str(uuid4()))


async def link(
    ports: Ports,
    case: Case,
    user: str = "Ana",
    role: Role = Role.MEMBER,
    *,
    language: Language | None = None,
    life: timedelta | None = timedelta(minutes=15),
) -> str:
    """The path of a link."""
    token = await sessions.make_link(
        ports,
        case_uuid=case.terms.uuid,
        user=user,
        role=role,
        language=language,
        secret=lambda: uuid4().hex,
        life=life,
    )
    assert isinstance(token, str), token
    return f"/sign-in/{token}"


def home(case: Case) -> str:
    return f"/cases/{case.terms.uuid}"


async def read(browser: httpx2.AsyncClient, case: Case, **headers: str) -> list[str]:
    """Who the browser is to the case's page: name, role, language, who may frame it."""
    response = await browser.get(home(case), headers=headers)
    assert response.status_code == 200, response.text
    return response.text.split("|")


async def test_a_link_leads_to_the_case_once(browser: httpx2.AsyncClient, ports: Ports, case: Case) -> None:
    path = await link(ports, case, role=Role.CASE_ADMIN)
    for _ in range(2):
        assert (await browser.head(path)).status_code == 200
    entered = await browser.get(path)
    assert (entered.status_code, entered.headers["location"], entered.text) == (303, home(case), "")
    assert await read(browser, case) == ["Ana", "case-admin", "en_CA", "'self' https://portal.example.com"]
    again = await browser.get(path)
    assert again.status_code == 410
    assert COOKIE not in again.headers.get("set-cookie", "")
    assert (await read(browser, case))[0] == "Ana"


@pytest.mark.parametrize(
    ("base", "reach"),
    [("http://service", "SameSite=Lax"), ("https://service", "SameSite=None; Secure; Partitioned")],
)
async def test_the_cookie_is_for_one_case_and_not_for_scripts(
    app: Starlette, ports: Ports, case: Case, base: str, reach: str
) -> None:
    """On https it also works in a frame of another site, which is what the panel is inside Discover."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base) as browser:
        path = await link(ports, case, language=Language.FR)
        [cookie] = (await browser.get(path)).headers.get_list("set-cookie")
        pair, _, attributes = cookie.partition("; ")
        assert attributes == f"Path={home(case)}; Max-Age=43200; HttpOnly; {reach}"
        assert pair.startswith(f"{COOKIE}=fr.")
        assert path.removeprefix("/sign-in/") not in pair
        assert (await read(browser, case))[2] == "fr_CA"


async def test_two_cases_in_one_browser_do_not_disturb_each_other(
    browser: httpx2.AsyncClient, ports: Ports, operator: Viewer, case: Case
) -> None:
    other = await registered_case(ports, operator, organization=str(uuid4()))
    await browser.get(await link(ports, case, "Ana", Role.MEMBER))
    await browser.get(await link(ports, other, "Ben", Role.ORG_ADMIN))
    assert [(await read(browser, each))[:2] for each in (case, other)] == [["Ana", "member"], ["Ben", "org-admin"]]


async def test_the_reusable_link_lets_any_number_of_browsers_in(app: Starlette, own_ports: Ports) -> None:
    operator = Viewer(0, "Operator", Role.OPERATOR, None)
    case = await registered_case(own_ports, operator)
    path = await link(own_ports, case, life=None)
    app = Starlette(routes=session_routes(own_ports))
    for _ in range(3):
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as browser:
            assert (await browser.get(path)).headers["location"] == home(case)


@pytest.mark.parametrize(("accepted", "lang"), [("fr-CA", "fr-CA"), ("en", "en-CA"), ("", "en-CA")])
async def test_a_refused_link_is_a_page_that_says_so(
    browser: httpx2.AsyncClient, ports: Ports, case: Case, clock: Clock, accepted: str, lang: str
) -> None:
    """E1. Unknown, used or too old: one answer, which nobody learns anything from."""
    used, late = await link(ports, case), await link(ports, case)
    await browser.get(used)
    clock.pass_(minutes=15)
    unknown = ("/sign-in/x", "/sign-in/fr.x", f"/sign-in/{'x' * 5_000}", f"/sign-in/{quote('é%00')}")
    answers = [await browser.get(path, headers={"Accept-Language": accepted}) for path in (used, late, *unknown)]
    assert {answer.status_code for answer in answers} == {410}
    assert {answer.headers["referrer-policy"] for answer in answers} == {"no-referrer"}
    [text] = {answer.text for answer in answers}
    assert f'<html lang="{lang}">' in text
    assert ("nouveau" in text) == (lang == "fr-CA")


async def test_nothing_that_the_service_says_holds_a_token(
    browser: httpx2.AsyncClient, ports: Ports, case: Case
) -> None:
    path = await link(ports, case)
    entered = await browser.get(path)
    cookie = entered.cookies[COOKIE]
    answers = [entered, await browser.get(home(case)), await browser.get(path), await browser.head(path)]
    assert {answer.headers.get("cache-control") for answer in answers if answer.request.url.path == path} == {
        "no-store"
    }
    for token in (path.removeprefix("/sign-in/"), cookie):
        assert all(token not in answer.text and token not in answer.headers.get("location", "") for answer in answers)


# ---------------------------------------------------------------------------------------------------------- rights


async def sign_in(browser: httpx2.AsyncClient, who: str, ports: Ports, operator: Viewer, case: Case) -> None:
    """Signs the browser in as the table's row says."""
    if who == "nobody":
        return
    if who == "a guess":
        browser.cookies.set(COOKIE, "x" * 43, path="/")
    elif who == "of another case":
        nuix_id = case.organization.nuix_id
        other = await registered_case(ports, operator, organization=nuix_id)
        answer = await browser.get(await link(ports, other, role=Role.ORG_ADMIN))
        browser.cookies.set(COOKIE, answer.cookies[COOKIE], path="/")
    else:
        answer = await browser.get(await link(ports, case, role=Role(who) if who in list(Role) else Role.ORG_ADMIN))
        if who == "signed out":
            assert (await browser.post(f"{home(case)}/sign-out", headers=OURS)).status_code == 303
            browser.cookies.set(COOKIE, answer.cookies[COOKIE], path="/")


OUTSIDERS = ["nobody", "a guess", "of another case", "expired", "signed out"]


def places(ports: Ports) -> list[tuple[str, str]]:
    """Method and path, after the case's own, of every route of a case that the service has."""
    found = [
        (method, re.sub(r"{\w+(:\w+)?}", "1", route.path.removeprefix("/cases/{uuid}")))
        for route in web_routes(ports, "")
        if isinstance(route, Route) and route.path.startswith("/cases/")
        for method in route.methods or ()
    ]
    assert {("GET", ""), ("HEAD", ""), ("POST", "/language"), ("POST", "/sign-out")} <= set(found)
    return found


@pytest.fixture
async def visitor(ports: Ports) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at the real pages."""
    transport = httpx2.ASGITransport(app=Starlette(routes=web_routes(ports, "")))
    async with httpx2.AsyncClient(transport=transport, base_url=SITE) as opened:
        yield opened


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_outsiders_get_the_page_of_a_case_that_does_not_exist(
    visitor: httpx2.AsyncClient, ports: Ports, operator: Viewer, case: Case, clock: Clock, who: str
) -> None:
    """A2: on every route, in every byte."""
    await sign_in(visitor, who, ports, operator, case)
    if who == "expired":
        clock.now += SESSION_LIFE
    cases = (home(case), f"/cases/{nowhere()}", "/cases/x", f"/cases/{case.terms.uuid.hex}")
    for method, path in places(ports):
        form = {"language": "fr_CA"} if method == "POST" else None
        answers = [await visitor.request(method, each + path, headers=OURS, data=form) for each in cases]
        assert [answer.status_code for answer in answers] == [401] * len(cases), (method, path)
        assert len({answer.content for answer in answers}) == 1
        assert len({str(answer.headers) for answer in answers}) == 1
    assert await chosen_languages(ports, case) == set()


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_may_read_choose_a_language_and_leave(
    visitor: httpx2.AsyncClient, ports: Ports, operator: Viewer, case: Case, role: Role
) -> None:
    """And to nobody but admins the routes of a change of plan answer."""
    await sign_in(visitor, role.value, ports, operator, case)
    for method, path in sorted(places(ports), key=lambda place: place == ("POST", "/sign-out")):
        form = {"language": "fr_CA", "key": "k"} if method == "POST" else None
        answer = await visitor.request(method, home(case) + path, headers=OURS, data=form)
        if for_admins(method, path):
            assert (answer.status_code == 403) == (role is Role.MEMBER), (method, path)
            continue
        expected = 303 if method == "POST" else 200
        if "1" in path.split("/"):
            expected = 404  # there is no task 1 here, nor a payment of it
        elif path.startswith("/prompt/"):
            expected = 409 if method == "POST" else 303  # no task was refused here; the address leads to the form
        assert answer.status_code == expected, (method, path)
    assert (await visitor.get(home(case))).status_code == 401
    assert await chosen_languages(ports, case) == {"fr_CA"}


def for_admins(method: str, path: str) -> bool:
    """What changes the plan or its settings, the pages that show what it would cost, and what was billed."""
    if path.startswith(("/invoices", "/plan/")):
        return path != "/plan/history"
    return (method, path) in {("POST", "/settings"), ("POST", "/prompt/tokens"), ("POST", "/prompt/overage")}


async def chosen_languages(ports: Ports, case: Case) -> set[str]:
    """What the people of the case's organization have chosen."""
    row = await ports.database.call(
        "select array_agg(language::text) filter (where language is not null) from callers where organization_id = %s",
        (case.organization.organization_id,),
    )
    assert row is not None
    return set(row[0] or [])


@pytest.mark.parametrize(("accepted", "said"), [("fr", "Aucun accès"), ("en", "No access")])
async def test_no_rights_is_said_in_the_readers_language(
    browser: httpx2.AsyncClient, case: Case, accepted: str, said: str
) -> None:
    answer = await browser.get(home(case), headers={"Accept-Language": accepted})
    assert said in answer.text
    assert "frame-ancestors *" in answer.headers["content-security-policy"]


async def test_leaving_ends_the_session_here(browser: httpx2.AsyncClient, ports: Ports, case: Case) -> None:
    token = (await browser.get(await link(ports, case))).cookies[COOKIE]
    left = await browser.post(f"{home(case)}/sign-out", headers=OURS)
    assert (left.status_code, left.headers["location"]) == (303, home(case))
    assert not list(browser.cookies.jar)
    assert await sessions.find_session(ports, token, Language.EN) is None


# -------------------------------------------------------------------------------------------------------- language


async def test_a_chosen_language_stays_over_a_new_link(browser: httpx2.AsyncClient, ports: Ports, case: Case) -> None:
    """E1: whatever the browser prefers and the link says."""
    await browser.get(await link(ports, case, language=Language.EN))
    assert (await read(browser, case, **{"Accept-Language": "fr"}))[2] == "en_CA"
    for language in ("fr_CA", "en_CA", "fr_CA"):
        answer = await browser.post(f"{home(case)}/language", data={"language": language}, headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, home(case))
        assert (await read(browser, case))[2] == language
    browser.cookies.clear()
    await browser.get(await link(ports, case, language=Language.EN))
    assert (await read(browser, case, **{"Accept-Language": "en"}))[2] == "fr_CA"


async def test_after_choosing_a_language_the_reader_is_where_they_were(
    browser: httpx2.AsyncClient, ports: Ports, case: Case
) -> None:
    await browser.get(await link(ports, case))
    here, other = home(case), f"/cases/{nowhere()}"
    inside = ["", "/tasks", "/tasks/7?after=1&x=%C3%89", "?month=2026-03"]
    outside = [
        "", "/", other, f"{other}?x={here}", f"//evil.example{here}", f"https://evil.example{here}", f"{here}x",
        f"{here}/../../graphql", f"{here}/..", f"{here}/%2e%2E/", f"{here}/\\evil", f"{here}/a\r\nSet-Cookie: a=b",
        f"{here}/é", here.upper(), f" {here}", "x" * 5_000,
    ]  # fmt: skip
    for wanted, got in [(here + path, here + path) for path in inside] + [(path, here) for path in outside]:
        form = {"language": "fr_CA", "next": wanted}
        answer = await browser.post(f"{here}/language", data=form, headers=OURS)
        expected = (400, None) if len(wanted) > 4_096 else (303, got)
        assert (answer.status_code, answer.headers.get("location")) == expected, wanted
        assert "a=b" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "body", ["", "language=", "language=de", "language=EN", "language=%00", "x" * 10_000, "&" * 4_000, "language=\x00"]
)
async def test_a_form_without_a_language_changes_nothing(
    browser: httpx2.AsyncClient, ports: Ports, case: Case, body: str
) -> None:
    await browser.get(await link(ports, case))
    answer = await browser.post(f"{home(case)}/language", content=body, headers=OURS)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert await chosen_languages(ports, case) == set()


# ----------------------------------------------------------------------------------------------------- other sites

FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": SITE},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://service.evil.example"},
    {"Origin": "http://service@evil.example"},
    {"Origin": "http://service:81"},
    {"Origin": "service"},
    {"Origin": "http://[::1"},
    {"Origin": "", "Host": ""},
    {"Referer": f"{SITE}/"},
]
OWN = [OURS, {**OURS, "Origin": "null"}, {"Origin": SITE}, {"Origin": "HTTP://Service"}, {"Origin": "https://service"}]


@pytest.mark.parametrize("route", ["/language", "/sign-out"])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_what_another_site_sends_changes_nothing(
    browser: httpx2.AsyncClient, ports: Ports, case: Case, headers: dict[str, str], route: str
) -> None:
    await browser.get(await link(ports, case))
    answer = await browser.post(home(case) + route, data={"language": "fr_CA"}, headers=headers)
    assert answer.status_code == 403
    assert (await read(browser, case))[2] == "en_CA"


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_what_our_page_sends_is_done(
    browser: httpx2.AsyncClient, ports: Ports, case: Case, headers: dict[str, str]
) -> None:
    await browser.get(await link(ports, case))
    answer = await browser.post(f"{home(case)}/language", data={"language": "fr_CA"}, headers=headers)
    assert answer.status_code == 303
    assert (await read(browser, case))[2] == "fr_CA"

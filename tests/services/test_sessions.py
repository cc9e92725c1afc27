"""Getting in (A1, A2, E1): who gets a link, whom it lets in, how often and for how long."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.sessions import LINK_LIFE, SESSION_LIFE, LinkRefusal, Session
from app.services import sessions
from app.services.ports import Ports
from app.storage.sessions import CLEARED_AT_ONCE
from tests.stage import Clock, active_case, bulk, create, created, new_viewer, nowhere, registered_case


def secret() -> str:
    return uuid4().hex


def person() -> str:
    return f"Reviewer {uuid4()}"


async def refused_or_link(
    ports: Ports,
    case: UUID,
    user: str,
    role: Role = Role.MEMBER,
    language: Language | None = None,
    life: timedelta | None = LINK_LIFE,
) -> str | LinkRefusal:
    return await sessions.make_link(
        ports, case_uuid=case, user=user, role=role, language=language, secret=secret, life=life
    )


async def link(
    ports: Ports,
    case: Case,
    user: str | None = None,
    role: Role = Role.MEMBER,
    language: Language | None = None,
    life: timedelta | None = LINK_LIFE,
) -> str:
    made = await refused_or_link(ports, case.terms.uuid, user or person(), role, language, life)
    assert isinstance(made, str), made
    return made


async def entered(ports: Ports, token: str) -> str:
    """The token of the session that the link must open."""
    result = await sessions.enter(ports, token, secret=secret)
    assert result is not None
    return result[0]


async def session_of(ports: Ports, token: str, fallback: Language = Language.EN) -> Session:
    session = await sessions.find_session(ports, token, fallback)
    assert session is not None
    return session


@pytest.fixture
async def case(ports: Ports, operator: Viewer) -> Case:
    """Of an organization of its own."""
    return await registered_case(ports, operator, organization=str(uuid4()))


@pytest.fixture
async def own_operator(own_ports: Ports) -> Viewer:
    return (await new_viewer(own_ports))[0]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN])
async def test_a_link_lets_the_person_into_the_case_in_the_role(ports: Ports, case: Case, role: Role) -> None:
    user = person()
    opened = await sessions.enter(ports, await link(ports, case, user, role), secret=secret)
    assert opened is not None
    token, case_uuid = opened
    assert case_uuid == case.terms.uuid
    session = await session_of(ports, token)
    assert (session.viewer.name, session.viewer.role, session.viewer.organization_id) == (
        user,
        role,
        case.organization.organization_id,
    )
    assert (session.case_uuid, session.portal_origin) == (case.terms.uuid, "https://portal.example.com")


async def test_one_name_is_one_actor_of_its_organization_in_every_session(
    ports: Ports, operator: Viewer, case: Case
) -> None:
    """K1: so that what a person starts twice is started once; a namesake elsewhere is somebody else."""
    user = person()
    other = await registered_case(ports, operator, organization=str(uuid4()))
    first, again, namesake = [
        (await session_of(ports, await entered(ports, await link(ports, in_case, user)))).viewer.caller_id
        for in_case in (case, case, other)
    ]
    assert first == again != namesake


@pytest.mark.parametrize("user", ["", " ", "x" * 256, "a\0b", "a\nb", "\ud800", "a\u202eb"])
async def test_a_name_that_cannot_be_shown_gets_no_link(ports: Ports, case: Case, user: str) -> None:
    assert await refused_or_link(ports, case.terms.uuid, user) is LinkRefusal.UNUSABLE_NAME


async def test_there_is_no_link_to_nowhere_and_none_for_operators(ports: Ports, case: Case) -> None:
    assert await refused_or_link(ports, nowhere(), person()) is LinkRefusal.NO_SUCH_CASE
    assert await refused_or_link(ports, case.terms.uuid, person(), Role.OPERATOR) is LinkRefusal.NOT_FOR_OPERATORS


async def test_a_person_never_enters_as_a_program(ports: Ports, operator: Viewer, case: Case) -> None:
    """Whose acts are whose is evidence; the same name in another organization is free."""
    client, _ = await new_viewer(ports, Role.MEMBER, case.organization.organization_id)
    assert await refused_or_link(ports, case.terms.uuid, client.name) is LinkRefusal.NAME_OF_A_CLIENT
    other = await registered_case(ports, operator, organization=str(uuid4()))
    assert await link(ports, other, client.name)


async def test_of_many_uses_at_once_one_gets_in(ports: Ports, case: Case) -> None:
    token = await link(ports, case)
    opened = await asyncio.gather(*(sessions.enter(ports, token, secret=secret) for _ in range(32)))
    [one] = [result for result in opened if result is not None]
    assert (await session_of(ports, one[0])).case_uuid == case.terms.uuid
    assert await sessions.enter(ports, token, secret=secret) is None


@pytest.mark.parametrize("life", [LINK_LIFE, timedelta(minutes=1)])
async def test_a_link_waits_for_its_life_and_no_longer(ports: Ports, case: Case, clock: Clock, life: timedelta) -> None:
    in_time, late = [await link(ports, case, life=life) for _ in range(2)]
    clock.now += life - timedelta(microseconds=1)
    assert await entered(ports, in_time)
    clock.now += timedelta(microseconds=1)
    assert await sessions.enter(ports, late, secret=secret) is None


async def test_a_session_ends_after_its_life_however_busy(ports: Ports, case: Case, clock: Clock) -> None:
    token = await entered(ports, await link(ports, case))
    clock.now += SESSION_LIFE - timedelta(microseconds=1)
    assert await session_of(ports, token)
    clock.now += timedelta(microseconds=1)
    assert await sessions.find_session(ports, token, Language.EN) is None


async def test_a_session_that_is_ended_is_over_and_others_go_on(ports: Ports, case: Case) -> None:
    user = person()
    ended, other = [await entered(ports, await link(ports, case, user)) for _ in range(2)]
    await sessions.end_session(ports, ended)
    assert await sessions.find_session(ports, ended, Language.EN) is None
    assert await session_of(ports, other)


async def test_what_is_no_token_opens_nothing(ports: Ports, case: Case) -> None:
    made = await link(ports, case, language=Language.FR)
    for other in ("", ".", "fr.", made[:-1], made + "x", made.upper(), made.removeprefix("fr."), f"en{made[2:]}",
                  "\ud800", "\0", "x" * 2**16, "' or true --"):  # fmt: skip
        assert await sessions.enter(ports, other, secret=secret) is None
    token = await entered(ports, made)
    for other in ("", made, token[:-1], token.removeprefix("fr."), f"en{token[2:]}", "\ud800", "\0", "x" * 2**16):
        assert await sessions.find_session(ports, other, Language.EN) is None
    assert await sessions.enter(ports, token, secret=secret) is None


async def test_of_links_and_sessions_only_the_digests_are_stored(ports: Ports, case: Case, shared_url: str) -> None:
    made = await link(ports, case, life=timedelta(days=1))
    token = await entered(ports, await link(ports, case))
    with psycopg.connect(shared_url) as connection:
        for table, stored in (("sign_in_links", made), ("sessions", token)):
            found = connection.execute(
                f"select t::text from {table} t where digest = %s".encode(), [hashlib.sha256(stored.encode()).digest()]
            ).fetchone()
            assert found is not None
            assert stored not in found[0]
            assert stored.encode().hex() not in found[0]


async def test_the_reusable_link_works_until_it_is_dropped_or_replaced(
    own_ports: Ports, own_operator: Viewer, clock: Clock
) -> None:
    case = await registered_case(own_ports, own_operator)
    once = await link(own_ports, case, life=timedelta(days=2_000))
    first = await link(own_ports, case, life=None)
    opened = [await entered(own_ports, first) for _ in range(3)]
    clock.pass_(days=1_000)
    assert len({*opened, await entered(own_ports, first)}) == 4
    second = await link(own_ports, case, life=None)
    assert await sessions.enter(own_ports, first, secret=secret) is None
    inside = await entered(own_ports, second)
    await sessions.drop_reusable_links(own_ports)
    assert await sessions.enter(own_ports, second, secret=secret) is None
    assert await session_of(own_ports, inside)
    assert await entered(own_ports, once)


@pytest.mark.parametrize("fallback", Language)
async def test_the_language_is_the_persons_choice_else_the_links_else_the_browsers(
    ports: Ports, case: Case, fallback: Language
) -> None:
    """E1."""
    user = person()
    plain = await entered(ports, await link(ports, case, user))
    english = await entered(ports, await link(ports, case, user, language=Language.EN))
    french = await entered(ports, await link(ports, case, user, language=Language.FR))
    assert [(await session_of(ports, token, fallback)).viewer.language for token in (plain, english, french)] == [
        fallback,
        Language.EN,
        Language.FR,
    ]
    for chosen in (Language.FR, Language.EN):
        await sessions.choose_language(ports, (await session_of(ports, plain)).viewer, chosen)
        for token in (plain, english, french):
            assert (await session_of(ports, token, fallback)).viewer.language is chosen


async def test_a_chosen_language_is_kept_for_later_sessions_and_is_nobody_elses(ports: Ports, case: Case) -> None:
    user = person()
    session = await session_of(ports, await entered(ports, await link(ports, case, user)))
    await sessions.choose_language(ports, session.viewer, Language.FR)
    later = await entered(ports, await link(ports, case, user, language=Language.EN))
    other = await entered(ports, await link(ports, case))
    assert (await session_of(ports, later)).viewer.language is Language.FR
    assert (await session_of(ports, other)).viewer.language is Language.EN


async def test_signing_in_clears_what_has_expired(own_ports: Ports, own_operator: Viewer, clock: Clock) -> None:
    """A part of it each time, so that no sign-in is slow after a busy night."""
    case = await registered_case(own_ports, own_operator)
    for _ in range(CLEARED_AT_ONCE + 5):
        await link(own_ports, case, "Reviewer")
    kept = await link(own_ports, case, "Reviewer", life=timedelta(days=3))
    clock.now += LINK_LIFE
    await entered(own_ports, await link(own_ports, case, "Reviewer"))
    assert await rows(own_ports, "sign_in_links") == 6
    clock.now += SESSION_LIFE
    await entered(own_ports, await link(own_ports, case, "Reviewer"))
    assert (await rows(own_ports, "sign_in_links"), await rows(own_ports, "sessions")) == (1, 1)
    assert await entered(own_ports, kept)


async def rows(ports: Ports, table: str) -> int:
    row = await ports.database.call(f"select count(*) from {table}", ())
    assert row is not None
    count: int = row[0]
    return count


async def test_what_a_session_does_is_the_persons_in_the_ledger(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator, organization=str(uuid4()))
    user = person()
    viewer = (await session_of(ports, await entered(ports, await link(ports, case, user)))).viewer
    task = await created(ports, viewer, case, bulk())
    row = await ports.database.call(
        "select c.name from ledger_entries join callers c using (caller_id) where case_id = %s and task_number = %s",
        (case.terms.case_id, task.number),
    )
    assert row == (user,)
    again = await create(ports, viewer, case, bulk(), key="once")
    assert await create(ports, viewer, case, bulk(), key="once") == again

"""Cases made, put on a plan and first used by several at once (K1, L5, C1)."""

import os
import subprocess
import sys
from uuid import uuid4

import psycopg
import pytest
from fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, crowd_on, entries_of
from stage import Clock, bulk, create, new_viewer, registered_case

from app.domain.callers import Role
from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Flaw, IdempotencyConflict, InsufficientTokens, InvalidInput, PlanChangeRefused, Refusal
from app.domain.tasks import Task
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services import cases, verification
from app.services.keys import create_key, list_keys
from app.services.organizations import find_by_nuix_id


@pytest.mark.parametrize("same_key", [True, False])
async def test_a_case_is_activated_once(crowd: Crowd, same_key: bool) -> None:
    """L5, C1: one fill and one cycle; under one key everybody is told of it, under eight only the first."""
    for _ in range(3 * ROUNDS):
        case = await registered_case(crowd.one, crowd.operator)
        results = await at_once(
            *(
                cases.activate_case(
                    crowd.member(i), crowd.operator, key="same" if same_key else f"key {i}", case_uuid=case.terms.uuid,
                    tier=PlanTier.PRO, payment_method=PaymentMethod.CARD,
                )
                for i in range(8)
            )
        )  # fmt: skip
        done = [result for result in results if isinstance(result, Case)]
        assert len(done) == (8 if same_key else 1)
        assert all(result == done[0] for result in done)
        assert all(isinstance(result, Case | PlanChangeRefused) for result in results)
        assert [entry[:2] for entry in await entries_of(crowd.one, case)] == [("ACTIVATION_FILL", 10_000)]
        assert await count_rows(crowd.one, "cycles", case) == 1
    await assert_nothing_differs(crowd.one)


@pytest.mark.parametrize(("same_key", "same_uuid"), [(True, True), (True, False), (False, True), (False, False)])
async def test_a_case_is_registered_once_on_an_empty_database(crowd: Crowd, same_key: bool, same_uuid: bool) -> None:
    """K1: one uuid is one case and one key is one case; the organization, new to all of them, is one, too."""
    uuids = [uuid4() for _ in range(8)]

    async def register(number: int) -> Case | Refusal:
        return await cases.register_case(
            crowd.member(number), crowd.operator, key="same" if same_key else f"key {number}",
            uuid=uuids[0 if same_uuid else number], name="Roe v. Doe", organization_nuix_id="17",
            organization_name="Doe LLP", portal_url="https://portal.example.com/",
        )  # fmt: skip

    assert (await verification.verify(crowd.one)).cases == 0
    results = await at_once(*(register(i) for i in range(8)))
    done = [result for result in results if isinstance(result, Case)]
    others = [result for result in results if not isinstance(result, Case)]
    if same_key == same_uuid:
        assert len(done) == 8
    elif same_key:
        assert others == [IdempotencyConflict()] * 7
    else:
        assert others == [InvalidInput("uuid", Flaw.ALREADY_REGISTERED)] * 7
    assert len({case.terms.uuid for case in done}) == await count_rows(crowd.one, "cases")
    assert len(await find_by_nuix_id(crowd.one, "17", None)) == 1


async def test_the_first_callers_of_an_empty_service_are_served_exactly(crowd: Crowd) -> None:
    """K1, T2: keys of one name at once are one caller; register, activate and reserve by all: one of each, ten tasks."""
    await at_once(
        *(
            create_key(
                crowd.member(i), name="Scanner", role=Role.OPERATOR, organization_id=None, secret=lambda: uuid4().hex
            )
            for i in range(8)
        )
    )
    assert [key.caller for key in await list_keys(crowd.one)].count("Scanner") == 8
    assert await count_rows(crowd.one, "callers") == 2
    uuid = uuid4()

    async def use(number: int) -> Task | Refusal:
        ports = crowd.member(number)
        case = await cases.register_case(
            ports, crowd.operator, key="case", uuid=uuid, name="Roe", organization_nuix_id="1",
            organization_name="Doe", portal_url="https://portal.example.com",
        )  # fmt: skip
        assert isinstance(case, Case)
        case = await cases.activate_case(
            ports, crowd.operator, key="plan", case_uuid=uuid, tier=PlanTier.PRO, payment_method=PaymentMethod.CARD
        )
        assert isinstance(case, Case)
        return await create(ports, crowd.operator, case, bulk(ScanMode.AUTO, 50), key=f"task {number}")

    results = await at_once(*(use(i) for i in range(16)))
    assert [type(result) for result in results].count(Task) == 10
    assert [type(result) for result in results].count(InsufficientTokens) == 6
    await assert_nothing_differs(crowd.one)


async def test_processes_that_start_together_migrate_an_empty_database_once(
    postgres: EmbeddedPostgres, clock: Clock
) -> None:
    """The others wait for the one that migrates, however long it takes, and find nothing left to do."""
    name = f"empty_{uuid4().hex}"
    postgres.create_database(name)
    url = postgres.url(name)
    with psycopg.connect(url, autocommit=True) as slow:
        slow.execute("select pg_advisory_lock(%s)", [0x434C4149])  # what a migration of 6 seconds would hold
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "app.runtime.cli.commands", "migrate"],
                env={**os.environ, "DATABASE_URL": url}, stderr=subprocess.PIPE, text=True,
            )
            for _ in range(3)
        ]  # fmt: skip
        slow.execute("select pg_sleep(7)")
    assert [(process.communicate()[1], process.returncode) for process in started] == [("", 0)] * 3
    async with crowd_on(url, clock, processes=1) as crowd:
        await new_viewer(crowd.one)
        assert await count_rows(crowd.one, "alembic_version") == 1
    postgres.drop_database(name)

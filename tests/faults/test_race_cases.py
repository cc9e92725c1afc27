"""Cases made, put on a plan and first used by several at once (K1, L5, C1)."""

import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from app.domain.callers import Role
from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Flaw, IdempotencyConflict, InsufficientTokens, InvalidInput, PlanChangeRefused, Refusal
from app.domain.tasks import Task
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services import cases, subscriptions, verification
from app.services.keys import create_key, list_keys
from app.services.organizations import find_by_nuix_id
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, entries_of
from tests.stage import bulk, create, registered_case

COMMAND = Path(sys.executable).with_name("claira-usage")
ONE_AT_A_TIME = 0x434C4149
"""The lock that migrations/env.py takes."""


@pytest.mark.parametrize("same_key", [True, False])
async def test_a_case_is_activated_once(crowd: Crowd, same_key: bool) -> None:
    """L5, C1: one fill and one cycle; under one key everybody is told of it, under eight only the first."""
    for _ in range(3 * ROUNDS):
        case = await registered_case(crowd.one, crowd.operator)
        results = await at_once(
            *(
                subscriptions.activate_case(
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
    """K1, T2: keys of one name are one caller; all register, activate and reserve at once: one case, ten tasks."""
    await at_once(
        *(
            create_key(
                crowd.member(i), name="Scanner", role=Role.OPERATOR, organization_id=None, secret=lambda: uuid4().hex
            )
            for i in range(8)
        )
    )
    assert [key.caller for key in await list_keys(crowd.one)].count("Scanner") == 8
    assert await count_rows(crowd.one, "callers") == 3  # and the operator, and the scheduler
    uuid = uuid4()

    async def use(number: int) -> Task | Refusal:
        ports = crowd.member(number)
        case = await cases.register_case(
            ports, crowd.operator, key="case", uuid=uuid, name="Roe", organization_nuix_id="1",
            organization_name="Doe", portal_url="https://portal.example.com",
        )  # fmt: skip
        assert isinstance(case, Case)
        case = await subscriptions.activate_case(
            ports, crowd.operator, key="plan", case_uuid=uuid, tier=PlanTier.PRO, payment_method=PaymentMethod.CARD
        )
        assert isinstance(case, Case)
        return await create(ports, crowd.operator, case, bulk(ScanMode.AUTO, 50), key=f"task {number}")

    results = await at_once(*(use(i) for i in range(16)))
    assert [type(result) for result in results].count(Task) == 10
    assert [type(result) for result in results].count(InsufficientTokens) == 6
    await assert_nothing_differs(crowd.one)


def test_processes_that_start_together_migrate_an_empty_database_once(postgres: EmbeddedPostgres) -> None:
    """Whoever does not migrate waits for the one that does, and finds nothing left to do.

    The long form makes them wait for longer than any of them would wait for a table.
    """
    name = f"empty_{uuid4().hex}"
    postgres.create_database(name)
    url = postgres.url(name)
    with psycopg.connect(url, autocommit=True) as another:
        another.execute("select pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        started = [
            subprocess.Popen(
                [COMMAND, "migrate"], env={**os.environ, "DATABASE_URL": url}, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        while another.execute("select count(*) from pg_locks where not granted").fetchone() != (3,):
            time.sleep(0.05)
        if ROUNDS > 1:
            time.sleep(5.5)
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in started] == [("", 0)] * 3
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
    postgres.drop_database(name)

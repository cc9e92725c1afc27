"""Every isolation level gives the same results: they rest on locks, conditions and unique keys (fault matrix 8).

Our connections ask for READ COMMITTED whatever the database prefers. Where the address of the database insists on more,
conflicts happen, and hot steps are repeated inside: nobody is shown one.
"""

from collections.abc import AsyncIterator
from random import Random
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select

from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import InsufficientTokens, PlanChangeRefused
from app.domain.tasks import Task
from app.services import cases, subscriptions
from app.storage.database import DatabaseUnavailable
from tests.faults.fault_clients import Client, ServiceDoor
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, crowd_on, entries_of
from tests.faults.fault_evidence import evidence
from tests.faults.fault_history import History, unexplained
from tests.stage import (
    Clock,
    active_case,
    bulk,
    create,
    created,
    finish,
    named,
    registered_case,
    report,
    reread,
    succeeded,
)

pytestmark = pytest.mark.usefixtures("patient")

LEVELS = ["repeatable read", "serializable"]
LEVEL = select(func.current_setting("transaction_isolation"))


def preferring(url: str, level: str) -> str:
    """The database prefers the level for whoever does not say otherwise."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("alter database {} set default_transaction_isolation = {}").format(name, sql.Literal(level))
        )
    return url


def insisting(url: str, level: str) -> str:
    """The address says it, which wins over what we ask for."""
    option = "-c default_transaction_isolation=" + level.replace(" ", "\\ ")
    return f"{url}&options={quote(option)}"


@pytest.fixture(params=LEVELS)
async def strict(own_url: str, clock: Clock, request: pytest.FixtureRequest) -> AsyncIterator[Crowd]:
    """Services that really work at the level."""
    async with crowd_on(insisting(own_url, request.param), clock) as crowd:
        assert await crowd.one.database.call("show transaction_isolation", ()) == (request.param,)
        yield crowd


@pytest.mark.parametrize("level", LEVELS)
async def test_our_connections_do_not_follow_the_database_s_preference(own_url: str, clock: Clock, level: str) -> None:
    """The functions are written for READ COMMITTED: after a lock wait each statement must see the newest rows."""
    async with crowd_on(preferring(own_url, level), clock, processes=1) as crowd:
        shown = [await crowd.one.database.call("show transaction_isolation", ())]
        for transaction in (crowd.one.database.writing, crowd.one.database.reading):
            async with transaction() as connection:
                shown += [tuple(row) for row in await connection.execute(LEVEL)]
        assert shown == [("read committed",)] * 3


@pytest.mark.parametrize("level", LEVELS)
async def test_nothing_fails_where_the_database_prefers_another_level(own_url: str, clock: Clock, level: str) -> None:
    """L5, T5: eight activations with eight keys and eight changes of settings at once: no conflict is seen."""
    async with crowd_on(preferring(own_url, level), clock) as crowd:
        case = await registered_case(crowd.one, crowd.operator)
        results = await at_once(
            *(
                subscriptions.activate_case(
                    crowd.member(i), crowd.operator, key=f"key {i}", case_uuid=case.terms.uuid, tier=PlanTier.PRO,
                    payment_method=PaymentMethod.CARD,
                )
                for i in range(8)
            )
        )  # fmt: skip
        assert sorted(type(result).__name__ for result in results) == ["Case"] + ["PlanChangeRefused"] * 7
        changed = await at_once(
            *(
                cases.update_case_settings(
                    crowd.member(i), crowd.operator, key=f"key {i}", case_uuid=case.terms.uuid, overage_enabled=i > 3,
                    auto_upgrade_allowed=None,
                )
                for i in range(8)
            )
        )  # fmt: skip
        assert all(isinstance(result, Case) for result in changed)
        assert (await reread(crowd.one, crowd.operator, case)).terms.version == 1 + 1 + 8
        await assert_nothing_differs(crowd.one)


async def test_the_tank_is_shared_exactly_at_any_level(strict: Crowd) -> None:
    """T2: 64 tasks of 1,000 on a tank of 10,000: ten run, and nobody is told of a conflict."""
    for _ in range(ROUNDS):
        case = await active_case(strict.one, strict.operator)
        results = await at_once(
            *(create(strict.member(i), strict.operator, case, bulk(ScanMode.AUTO, 50)) for i in range(64))
        )
        assert [type(result) for result in results].count(Task) == 10
        assert [type(result) for result in results].count(InsufficientTokens) == 54
        tank = (await reread(strict.one, strict.operator, case)).reservoir
        assert (tank.balance, tank.held) == (0, 10_000)
    await assert_nothing_differs(strict.one)


async def test_one_key_makes_one_task_at_any_level(strict: Crowd) -> None:
    """K1: also where the one task takes all that the tank has."""
    case = await active_case(strict.one, strict.operator)
    results = await at_once(
        *(create(strict.member(i), strict.operator, case, bulk(ScanMode.AUTO, 500), key="the key") for i in range(32))
    )
    assert isinstance(results[0], Task)
    assert set(results) == {results[0]}
    assert await count_rows(strict.one, "tasks", case) == 1
    await assert_nothing_differs(strict.one)


async def test_overlapping_reports_and_the_end_charge_once_at_any_level(strict: Crowd) -> None:
    """T4, T6: sixteen reports of overlapping documents, under the worked prices of T3."""
    case = await active_case(strict.one, strict.operator)
    task = await created(strict.one, strict.operator, case, bulk(ScanMode.AUTO, 50))
    work = [report(strict.member(i), strict.operator, task, succeeded(named(20, i), ScanMode.IMAGE)) for i in range(16)]
    assert all(isinstance(result, Task) for result in await at_once(*work))
    ended = await finish(strict.one, strict.operator, task)
    assert isinstance(ended, Task)
    assert (ended.succeeded, ended.charged, ended.refunded) == (35, 175, 825)
    assert (await reread(strict.one, strict.operator, case)).reservoir.balance == 10_000 - 175
    await assert_nothing_differs(strict.one)


async def test_a_plan_change_that_meets_a_conflict_says_come_back(strict: Crowd) -> None:
    """L5, K1: it is not repeated inside, as its transaction is long; asking again with the key settles it, once."""
    case = await registered_case(strict.one, strict.operator)

    async def activate(number: int) -> str:
        while True:
            try:
                result = await subscriptions.activate_case(
                    strict.member(number), strict.operator, key=f"key {number}", case_uuid=case.terms.uuid,
                    tier=PlanTier.PRO, payment_method=PaymentMethod.CARD,
                )  # fmt: skip
            except DatabaseUnavailable:
                continue
            assert isinstance(result, Case | PlanChangeRefused)
            return type(result).__name__

    results = await at_once(*(activate(i) for i in range(8)))
    assert sorted(results) == ["Case"] + ["PlanChangeRefused"] * 7
    assert [entry[:2] for entry in await entries_of(strict.one, case)] == [("ACTIVATION_FILL", 10_000)]
    await assert_nothing_differs(strict.one)


async def test_clients_at_any_level_get_each_effect_once(strict: Crowd, own_url: str) -> None:
    """K1, T2-T6: and none of them is ever told that the service is not available."""
    cases = [(await active_case(strict.one, strict.operator)).terms.uuid for _ in range(3)]
    history = History(strict.operator.caller_id)

    async def run(number: int) -> None:
        client = Client(
            f"client {number}", ServiceDoor(strict.member(number), strict.operator), history, Random(number)
        )
        for turn in range(8 * ROUNDS):
            await client.run_task(cases, turn)

    await at_once(*(run(number) for number in range(8)))
    assert history.unknown == 0
    assert unexplained(history, evidence(own_url)) == []
    await assert_nothing_differs(strict.one)

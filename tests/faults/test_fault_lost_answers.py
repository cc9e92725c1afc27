"""Connections that end between the request and its answer, and between two requests (K1, T2-T6)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Refusal
from app.domain.tasks import Task
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services import cases, subscriptions, tasks
from app.services.ports import Ports
from app.storage.database import HOT_CONNECTIONS, DatabaseUnavailable
from tests.faults.fault_clients import Client, ServiceDoor
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, at_once, count_rows, crowd_on, entries_of
from tests.faults.fault_evidence import evidence
from tests.faults.fault_history import History, unexplained
from tests.faults.fault_proxy import CuttingProxy
from tests.stage import (
    Clock,
    active_case,
    bulk,
    created,
    finish,
    named,
    opened,
    registered_case,
    report,
    reread,
    succeeded,
)

pytestmark = pytest.mark.usefixtures("patient")


@dataclass
class Cut:
    """Services that reach the database through the proxy, and services that reach it directly."""

    proxy: CuttingProxy
    ports: Ports
    crowd: Crowd

    @property
    def operator(self) -> Viewer:
        return self.crowd.operator


@pytest.fixture
async def cut(own_url: str, crowd: Crowd, clock: Clock) -> AsyncIterator[Cut]:
    async with CuttingProxy(own_url) as proxy, opened(proxy.url, clock) as ports:
        yield Cut(proxy, ports, crowd)


Step = Callable[[Ports, Viewer, Case, Task], Awaitable[Task | Refusal]]


async def create_step(ports: Ports, viewer: Viewer, case: Case, task: Task) -> Task | Refusal:
    work = bulk(ScanMode.AUTO, 7)
    return await tasks.create_task(ports, viewer, key="k", case_uuid=case.terms.uuid, task=work, name="cut here")


async def report_step(ports: Ports, viewer: Viewer, case: Case, task: Task) -> Task | Refusal:
    return await report(ports, viewer, task, succeeded([*named(6), "cut here"], ScanMode.IMAGE), key="k")


async def finish_step(ports: Ports, viewer: Viewer, case: Case, task: Task) -> Task | Refusal:
    return await finish(ports, viewer, task, key="k")


EFFECTS = {"create": ["RESERVE"], "report": ["CHARGE", "REFUND"], "finish": ["REFUND"]}
STEPS: dict[str, tuple[Step, bytes]] = {
    "create": (create_step, b"cut here"),
    "report": (report_step, b"cut here"),
    "finish": (finish_step, b"COMPLETED"),
}


@pytest.mark.parametrize("loses", ["answer", "request"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", STEPS)
async def test_a_hot_step_is_done_once_whatever_is_lost(cut: Cut, name: str, times: int, loses: str) -> None:
    """K1: lost once, the service asks again by itself; lost twice, the caller does, with its key. One effect."""
    step, containing = STEPS[name]
    case = await active_case(cut.crowd.one, cut.operator)
    task = await created(cut.crowd.one, cut.operator, case, bulk(ScanMode.AUTO, 10))
    before = await entries_of(cut.crowd.one, case)
    (cut.proxy.lose_answers if loses == "answer" else cut.proxy.lose_requests)(containing, times)
    if times == 2:
        with pytest.raises(DatabaseUnavailable):
            await step(cut.ports, cut.operator, case, task)
    result = await step(cut.ports, cut.operator, case, task)
    assert isinstance(result, Task)
    assert cut.proxy.cuts == times
    assert await step(cut.crowd.member(1), cut.operator, case, task) == result
    after = await entries_of(cut.crowd.one, case)
    assert [entry[0] for entry in after[len(before) :]] == EFFECTS[name]
    await assert_nothing_differs(cut.crowd.one)


@pytest.mark.parametrize("loses", ["answer", "request"])
async def test_an_activation_cut_in_its_commit_happens_once(cut: Cut, loses: str) -> None:
    """K1, L5: nobody knows whether the commit was done; asking again with the same key tells. One fill, one cycle."""

    async def activate(ports: Ports) -> Case | Refusal:
        return await subscriptions.activate_case(
            ports, cut.operator, key="k", case_uuid=case.terms.uuid, tier=PlanTier.PRO,
            payment_method=PaymentMethod.CARD,
        )  # fmt: skip

    case = await registered_case(cut.crowd.one, cut.operator)
    (cut.proxy.lose_answers if loses == "answer" else cut.proxy.lose_requests)(b"COMMIT", 1)
    with pytest.raises(DatabaseUnavailable):
        await activate(cut.ports)
    assert await count_rows(cut.crowd.one, "cycles", case) == (1 if loses == "answer" else 0)
    result = await activate(cut.ports)
    assert isinstance(result, Case)
    assert await activate(cut.crowd.one) == result
    assert [entry[:2] for entry in await entries_of(cut.crowd.one, case)] == [("ACTIVATION_FILL", 10_000)]
    assert await count_rows(cut.crowd.one, "cycles", case) == 1
    await assert_nothing_differs(cut.crowd.one)


async def test_settings_cut_in_their_commit_change_once(cut: Cut) -> None:
    """K1: the version of the terms counts one change."""

    async def update() -> Case | Refusal:
        return await cases.update_case_settings(
            cut.ports, cut.operator, key="k", case_uuid=case.terms.uuid, overage_enabled=True, auto_upgrade_allowed=None
        )

    case = await active_case(cut.crowd.one, cut.operator)
    cut.proxy.lose_answers(b"COMMIT", 1)
    with pytest.raises(DatabaseUnavailable):
        await update()
    updated = await update()
    assert isinstance(updated, Case)
    assert (updated.terms.overage_enabled, updated.terms.version) == (True, case.terms.version + 1)


async def test_a_registration_cut_in_its_commit_makes_one_case(cut: Cut) -> None:
    """K1: the second call finds the case of the first."""
    uuid = uuid4()

    async def register() -> Case | Refusal:
        return await cases.register_case(
            cut.ports, cut.operator, key="k", uuid=uuid, name="Roe v. Doe", organization_nuix_id="1",
            organization_name="Doe", portal_url="https://portal.example.com",
        )  # fmt: skip

    cut.proxy.lose_answers(b"COMMIT", 1)
    with pytest.raises(DatabaseUnavailable):
        await register()
    case = await register()
    assert isinstance(case, Case)
    assert case.terms.uuid == uuid
    assert await count_rows(cut.crowd.one, "cases") == 1


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_clients_behind_a_connection_that_often_breaks_get_each_effect_once(
    own_url: str, crowd: Crowd, clock: Clock, seed: int
) -> None:
    """K1, T2-T6: one request or answer in twenty is lost with its connection, at every point of the protocol."""
    case_ids = [(await active_case(crowd.one, crowd.operator)).terms.uuid for _ in range(3)]
    history = History(crowd.operator.caller_id)
    async with CuttingProxy(own_url, Random(seed)) as proxy, crowd_on(proxy.url, clock, processes=2) as behind:
        proxy.chance = 0.05

        async def run(number: int) -> None:
            door = ServiceDoor(behind.member(number), crowd.operator)
            client = Client(f"client {number}", door, history, Random(100 * seed + number))
            for turn in range(8):
                await client.run_task(case_ids, turn)

        await at_once(*(run(number) for number in range(8)))
        proxy.chance = 0.0
    assert proxy.cuts > 2
    assert unexplained(history, evidence(own_url)) == []
    await assert_nothing_differs(crowd.one)


@pytest.mark.parametrize("killed", [True, False])
async def test_a_restart_between_two_calls_is_not_noticed(
    durable: EmbeddedPostgres, clock: Clock, killed: bool
) -> None:
    """Every pooled connection is dead, by a crash or by an orderly end: reads, hot steps and transactions go on."""
    async with crowd_on(durable.url(), clock, processes=1) as crowd:
        ports, operator = crowd.one, crowd.operator
        made = [await active_case(ports, operator, overage=True) for _ in range(2 * HOT_CONNECTIONS)]
        await at_once(*(created(ports, operator, case, bulk()) for case in made))
        await at_once(*(reread(ports, operator, case) for case in made))
        if killed:
            durable.kill()
        else:
            durable.stop()
        durable.start()
        work = [created(ports, operator, case, bulk(ScanMode.TEXT, 5)) for case in made]
        assert {task.number for task in await at_once(*work)} == {2}
        assert {case.reservoir.held for case in await at_once(*(reread(ports, operator, case) for case in made))} == {6}
        another = await active_case(ports, operator)
        assert another.reservoir.balance == 10_000
        await assert_nothing_differs(ports)

"""What the pages say is what GraphQL says and what the ledger sums to, after random histories, in both languages.

PANEL_HISTORIES and MODEL_SEED play others: PANEL_HISTORIES=200 MODEL_SEED=7 pytest tests/web/test_surfaces_agree.py
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from app.domain.callers import Viewer
from app.runtime.servers.postgres import EmbeddedPostgres
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import Api
from tests.model.histories import History
from tests.model.history_commands import SetSettings
from tests.model.history_differences import differences
from tests.model.model import Model
from tests.model.real_system import RealSystem
from tests.stage import Clock, new_viewer, opened
from tests.web.page_reader import EN, FR
from tests.web.page_walk import figures_of_pages
from tests.web.person import SITE, come_in
from tests.web.surfaces import check_receipt, check_sums, entries_of, figures_of_graphql

HISTORIES = int(os.environ.get("PANEL_HISTORIES", "60"))
FIRST_SEED = int(os.environ.get("MODEL_SEED", "1"))
HISTORIES_OF_A_TEST = 10


@dataclass
class Service:
    """The application over a database of this module's own, and its clock."""

    client: httpx2.AsyncClient
    ports: Ports
    clock: Clock
    operator: Viewer
    api: Api


@pytest.fixture(scope="module")
async def service(postgres: EmbeddedPostgres) -> AsyncIterator[Service]:
    name = f"own_{uuid4().hex}"
    postgres.create_database(name, template="template")
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    async with opened(postgres.url(name), clock) as ports:
        operator, key = await new_viewer(ports)
        transport = httpx2.ASGITransport(app=build_app(ports, Settings()))
        async with httpx2.AsyncClient(transport=transport, base_url=SITE, timeout=30) as client:
            yield Service(client, ports, clock, operator, Api(client, key))
    postgres.drop_database(name)


@pytest.mark.timeout(0 if HISTORIES > 200 else 300)
@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + HISTORIES, HISTORIES_OF_A_TEST))
async def test_pages_graphql_and_ledger_tell_the_same(service: Service, first: int) -> None:
    """L1, L4, C4, C5, T3: every figure, and the sums that a reader can make of them."""
    for seed in range(first, min(first + HISTORIES_OF_A_TEST, FIRST_SEED + HISTORIES)):
        try:
            await compare(service, seed)
        except Exception as error:
            error.add_note(f"history {seed}: PANEL_HISTORIES=1 MODEL_SEED={seed} plays it alone")
            raise
    assert (await verify(service.ports)).differences == []


async def compare(service: Service, seed: int) -> None:
    uuid = await played(service, seed)
    service.client.cookies.clear()
    person = await come_in(service.client, service.ports, uuid)
    expected = await figures_of_graphql(service.api, uuid)
    rows = await entries_of(service.ports, uuid)
    check_sums(expected, rows)
    for language in (EN, FR):
        # Every other history has its tasks opened in French, the others in English.
        opening = language == (EN, FR)[seed % 2]
        found, receipts = await figures_of_pages(person, language, opening=opening)
        known = expected if opening else replace(expected, tasks=())
        assert list(differences(known, found, language)) == []
        for task in expected.tasks:
            own = [row for row in rows if row.task_number == task.number]
            for receipt in receipts.get(task.number, ()):
                await check_receipt(person, language, task, receipt, own)


async def played(service: Service, seed: int) -> UUID:
    """Plays the history of a single case, often with overage allowed, and lets some time pass after it."""
    history, random, model = History(seed, cases=("A",)), Random(seed), Model()
    system = RealSystem(service.ports, service.operator, f"panel {seed}")
    for step in range(random.randrange(5, 50)):
        commands = [history.next(model)]
        if random.random() < 0.04:
            sender: dict[str, Any] = {"at": history.now, "caller": "first client", "key": f"overage {step}"}
            commands.append(SetSettings(case="A", overage=True, auto_upgrade=None, **sender))
        for command in commands:
            getattr(model, command.method)(**vars(command))
            await getattr(system, command.method)(**vars(command))
    await system.move(history.now + timedelta(seconds=random.randrange(100_000)))
    return system.uuid("A")

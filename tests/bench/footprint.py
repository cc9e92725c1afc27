"""Row 10: bytes in the database for a settled document and for a reservation, tables and indexes together."""

import asyncio
import random

from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.cases import find_case
from tests.bench.ground import Ground
from tests.bench.rounds import Row
from tests.stage import bulk, created, report, succeeded

DOCUMENTS = 100_000
RESERVATIONS = 10_000
OF_A_DOCUMENT = ("task_documents",)
OF_A_RESERVATION = ("tasks", "ledger_entries", "idempotency_keys")


async def footprint(ground: Ground) -> list[Row]:
    [uuid] = await ground.cases(1, PlanTier.ENTERPRISE)
    case = await find_case(ground.ports, ground.viewer, uuid)
    assert case is not None

    before = await ground.size(*OF_A_DOCUMENT)
    task = await created(ground.ports, ground.viewer, case, bulk(ScanMode.TEXT, DOCUMENTS))
    order = random.Random(1)
    ids = [f"{order.getrandbits(48):012x}" for _ in range(DOCUMENTS)]
    for start in range(0, DOCUMENTS, 10_000):
        await report(ground.ports, ground.viewer, task, succeeded(ids[start : start + 10_000]))
    a_document = (await ground.size(*OF_A_DOCUMENT) - before) / DOCUMENTS

    before = await ground.size(*OF_A_RESERVATION)
    for _ in range(0, RESERVATIONS, 8):
        await asyncio.gather(*(created(ground.ports, ground.viewer, case, bulk(ScanMode.TEXT, 1)) for _ in range(8)))
    a_reservation = (await ground.size(*OF_A_RESERVATION) - before) / RESERVATIONS
    return [
        Row("Bytes of a settled document, random ids of 12 characters", f"{a_document:.0f}", "≤ 125"),
        Row("Bytes of a reservation: task, entry, key and their indexes", f"{a_reservation:.0f}", "≤ 400"),
    ]

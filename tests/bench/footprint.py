"""Row 10: bytes in the database for a settled document and for a reservation, tables and indexes together."""

import asyncio
import random

from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.cases import find_case
from tests.bench.ground import Ground
from tests.bench.rounds import Row
from tests.stage import bulk, created, report, succeeded

CALL = 10_000
"""Documents of a report."""

OF_A_DOCUMENT = ("task_documents",)
OF_A_RESERVATION = ("task_rows", "ledger_rows", "idempotency_keys")


async def footprint(ground: Ground) -> list[Row]:
    documents, reservations = ground.effort.documents, ground.effort.documents // 10
    unlimited, limited = await _case(ground, PlanTier.ENTERPRISE), await _case(ground, PlanTier.BUSINESS)

    before = await ground.size(*OF_A_DOCUMENT)
    task = await created(ground.ports, ground.viewer, unlimited, bulk(ScanMode.TEXT, documents))
    order = random.Random(1)
    ids = [f"{order.getrandbits(48):012x}" for _ in range(documents)]
    for start in range(0, documents, CALL):
        await report(ground.ports, ground.viewer, task, succeeded(ids[start : start + CALL]))
    a_document = (await ground.size(*OF_A_DOCUMENT) - before) / documents

    before = await ground.size(*OF_A_RESERVATION)
    for _ in range(0, reservations, 8):
        await asyncio.gather(*(created(ground.ports, ground.viewer, limited, bulk(ScanMode.TEXT, 1)) for _ in range(8)))
    a_reservation = (await ground.size(*OF_A_RESERVATION) - before) / reservations
    return [
        Row("Bytes of a settled document, random ids of 12 characters", a_document, most=125),
        Row("Bytes of a reservation: task, entry, key and their indexes", a_reservation, most=400),
    ]


async def _case(ground: Ground, tier: PlanTier) -> Case:
    [uuid] = await ground.cases(1, tier)
    case = await find_case(ground.ports, ground.viewer, uuid)
    assert case is not None
    return case

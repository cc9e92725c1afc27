"""Row 9: many clients ask an empty reservoir, which must cost little, leave nothing behind and hurt nobody else."""

from random import Random
from uuid import UUID

from app.domain.plans import PlanTier, plan
from app.domain.refusals import InsufficientTokens
from tests.bench.callers import WORKERS, allowed, beside, cold, in_parallel, through_the_service
from tests.bench.ground import Ground
from tests.bench.rounds import Row, Work, loss, per_second, rates, ratio

CLIENTS = 64
TABLES = ("tasks", "ledger_entries", "idempotency_keys")


async def refusal_storm(ground: Ground) -> list[Row]:
    effort = ground.effort
    others = await ground.cases(effort.cases)
    empty = await _emptied(ground)
    call, grants = through_the_service(ground), cold(allowed(ground), others, effort.calls)

    async def refused(_: Random | None = None) -> None:
        verdict = await call(empty, 1)
        assert isinstance(verdict, InsufficientTokens), verdict

    works: dict[str, Work] = {
        "refusals": lambda _: in_parallel(refused, CLIENTS, effort.calls),
        "grants": grants,
        "beside": lambda repetition: beside(grants, repetition, CLIENTS, refused),
    }
    before = [await ground.count(table, empty) for table in TABLES]
    measured = await rates(works, effort.repetitions)
    assert [await ground.count(table, empty) for table in TABLES] == before, "a refusal left rows behind"
    pair, others_pair = (measured["refusals"], measured["grants"]), (measured["beside"], measured["grants"])
    return [
        Row(
            f"Refusals, {CLIENTS} clients of an empty reservoir / cold reserves, {WORKERS} workers",
            ratio(*pair), per_second(*pair), least=4,
        ),
        Row(
            f"Reserves of other cases: loss beside {CLIENTS} clients of an empty reservoir",
            loss(*others_pair), per_second(*others_pair), unit="%", most=20,
        ),
    ]  # fmt: skip


async def _emptied(ground: Ground) -> UUID:
    """A case all of whose tokens a running task holds."""
    [uuid] = await ground.cases(1)
    cap = plan(PlanTier.BUSINESS).cap
    assert cap is not None
    assert await allowed(ground)(uuid, cap)
    return uuid

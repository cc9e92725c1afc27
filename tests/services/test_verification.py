"""The check that recomputes everything: silent after a busy history, and it names each difference that is planted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import TaskEnd, TaskRequest
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from tests.services.planting import found_after, told
from tests.stage import (
    active_case,
    bulk,
    create,
    created,
    failed,
    finish,
    named,
    new_viewer,
    opened,
    registered_case,
    report,
    skipped,
    succeeded,
)

NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)


async def busy_history(ports: Ports) -> None:
    """Case 1 on Pro in all modes, case 2 beyond its Starter tank, case 3 unlimited, case 4 just filled, case 5 new."""
    operator, _ = await new_viewer(ports)
    pro = await active_case(ports, operator, PlanTier.PRO)
    auto = await created(ports, operator, pro, bulk(ScanMode.AUTO, 20))
    modes = [succeeded(named(3, 10 * n), mode) for n, mode in enumerate(list(ScanMode)[1:])]
    await report(ports, operator, auto, *modes, failed(["f"]), skipped(["s"]))
    await finish(ports, operator, auto)
    await created(ports, operator, pro, bulk(ScanMode.TEXT, 100))
    codes = await created(ports, operator, pro, TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.AUDIO, 9, 4))
    await asyncio.gather(*(report(ports, operator, codes, succeeded(named(1, n))) for n in range(9)))
    single = await created(ports, operator, pro, TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1))
    await report(ports, operator, single, succeeded(["only"], ScanMode.VIDEO))
    starter = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    over = await created(ports, operator, starter, bulk(ScanMode.IMAGE, 300))
    await report(ports, operator, over, succeeded(named(250)))
    await report(ports, operator, over, failed(named(250)))
    await asyncio.gather(*(create(ports, operator, starter, bulk(ScanMode.TEXT, 1)) for _ in range(8)))
    unlimited = await active_case(ports, operator, PlanTier.ENTERPRISE)
    huge = await created(ports, operator, unlimited, bulk(ScanMode.AUTO, 3_000_000_000))
    await report(ports, operator, huge, succeeded(["a", "b"], ScanMode.AUDIO))
    await finish(ports, operator, huge, TaskEnd.CANCELLED)
    await created(ports, operator, unlimited, bulk(ScanMode.TEXT, 5))
    await active_case(ports, operator, PlanTier.BUSINESS)
    await registered_case(ports, operator)


@pytest.fixture(scope="module")
async def busy(postgres: EmbeddedPostgres) -> AsyncIterator[Ports]:
    """A database with a busy history, which nobody changes."""
    postgres.create_database("busy", template="template")
    async with opened(postgres.url("busy"), lambda: NOON) as ports:
        await busy_history(ports)
        yield ports


async def test_after_a_busy_history_there_is_no_difference(busy: Ports) -> None:
    result = await verify(busy)
    assert result.differences == []
    assert result.cases == 5
    assert result.entries > 30


def adjustment(**changed: int | None) -> str:
    """Inserts an entry into case 4, made of its first."""
    values = {
        "case_id": "case_id", "occurred_at": "occurred_at", "cycle_number": "cycle_number", "caller_id": "caller_id",
        "held_change": "0", "held_after": "0", "kind": "'ADJUSTMENT'",
        **{name: "null" if value is None else str(value) for name, value in changed.items()},
    }  # fmt: skip
    columns, selected = ", ".join(values), ", ".join(values.values())
    return f"insert into ledger_rows ({columns}) select {selected} from ledger_rows where case_id = 4"


PLANTED: dict[str, set[str]] = {
    "update reservoirs set balance = balance - 1 where case_id = 1": {"balance"},
    "update reservoirs set balance = 999 where case_id = 2": {"balance"},
    "update reservoirs set held = held + 1 where case_id = 1": {"held", "held by running tasks"},
    "update reservoirs set held = held + 1 where case_id = 3": {"held", "held by running tasks"},
    "update reservoirs set purchased = 1 where case_id = 1": {"purchased"},
    "update reservoirs set entries = entries + 1 where case_id = 4": {"entries"},
    "update reservoirs set tasks = tasks + 1 where case_id = 4": {"tasks", "last task"},
    "update reservoirs set cycle_number = 2 where case_id = 4": {"open cycle", "cycle of the last event"},
    "update ledger_entries set balance_change = balance_change + 1 where case_id = 4":
        {"balance", "entry 1: balance after", "cycle 1: granted"},
    "update ledger_entries set balance_after = balance_after + 1 where case_id = 4":
        {"entry 1: balance after", "entry 1: fill", "entry 1: granted", "entry 1, cycle 1: free"},
    "update cycles set month = '2026-01-01' where case_id = 1": {"cycle 1: month"},
    "update reservoirs set cap = 60000 where case_id = 4": {"cap"},
    "update cycles set tier = 'STARTER' where case_id = 4":
        {"cap", "cycle 1: tier", "entry 1: fill", "entry 1: granted", "entry 1, cycle 1: free", "cycle 1: plan billed",
         "cycle 1: tier of plan"},
    "update ledger_entries set caller_id = 999999 where case_id = 4": {"entry 1: caller"},
    "update ledger_entries set occurred_at = '2020-01-01' where case_id = 1 and sequence = 2":
        {"entry 2: time", "entry 2: before its cycle"},
    "update ledger_entries set balance_after = 1, balance_change = 0 where case_id = 3 and sequence = 1":
        {"entry 1: balance after"},
    "update ledger_entries set balance_after = balance_after + 1 where case_id = 1 and sequence = 2":
        {"entry 2: balance after", "entry 2, cycle 1: free"},
    "update ledger_entries set held_after = held_after + 1 where case_id = 1 and sequence = 5": {"entry 5: held after"},
    "update ledger_rows set provisional_change = null where case_id = 2 and sequence = 2":
        {"task 1: reserved", "task 1: provisional overage"},
    "update ledger_rows set overage_change = 1 where case_id = 1 and sequence = 3":
        {"task 1: charged", "task 1, TEXT_SCAN: charged", "task 1: overage", "cycle 1, TEXT_SCAN: charged",
            "cycle 1, TEXT_SCAN: overage"},
    "update ledger_rows set purchased_change = -1 where case_id = 1 and sequence = 3":
        {"purchased", "entry 3: bought"},
    "update ledger_entries set category = 'CHAT' where case_id = 1 and sequence = 3":
        {"cycle 1, TEXT_SCAN: charged", "task 1, TEXT_SCAN: charged", "task 1, TEXT_SCAN: documents charged",
            "cycle 1, CHAT: charged", "task 1, CHAT: charged", "task 1, CHAT: documents charged"},
    "update ledger_entries set category = case category when 'TEXT_SCAN' then 'IMAGE_SCAN' else 'TEXT_SCAN' "
    "end::usage_category where case_id = 1 and sequence in (3, 4); "
    "update cycle_usage set charged = 18 - charged where case_id = 1 and category in ('TEXT_SCAN', 'IMAGE_SCAN')":
        {"task 1, TEXT_SCAN: charged", "task 1, IMAGE_SCAN: charged"},
    "update ledger_entries set kind = 'ADJUSTMENT' where case_id = 4": {"cycle 1: granted"},
    "update ledger_entries set task_number = 3 where case_id = 1 and sequence = 2":
        {"task 1: reserved", "task 1: first entry", "task 3: reserved", "task 3: first entry"},
    "update ledger_entries set task_number = 99 where case_id = 1 and sequence = 2":
        {"task 1: reserved", "task 1: first entry"},
    "update ledger_entries set cycle_number = 2 where case_id = 1 and sequence = 2": {"entry 2: cycle"},
    "update ledger_entries set cycle_number = 2 where case_id = 4": {"entry 1: cycle", "cycle 1: granted"},
    "insert into cycles select 1, 2, 1, 0, starts_at, ends_at, month, 3, tier from cycles where case_id = 1; "
    "update reservoirs set cycle_number = 2 where case_id = 1; "
    "update ledger_entries set cycle_number = 2 where case_id = 1 and sequence = 3":
        {"cycle 1, TEXT_SCAN: charged", "cycle 2, TEXT_SCAN: charged", "cycle 2: start", "cycle 2: openings",
            "cycle of the last event", "cycle 2: plan lines", "cycle 2: plan billed"},
    "delete from ledger_entries where case_id = 4": {"balance", "entries", "cycle 1: granted"},
    "delete from ledger_entries where case_id = 3 and sequence = 5":
        {"held", "entries", "task 2: reserved", "task 2: first entry"},
    adjustment(sequence=2, balance_change=0, overage_change=1, balance_after=50_000): {"entries"},
    adjustment(sequence=3, balance_change=-1, overage_change=None, balance_after=49_999):
        {"entries", "balance", "entry 3: sequence"},
    "update ledger_entries set documents = documents + 1 where case_id = 1 and sequence = 3":
        {"task 1, TEXT_SCAN: documents charged"},
    "update ledger_entries set documents = null where case_id = 1 and sequence = 3":
        {"task 1, TEXT_SCAN: documents charged"},
    "update ledger_entries set documents = documents + 1 where case_id = 1 and category = 'MULTI_CODE'":
        {"task 3, MULTI_CODE: documents charged"},
    "update ledger_entries set task_number = 4 where case_id = 1 and sequence = 3":
        {"task 1: charged", "task 1, TEXT_SCAN: charged", "task 1, TEXT_SCAN: documents charged",
            "task 4: charged", "task 4, TEXT_SCAN: charged", "task 4, TEXT_SCAN: documents charged",
            "task 4: first entry", "task 4: last entry"},
    "update ledger_entries set documents = 99 where case_id = 1 and sequence = 7": {"task 1: documents refunded"},
    "update ledger_entries set documents = null where case_id = 1 and sequence = 7":
        {"task 1: documents refunded", "task 1: refunded by reports", "task 1: refunds at its end",
            "task 1: refunded at its end"},
    "update ledger_entries set documents = 8 where case_id = 1 and sequence = 8":
        {"task 1: documents refunded", "task 1: refunded by reports", "task 1: refunds at its end",
            "task 1: refunded at its end"},
    "update ledger_rows set balance_change = balance_change + 1, held_change = held_change - 1, "
    "balance_after = balance_after + 1, held_after = held_after - 1 where case_id = 1 and sequence = 7; "
    "update ledger_rows set balance_change = balance_change - 1, held_change = held_change + 1 "
    "where case_id = 1 and sequence = 8":
        {"task 1: refunded by reports", "task 1: refunded at its end"},
    "update tasks set status = 'RUNNING', finished_at = null where case_id = 1 and number = 1":
        {"task 1: refunds at its end", "task 1: refunded at its end"},
    "update tasks set first_entry = first_entry + 1 where case_id = 1 and number = 1": {"task 1: first entry"},
    "update tasks set first_entry = null where case_id = 1 and number = 2": {"task 2: first entry"},
    "update tasks set first_entry = 1 where case_id = 1 and number = 4": {"task 4: first entry"},
    "update tasks set last_entry = last_entry - 1 where case_id = 1 and number = 1": {"task 1: last entry"},
    "update tasks set last_entry = null where case_id = 1 and number = 1": {"task 1: last entry"},
    "update tasks set last_entry = first_entry where case_id = 1 and number = 2": {"task 2: last entry"},
    "update task_rows set succeeded = succeeded - 1 where case_id = 1 and number = 1":
        {"task 1: succeeded"},
    "update task_rows set failed = failed + 1 where case_id = 1 and number = 1": {"task 1: failed"},
    "update task_rows set skipped = null where case_id = 1 and number = 1": {"task 1: skipped"},
    "update tasks set documents = 21 where case_id = 1 and number = 1":
        {"task 1: reserved", "task 1: refunded at its end"},
    "update task_rows set documents = 21, reserved = 420, refunded = refunded + 20 where case_id = 1 and number = 1":
        {"task 1: reserved", "task 1: refunded", "task 1: refunded at its end"},
    "update task_rows set charged = charged + 1, refunded = refunded - 1 where case_id = 1 and number = 1":
        {"task 1: charged", "task 1: refunded"},
    "update task_rows set overage = overage - 1 where case_id = 2 and number = 1": {"task 1: overage"},
    "update task_rows set provisional = 1 where case_id = 1 and number = 2":
        {"task 2: provisional overage", "held by running tasks"},
    "update tasks set text_rate = 2 where case_id = 1 and number = 1":
        {"task 1, TEXT_SCAN: charged", "task 1: refunded by reports"},
    "update tasks set number = 9 where case_id = 1 and number = 2":
        {"last task", "task 9: reserved", "task 9: first entry"},
    "delete from tasks where case_id = 1 and number = 2": {"tasks", "held by running tasks"},
    "delete from tasks where case_id = 1 and number = 4": {"tasks", "last task", "task 4: documents"},
    "delete from task_documents where case_id = 1 and document_id = 'f'": {"task 1: failed"},
    "delete from task_documents where case_id = 1 and document_id = 'doc-000000' and task_number = 1":
        {"task 1: succeeded", "task 1, TEXT_SCAN: charged", "task 1, TEXT_SCAN: documents charged",
            "task 1: documents refunded", "task 1: refunded by reports", "task 1: refunded at its end"},
    "update task_documents set outcome = 'v' where case_id = 1 and document_id = 'doc-000000' and task_number = 1":
        {"task 1, TEXT_SCAN: charged", "task 1, TEXT_SCAN: documents charged", "task 1, VIDEO_SCAN: charged",
            "task 1, VIDEO_SCAN: documents charged", "task 1: documents refunded", "task 1: refunded by reports"},
    "update task_documents set outcome = 's' where case_id = 1 and document_id = 'f'":
        {"task 1: failed", "task 1: skipped"},
    "insert into task_documents values (1, 2, 'f', 'x')": {"task 2: failed"},
    "insert into task_documents values (4, 1, 'f', 'x')": {"task 1: documents"},
    "update cycle_usage set charged = charged + 1 where case_id = 1 and category = 'MULTI_CODE'":
        {"cycle 1, MULTI_CODE: charged"},
    "update cycle_usage set overage = overage - 1 where case_id = 2": {"cycle 1, IMAGE_SCAN: overage"},
    "delete from cycle_usage where case_id = 3": {"cycle 1, AUDIO_SCAN: charged"},
    "insert into cycle_usage values (4, 1, 7, 0, 'CHAT')": {"cycle 1, CHAT: charged"},
    "update cycles set granted = granted + 1 where case_id = 4": {"cycle 1: granted"},
    "delete from cycles where case_id = 4":
        {"entry 1: cycle", "open cycle", "cycle 1: plan lines", "cycle 1: plan billed"},
}  # fmt: skip


@pytest.mark.parametrize("change", PLANTED)
async def test_every_planted_difference_is_found_and_named(busy: Ports, change: str) -> None:
    found = await found_after(busy, change)
    assert told(found) == PLANTED[change]
    assert len({difference.case for difference in found}) == 1
